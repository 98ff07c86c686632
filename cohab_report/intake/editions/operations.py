"""Makes the night's edition: the only way off the public list and map but an author's own withdrawal."""

from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.db import db
from cohab_report.intake.cells.operations import recount_cells
from cohab_report.intake.editions import queries
from cohab_report.intake.editions.events import EditionMade
from cohab_report.scheduled_jobs import job_now
from cohab_report.territory import queries as territory

LATE_AFTER = timedelta(hours=36)
"""How old the latest edition may be while something waits to leave, before `/readyz` says so."""


def make_due_edition(*, at: datetime) -> bool:
    """Makes the edition of the city's day of `at` unless it is made; returns whether it made it.

    A night that was missed is made up for at the first run after it.
    """
    zone, latest = territory.city_facts().zone, queries.latest_edition_at()
    if latest is not None and latest.astimezone(zone).date() >= at.astimezone(zone).date():
        return False
    make_edition(at=at)
    return True


make_due_edition_now = job_now(make_due_edition)
"""Scheduled every ten minutes, so that the edition is made just after midnight."""


def make_edition(*, at: datetime) -> None:
    """Takes off the list and the map what leaves them, and recounts the map's cells.

    In one transaction: nobody sees a list and counts of different nights.
    """
    day = at.astimezone(territory.city_facts().zone).date()
    left = queries.take_off_list_and_map(day, at=at)
    db.session.expire_all()
    recount_cells(at=at)
    journal.record(EditionMade(thread=f"edition:{day.isoformat()}", left=left), by=journal.SYSTEM, at=at)


def edition_age(*, at: datetime) -> float | None:
    """Returns how many seconds ago the last edition was made; None before the first."""
    latest = queries.latest_edition_at()
    return None if latest is None else max(0.0, (at - latest).total_seconds())


def is_late(*, at: datetime) -> bool:
    """Tells whether something waits to leave although no edition was made for a day and a half."""
    latest = queries.latest_edition_at()
    if latest is not None and at - latest < LATE_AFTER:
        return False
    return queries.is_anything_leaving((at - LATE_AFTER).date())
