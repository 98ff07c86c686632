"""Queries of the journal: the history of threads, and when something happened last."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select

from cohab_report.db import db
from cohab_report.journal.declaration import JournalEvent
from cohab_report.journal.models import Event


def history(*threads: str, public_only: bool = False) -> Sequence[Event]:
    """Returns the events of these threads, the newest first; only those that residents may read when `public_only`."""
    query = select(Event).where(Event.thread.in_(threads)).order_by(Event.happened_at.desc(), Event.id.desc())
    if public_only:
        query = query.where(Event.is_public)
    return db.session.scalars(query).all()


def latest_at(event: type[JournalEvent]) -> datetime | None:
    """Returns when an event of this class, derived ones left out, happened last; None if never."""
    return db.session.scalar(select(func.max(Event.happened_at)).where(Event.name == event.name))
