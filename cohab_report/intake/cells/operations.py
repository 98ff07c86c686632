"""Keeps the cell counts in step with what is public, in the same transaction; each night's edition recounts them."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from cohab_report.catalogue.models import Protection
from cohab_report.db import db
from cohab_report.intake.cells import queries
from cohab_report.intake.cells.models import CELL_LEVELS, CELL_SPANS, CellCount
from cohab_report.intake.models import Observation
from cohab_report.territory import queries as territory

CellCountKey = tuple[date, int, Mapping[str, Any]]
"""The public day, the cell, and the columns that the map can be filtered by."""


@contextmanager
def updating_cell_counts(observation: Observation, *, at: datetime | None = None) -> Iterator[None]:
    """Adds to the cell counts what becomes public, or ceases to be, of the observation inside the `with` block.

    `at` is needed only where an observation may become public.
    """
    before = _count_key(observation)
    yield
    after = _count_key(observation)
    if before != after:
        # A period in which nothing was public at the last recount has no row that tells its first day.
        first_days = {**(_first_days_until(at) if at else {}), **queries.first_days()}
        rows = [*_count_rows(before, -1, first_days), *_count_rows(after, 1, first_days)]
        if rows:
            db.session.execute(insert(CellCount), rows)


def recount_cells(*, at: datetime) -> None:
    """Recounts all cells from what is public, for the periods that end on the city's day of `at`."""
    queries.delete_cell_counts()
    for days, since in _first_days_until(at).items():
        queries.insert_finest_counts(days, since)
    for level in CELL_LEVELS[1:]:
        queries.insert_coarser_counts(level)


def _count_key(observation: Observation) -> CellCountKey | None:
    if not observation.is_public or observation.public_cell is None:
        return None
    is_exact = observation.public_protection is Protection.PUBLIC_EXACT
    filter_columns = {
        "kind": observation.kind,
        "status": observation.status,
        "sector_id": observation.sector_id,
        "is_exact": is_exact,
    }
    return observation.public_on, observation.public_cell, filter_columns


def _count_rows(key: CellCountKey | None, n: int, first_days: Mapping[int, date]) -> list[dict[str, Any]]:
    if key is None:
        return []
    public_on, cell, columns = key
    spans = [(days, since) for days, since in first_days.items() if public_on >= since]
    return [
        {"level": level, "days": days, "since": since, "cell": cell // 4**level, "n": n, **columns}
        for days, since in spans
        for level in CELL_LEVELS
    ]


def _first_days_until(at: datetime) -> dict[int, date]:
    today = at.astimezone(territory.city_facts().zone).date()
    return {days: today - timedelta(days=days) for days in CELL_SPANS}
