"""Reads the cell counts, and the statements that recount them. `intake.queries.is_public` alone decides what counts."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, delete, func, insert, literal, select, text
from sqlalchemy.orm import InstrumentedAttribute

from cohab_report.catalogue.models import Protection
from cohab_report.db import db
from cohab_report.intake.cells.models import CellCount
from cohab_report.intake.models import Observation
from cohab_report.intake.queries import (
    ObservationFilter,
    PublicObservation,
    filter_conditions,
    is_public,
    public,
    to_public_observation,
)
from cohab_report.territory.models import Sector

FILTER_COLUMNS: Sequence[InstrumentedAttribute[object]] = (
    CellCount.kind,
    CellCount.status,
    CellCount.sector_id,
    CellCount.is_exact,
)
CELL_COUNT_COLUMNS = ["level", "days", "since", "cell", "kind", "status", "sector_id", "is_exact", "n"]


@dataclass(frozen=True)
class CellRange:
    """The cells between two corners of a box, by Morton number at one level, both included.

    Some of them lie outside the box.
    """

    level: int
    first: int
    last: int


def cell_counts(
    cell_range: CellRange, criteria: ObservationFilter, *, days: int, without_points: bool = False
) -> Sequence[tuple[int, int]]:
    """Returns (cell number, count) of the public observations that match the filter in each cell of the range.

    `without_points` leaves out those that are shown as points.
    """
    total = func.sum(CellCount.n)
    query = select(CellCount.cell, total).where(
        CellCount.level == cell_range.level,
        CellCount.days == days,
        CellCount.cell.between(cell_range.first, cell_range.last),
    )
    if criteria.kind is not None:
        query = query.where(CellCount.kind == criteria.kind)
    if criteria.status is not None:
        query = query.where(CellCount.status == criteria.status)
    if criteria.sector is not None:
        query = query.where(
            CellCount.sector_id == select(Sector.id).where(Sector.code == criteria.sector).scalar_subquery()
        )
    if without_points:
        query = query.where(~CellCount.is_exact)
    positive = query.group_by(CellCount.cell).having(total > 0).order_by(CellCount.cell)
    return [(row[0], int(row[1])) for row in db.session.execute(positive)]


def exact_observations(
    cells: Collection[int], criteria: ObservationFilter, *, limit: int
) -> Sequence[PublicObservation]:
    """Returns the public observations with an exact point in these cells that match the filter, the newest first."""
    exact = public().where(
        Observation.public_cell.in_(cells),
        Observation.public_protection == Protection.PUBLIC_EXACT,
        *filter_conditions(criteria),
    )
    newest = exact.order_by(Observation.public_on.desc(), Observation.reference.desc()).limit(limit)
    return [to_public_observation(row) for row in db.session.execute(newest)]


def first_days() -> Mapping[int, date]:
    """Returns the first day that is counted, by period; empty before the first recount."""
    query = select(CellCount.days, func.max(CellCount.since)).group_by(CellCount.days)
    return {row[0]: row[1] for row in db.session.execute(query)}


def delete_cell_counts() -> None:
    """Deletes all cell counts and keeps others from adding any until this transaction ends."""
    if db.session.connection().dialect.name == "postgresql":
        # Other transactions wait before they add a row: a change that the recount sees must not be added once more.
        db.session.execute(text("LOCK TABLE cell_count IN SHARE ROW EXCLUSIVE MODE"))
    db.session.execute(delete(CellCount), execution_options={"synchronize_session": False})


def insert_finest_counts(days: int, since: date) -> None:
    """Counts every public observation since that day at the finest level."""
    is_exact = Observation.public_protection == Protection.PUBLIC_EXACT
    filter_columns = (Observation.kind, Observation.status, Observation.sector_id, is_exact)
    counts = select(literal(0), literal(days), literal(since), Observation.public_cell, *filter_columns, func.count())
    counts = counts.where(and_(is_public(), Observation.public_on >= since)).group_by(
        Observation.public_cell, *filter_columns
    )
    db.session.execute(insert(CellCount).from_select(CELL_COUNT_COLUMNS, counts))


def insert_coarser_counts(level: int) -> None:
    """Sums the counts of the finest level up to this level."""
    parent = CellCount.cell // 4**level
    period = (CellCount.days, CellCount.since)
    sums = select(literal(level), *period, parent, *FILTER_COLUMNS, func.sum(CellCount.n))
    sums = sums.where(CellCount.level == 0).group_by(*period, parent, *FILTER_COLUMNS)
    db.session.execute(insert(CellCount).from_select(CELL_COUNT_COLUMNS, sums))
