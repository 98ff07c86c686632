"""Answers for figures: the monthly cube, and the counts that it is made of.

What counts: observations received, by the month of their receipt in the city's zone. Withdrawn ones don't, nor what still waits in
quarantine or was closed from there. Observations merged into one case each count; the case counts once, in the month it was opened. Kind
and category are triage's judgement (the case's), the sector is the observation's, and nothing finer than a sector is ever read.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update

from cohab_report.catalogue.models import Kind
from cohab_report.db import db
from cohab_report.insight.models import ActionTally, Audience, Publication, Tally
from cohab_report.insight.quarters import Quarter
from cohab_report.intake.models import Observation
from cohab_report.triage.models import Case, CaseObservation, CaseState, Link, LinkState, Queue, QueueKind

OPEN = "open"
CellKey = tuple[Kind, int, int, str, bool]
"""Kind, category, sector, outcome, out of plan."""
ActionKey = tuple[int, Kind]


@dataclass(frozen=True)
class Counted:
    """One cell of the monthly cube."""

    month: date
    kind: Kind
    category_id: int
    sector_id: int
    outcome: str
    is_out_of_plan: bool
    observations: int
    cases: int


@dataclass(frozen=True)
class CountedLink:
    """How many observations of one kind count toward one action in the quarter."""

    action_id: int
    kind: Kind
    observations: int


@dataclass(frozen=True)
class LinkCell:
    """One cell of the monthly cube of links."""

    month: date
    action_id: int
    kind: Kind
    observations: int
    cases: int


def quarters_counted() -> dict[Quarter, datetime]:
    """When each quarter in which something was counted was counted last, the earliest quarter first."""
    counted: dict[Quarter, datetime] = {}
    for month, at in db.session.execute(
        select(Tally.month, func.max(Tally.counted_at)).group_by(Tally.month).order_by(Tally.month)
    ):
        counted[Quarter.of(month)] = max(at, counted.get(Quarter.of(month), at))
    return counted


def counted(first: date, end: date) -> Sequence[Counted]:
    """The cells of the cube from one month to another, the end excluded."""
    query = select(
        Tally.month, Tally.kind, Tally.category_id, Tally.sector_id, Tally.outcome, Tally.is_out_of_plan, Tally.observations, Tally.cases
    ).where(Tally.month >= first, Tally.month < end)  # fmt: skip
    return [Counted(*row) for row in db.session.execute(query)]


def link_cells(first: date, end: date) -> Sequence[LinkCell]:
    """The cells of the cube of links from one month to another, the end excluded."""
    query = select(
        ActionTally.month, ActionTally.action_id, ActionTally.kind, ActionTally.observations, ActionTally.cases
    )
    return [
        LinkCell(*row) for row in db.session.execute(query.where(ActionTally.month >= first, ActionTally.month < end))
    ]


def counted_links(quarter: Quarter) -> Sequence[CountedLink]:
    """How many observations count toward each action in the quarter, by kind."""
    query = (
        select(ActionTally.action_id, ActionTally.kind, func.sum(ActionTally.observations))
        .where(ActionTally.month >= quarter.first_day, ActionTally.month < quarter.next.first_day)
        .group_by(ActionTally.action_id, ActionTally.kind)
    )
    return [CountedLink(action, kind, int(count)) for action, kind, count in db.session.execute(query)]


def first_received_at() -> datetime | None:
    """When the first observation was received, or None when none was."""
    return db.session.scalar(select(func.min(Observation.received_at)))


def observations_between(begin: datetime, end: datetime) -> Counter[CellKey]:
    """How many observations that count were received between two instants, by cell of the cube."""
    columns = (Case.kind, Case.category_id, Observation.sector_id, Case.state, Case.closing_reason, Case.is_out_of_plan)
    query = (
        select(*columns, func.count().label("count"))
        .select_from(Observation)
        .join(CaseObservation, CaseObservation.observation_id == Observation.id)
        .join(Case, Case.id == CaseObservation.case_id)
        .join(Queue, Queue.id == Case.queue_id)
        .where(Observation.received_at >= begin, Observation.received_at < end, Observation.withdrawn_at.is_(None))
        .where(Queue.kind != QueueKind.QUARANTINE)
        .group_by(*columns)
    )
    return _by_outcome(db.session.execute(query))


def cases_between(begin: datetime, end: datetime) -> Counter[CellKey]:
    """How many cases that count were opened between two instants, by cell of the cube; merged ones live on in another."""
    stands = exists().where(
        CaseObservation.case_id == Case.id,
        Observation.id == CaseObservation.observation_id,
        Observation.withdrawn_at.is_(None),
    )
    columns = (Case.kind, Case.category_id, Case.sector_id, Case.state, Case.closing_reason, Case.is_out_of_plan)
    query = (
        select(*columns, func.count().label("count"))
        .select_from(Case)
        .join(Queue, Queue.id == Case.queue_id)
        .where(
            Case.opened_at >= begin,
            Case.opened_at < end,
            Case.state != CaseState.MERGED,
            Queue.kind != QueueKind.QUARANTINE,
            stands,
        )
        .group_by(*columns)
    )
    return _by_outcome(db.session.execute(query))


def links_between(begin: datetime, end: datetime) -> dict[ActionKey, tuple[int, int]]:
    """How many observations received between two instants, and in how many cases, count toward each action: confirmed links only."""
    query = (
        select(Link.action_id, Case.kind, func.count(), func.count(Case.id.distinct()))
        .select_from(Observation)
        .join(CaseObservation, CaseObservation.observation_id == Observation.id)
        .join(Case, Case.id == CaseObservation.case_id)
        .join(Queue, Queue.id == Case.queue_id)
        .join(Link, Link.case_id == Case.id)
        .where(Observation.received_at >= begin, Observation.received_at < end, Observation.withdrawn_at.is_(None))
        .where(Queue.kind != QueueKind.QUARANTINE, Link.state == LinkState.CONFIRMED)
        .group_by(Link.action_id, Case.kind)
    )
    return {(action, kind): (observations, cases) for action, kind, observations, cases in db.session.execute(query)}


def forget_counts(first: date, end: date) -> None:
    """The cube is empty from one month to another, until it is counted again in the same transaction."""
    for table in (Tally, ActionTally):
        db.session.execute(delete(table).where(table.month >= first, table.month < end))


def forget_counts_outside(first: date, end: date) -> None:
    """The cube is empty but from one month to another, the end excluded."""
    for table in (Tally, ActionTally):
        db.session.execute(delete(table).where(or_(table.month < first, table.month >= end)))


def stamp_counts(quarter: Quarter, at: datetime) -> None:
    """The quarter was counted anew and is the same: its cells, and what the committee reads of just these, count until now."""
    before = quarters_counted().get(quarter)
    kept = update(Publication).where(
        Publication.audience == Audience.COMMITTEE, Publication.quarter == quarter.first_day
    )
    db.session.execute(kept.where(Publication.counted_at == before).values(counted_at=at))
    for table in (Tally, ActionTally):
        cells = update(table).where(table.month >= quarter.first_day, table.month < quarter.next.first_day)
        db.session.execute(cells.values(counted_at=at))


def _by_outcome(rows: Iterable[Any]) -> Counter[CellKey]:
    """Counts by the reason of closing for closed cases, by `open` for all others."""
    counts: Counter[CellKey] = Counter()
    for kind, category, sector, state, reason, apart, count in rows:
        outcome = str(reason) if state is CaseState.CLOSED and reason else OPEN
        counts[kind, category, sector, outcome, apart] += count
    return counts
