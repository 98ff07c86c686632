"""Queries of what leaves the public list and map with the next night's edition, and of the latest one."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, select, update

from cohab_report import journal
from cohab_report.db import db, updated_rows
from cohab_report.intake.editions.events import EditionMade
from cohab_report.intake.models import Observation
from cohab_report.intake.queries import is_public


def latest_edition_at() -> datetime | None:
    """Returns when the latest edition was made; None before the first."""
    return journal.latest_at(EditionMade)


def take_off_list_and_map(day: date, *, at: datetime) -> int:
    """Takes off what leaves with the edition of this day, and erases its public point; returns how many."""
    nowhere = {"public_lon": None, "public_lat": None, "public_cell": None}
    leaving = [update(Observation).where(is_public(), reason) for reason in _reasons_to_leave(day)]
    return sum(updated_rows(each.values(left_public_at=at, **nowhere)) for each in leaving)


def is_anything_leaving(day: date) -> bool:
    """Tells whether anything waits to leave with the edition of this day."""
    waiting = (select(Observation.id).where(is_public(), reason).limit(1) for reason in _reasons_to_leave(day))
    return any(db.session.scalar(each) is not None for each in waiting)


def _reasons_to_leave(day: date) -> Sequence[ColumnElement[bool]]:
    """Returns why an observation leaves: its own time is over, or its protection rose since it was published."""
    # One condition a statement: each has its own partial index.
    return Observation.public_until < day, Observation.protection > Observation.public_protection
