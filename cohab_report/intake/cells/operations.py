"""The ledger follows what is public of each observation, in the same transaction; a night's work sums it up."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import insert

from cohab_report.catalogue.models import Protection
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake.cells import queries
from cohab_report.intake.cells.models import LEVELS, SPANS, CellCount
from cohab_report.intake.models import Observation
from cohab_report.territory import queries as territory

Sort = tuple[date, int, Mapping[str, Any]]
"""The public day, the cell, and the columns that a reader may filter by."""


@contextmanager
def counted(observation: Observation, *, at: datetime | None = None) -> Iterator[None]:
    """What becomes public of the observation inside, or ceases to be, is in the ledger. `at` is needed only where something may appear."""
    before = _sort_of(observation)
    yield
    after = _sort_of(observation)
    if before != after:
        first_days = queries.first_days() or (_days_before(at) if at else {})
        rows = [*_rows(before, -1, first_days), *_rows(after, 1, first_days)]
        if rows:
            db.session.execute(insert(CellCount), rows)


def recount(*, at: datetime) -> None:
    """The ledger is written anew from what is public, for the spans that end on this day in the city."""
    queries.forget()
    for days, since in _days_before(at).items():
        queries.write_finest(days, since)
    for level in LEVELS[1:]:
        queries.write_coarser(level)


def recount_now() -> None:
    """`recount` at this instant: what the schedule asks for every night."""
    with current_app.app_context(), transaction():
        recount(at=now())


def _sort_of(observation: Observation) -> Sort | None:
    if not observation.is_public or observation.public_cell is None:
        return None
    is_exact = observation.protection is Protection.PUBLIC_EXACT
    sort = {
        "kind": observation.kind,
        "status": observation.status,
        "sector_id": observation.sector_id,
        "is_exact": is_exact,
    }
    return observation.public_on, observation.public_cell, sort


def _rows(sort: Sort | None, n: int, first_days: Mapping[int, date]) -> list[dict[str, Any]]:
    if sort is None:
        return []
    on, cell, columns = sort
    spans = [(days, since) for days, since in first_days.items() if on >= since]
    return [
        {"level": level, "days": days, "since": since, "cell": cell // 4**level, "n": n, **columns}
        for days, since in spans
        for level in LEVELS
    ]


def _days_before(at: datetime) -> dict[int, date]:
    today = at.astimezone(territory.ground().zone).date()
    return {days: today - timedelta(days=days) for days in SPANS}
