"""Answers of the ledger, and the statements that write it anew. What counts is decided by `intake.queries.is_public` alone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import and_, delete, func, insert, literal, select, text
from sqlalchemy.orm import InstrumentedAttribute

from cohab_report.catalogue.models import Protection
from cohab_report.db import db
from cohab_report.intake.cells.models import CellCount
from cohab_report.intake.models import Observation
from cohab_report.intake.queries import PublicObservation, Wanted, fitting, is_public, public, told
from cohab_report.territory.models import Sector

SORT: Sequence[InstrumentedAttribute[object]] = (
    CellCount.kind,
    CellCount.status,
    CellCount.sector_id,
    CellCount.is_exact,
)
COLUMNS = ["level", "days", "since", "cell", "kind", "status", "sector_id", "is_exact", "n"]


@dataclass(frozen=True)
class Span:
    """The cells from one corner of a box to the other: Morton numbers at one level, both included; some between lie outside the box."""

    level: int
    first: int
    last: int


def counts(span: Span, wanted: Wanted, *, days: int, but_points: bool = False) -> Sequence[tuple[int, int]]:
    """How many public observations that fit lie in each cell of the span: (cell number, count). Without those shown as points, if asked."""
    total = func.sum(CellCount.n)
    query = select(CellCount.cell, total).where(
        CellCount.level == span.level, CellCount.days == days, CellCount.cell.between(span.first, span.last)
    )  # fmt: skip
    if wanted.kind is not None:
        query = query.where(CellCount.kind == wanted.kind)
    if wanted.status is not None:
        query = query.where(CellCount.status == wanted.status)
    if wanted.sector is not None:
        query = query.where(
            CellCount.sector_id == select(Sector.id).where(Sector.code == wanted.sector).scalar_subquery()
        )
    if but_points:
        query = query.where(~CellCount.is_exact)
    found = query.group_by(CellCount.cell).having(total > 0).order_by(CellCount.cell)
    return [(row[0], int(row[1])) for row in db.session.execute(found)]


def points(cells: Collection[int], wanted: Wanted, *, limit: int) -> Sequence[PublicObservation]:
    """Public observations that fit and may be told to the point, in these cells of the lattice, the newest day first."""
    exact = public().where(
        Observation.public_cell.in_(cells), Observation.protection == Protection.PUBLIC_EXACT, *fitting(wanted)
    )
    newest = exact.order_by(Observation.public_on.desc(), Observation.reference.desc()).limit(limit)
    return [told(row) for row in db.session.execute(newest)]


def first_days() -> Mapping[int, date]:
    """The first day that the ledger counts, by span; empty where nothing was ever counted."""
    query = select(CellCount.days, func.max(CellCount.since)).group_by(CellCount.days)
    return {row[0]: row[1] for row in db.session.execute(query)}


def forget() -> None:
    """The ledger is empty, and nobody adds to it until this transaction ends."""
    if db.session.connection().dialect.name == "postgresql":
        # Whoever adds a row meanwhile waits: a change that the new count already sees must not be added to it once more.
        db.session.execute(text("LOCK TABLE cell_count IN SHARE ROW EXCLUSIVE MODE"))
    db.session.execute(delete(CellCount), execution_options={"synchronize_session": False})


def write_finest(days: int, since: date) -> None:
    """The ledger counts every public observation since that day at its finest level."""
    is_exact = Observation.protection == Protection.PUBLIC_EXACT
    sort = (Observation.kind, Observation.status, Observation.sector_id, is_exact)
    counted = select(literal(0), literal(days), literal(since), Observation.public_cell, *sort, func.count())
    counted = counted.where(and_(is_public(), Observation.public_on >= since)).group_by(Observation.public_cell, *sort)
    db.session.execute(insert(CellCount).from_select(COLUMNS, counted))


def write_coarser(level: int) -> None:
    """The ledger counts at this level what it counts at the finest."""
    parent = CellCount.cell // 4**level
    same = (CellCount.days, CellCount.since)
    summed = select(literal(level), *same, parent, *SORT, func.sum(CellCount.n))
    summed = summed.where(CellCount.level == 0).group_by(*same, parent, *SORT)
    db.session.execute(insert(CellCount).from_select(COLUMNS, summed))
