"""Queries of the journal: the history of threads, and the events that wait for their listeners."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from cohab_report.db import claim_row, db
from cohab_report.journal.models import Event

CLAIM_LEASE = timedelta(minutes=5)
"""How long a claim lasts; after that another worker may claim the event of one that died."""


def history(*threads: str, public_only: bool = False) -> Sequence[Event]:
    """Returns the events of these threads, the newest first; only those that residents may read when `public_only`."""
    query = select(Event).where(Event.thread.in_(threads)).order_by(Event.happened_at.desc(), Event.id.desc())
    if public_only:
        query = query.where(Event.is_public)
    return db.session.scalars(query).all()


def unclaimed_event_ids(*, at: datetime, limit: int = 200) -> Sequence[int]:
    """Returns the ids of events that wait for their listeners, the oldest first: unclaimed, or the claim lapsed."""
    query = select(Event.id).where(Event.done_at.is_(None), _is_claimable(at)).order_by(Event.id).limit(limit)
    return db.session.scalars(query).all()


def claim_event(event_id: int, *, at: datetime) -> bool:
    """Claims an event for this worker.

    True for exactly one of concurrent callers. The claim lapses after CLAIM_LEASE.
    """
    return claim_row(
        update(Event).where(Event.id == event_id, Event.done_at.is_(None), _is_claimable(at)).values(claimed_at=at)
    )


def _is_claimable(at: datetime) -> Any:
    return or_(Event.claimed_at.is_(None), Event.claimed_at < at - CLAIM_LEASE)
