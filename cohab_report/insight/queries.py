"""Queries of the monthly counts, and of the observations, cases and links that they are counted from.

What counts: observations received, by the month of their receipt in the city's zone. Withdrawn ones don't, nor what
still waits in quarantine or was closed from there. Observations merged into one case each count; the case counts once,
in the month it was opened. The category is triage's judgement (the case's), the kind is that category's present one,
the sector is the observation's, and nothing finer than a sector is ever read.

Across purposes it is the resident's judgement that counts: an observation that the team recoded to another purpose is
counted in the category that was sent (`triage.rules.counted_category`), so that no recoding moves a share of figures.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from cohab_report.catalogue.models import Category, Kind
from cohab_report.db import db
from cohab_report.insight.models import ActionMonthlyCount, Audience, MonthlyCount, Publication
from cohab_report.insight.quarters import Quarter
from cohab_report.intake.models import Observation
from cohab_report.triage.models import Case, CaseObservation, CaseState, Link, LinkState
from cohab_report.triage.waiting.models import Queue, QueueKind

OPEN = "open"
CountKey = tuple[Kind, int, int, str, bool]
"""Kind, category id, sector id, outcome, out of plan: what one count of a month is counted by."""
ActionCountKey = tuple[int, Kind]
"""Action id, kind."""


SENT, JUDGED, OPENING = aliased(Category), aliased(Category), aliased(Observation)
"""The category that was sent, the case's, and the observation that opened the case."""
IS_COUNTED_AS_SENT = and_(
    JUDGED.kind != Kind.CONCERN,
    or_(SENT.purpose != JUDGED.purpose, (SENT.kind == Kind.POSITIVE) != (JUDGED.kind == Kind.POSITIVE)),
)
"""`triage.rules.counted_category`, as a condition."""
COUNTED_KIND = case((IS_COUNTED_AS_SENT, SENT.kind), else_=JUDGED.kind)
COUNTED_AS = (COUNTED_KIND, case((IS_COUNTED_AS_SENT, SENT.id), else_=JUDGED.id))
"""Kind and category id that an observation, or its case, is counted as."""


@dataclass(frozen=True)
class MonthlyCountValues:
    """The values of one `MonthlyCount`, without its id and without when it was counted."""

    month: date
    kind: Kind
    category_id: int
    sector_id: int
    outcome: str
    is_out_of_plan: bool
    observations: int
    cases: int


@dataclass(frozen=True)
class ActionMonthlyCountValues:
    """The values of one `ActionMonthlyCount`, without its id and without when it was counted."""

    month: date
    action_id: int
    kind: Kind
    observations: int
    cases: int


@dataclass(frozen=True)
class ActionQuarterCount:
    """How many observations of one kind count toward one action in a quarter."""

    action_id: int
    kind: Kind
    observations: int


def counting_times() -> dict[Quarter, datetime]:
    """Returns when each quarter that has monthly counts was counted last, the earliest quarter first."""
    times: dict[Quarter, datetime] = {}
    for month, counted_at in db.session.execute(
        select(MonthlyCount.month, func.max(MonthlyCount.counted_at))
        .group_by(MonthlyCount.month)
        .order_by(MonthlyCount.month)
    ):
        quarter = Quarter.of(month)
        times[quarter] = max(counted_at, times.get(quarter, counted_at))
    return times


def monthly_counts(first: date, end: date) -> Sequence[MonthlyCountValues]:
    """Returns the counts of the months from `first` to `end`, `end` excluded; both are first days of a month."""
    query = select(
        MonthlyCount.month,
        MonthlyCount.kind,
        MonthlyCount.category_id,
        MonthlyCount.sector_id,
        MonthlyCount.outcome,
        MonthlyCount.is_out_of_plan,
        MonthlyCount.observations,
        MonthlyCount.cases,
    ).where(MonthlyCount.month >= first, MonthlyCount.month < end)
    return [MonthlyCountValues(*row) for row in db.session.execute(query)]


def action_monthly_counts(first: date, end: date) -> Sequence[ActionMonthlyCountValues]:
    """Returns the counts by action of the months from `first` to `end`, `end` excluded."""
    query = select(
        ActionMonthlyCount.month,
        ActionMonthlyCount.action_id,
        ActionMonthlyCount.kind,
        ActionMonthlyCount.observations,
        ActionMonthlyCount.cases,
    ).where(ActionMonthlyCount.month >= first, ActionMonthlyCount.month < end)
    return [ActionMonthlyCountValues(*row) for row in db.session.execute(query)]


def action_quarter_counts(quarter: Quarter) -> Sequence[ActionQuarterCount]:
    """Returns how many observations count toward each action in the quarter, by kind."""
    query = (
        select(ActionMonthlyCount.action_id, ActionMonthlyCount.kind, func.sum(ActionMonthlyCount.observations))
        .where(ActionMonthlyCount.month >= quarter.first_day, ActionMonthlyCount.month < quarter.next.first_day)
        .group_by(ActionMonthlyCount.action_id, ActionMonthlyCount.kind)
    )
    return [ActionQuarterCount(action_id, kind, int(count)) for action_id, kind, count in db.session.execute(query)]


def first_received_at() -> datetime | None:
    """Returns when the first observation was received, or None when none was."""
    return db.session.scalar(select(func.min(Observation.received_at)))


def observations_between(begin: datetime, end: datetime) -> Counter[CountKey]:
    """Counts the observations received from `begin` to `end`, `end` excluded. Not those withdrawn or in quarantine."""
    columns = (*COUNTED_AS, Observation.sector_id, Case.state, Case.closing_reason, Case.is_out_of_plan)
    query = (
        select(*columns, func.count().label("count"))
        .select_from(Observation)
        .join(SENT, SENT.id == Observation.category_id)
        .join(CaseObservation, CaseObservation.observation_id == Observation.id)
        .join(Case, Case.id == CaseObservation.case_id)
        .join(JUDGED, JUDGED.id == Case.category_id)
        .join(Queue, Queue.id == Case.queue_id)
        .where(Observation.received_at >= begin, Observation.received_at < end, Observation.withdrawn_at.is_(None))
        .where(Queue.kind != QueueKind.QUARANTINE)
        .group_by(*columns)
    )
    return _sum_by_outcome(db.session.execute(query))


def cases_between(begin: datetime, end: datetime) -> Counter[CountKey]:
    """Counts the cases opened from `begin` to `end`, `end` excluded.

    Not those merged, in quarantine or all withdrawn.
    """
    has_observation = exists().where(
        CaseObservation.case_id == Case.id,
        Observation.id == CaseObservation.observation_id,
        Observation.withdrawn_at.is_(None),
    )
    columns = (*COUNTED_AS, Case.sector_id, Case.state, Case.closing_reason, Case.is_out_of_plan)
    query = (
        select(*columns, func.count().label("count"))
        .select_from(Case)
        .join(OPENING, OPENING.reference == Case.reference)
        .join(SENT, SENT.id == OPENING.category_id)
        .join(JUDGED, JUDGED.id == Case.category_id)
        .join(Queue, Queue.id == Case.queue_id)
        .where(
            Case.opened_at >= begin,
            Case.opened_at < end,
            Case.state != CaseState.MERGED,
            Queue.kind != QueueKind.QUARANTINE,
            has_observation,
        )
        .group_by(*columns)
    )
    return _sum_by_outcome(db.session.execute(query))


def links_between(begin: datetime, end: datetime) -> dict[ActionCountKey, tuple[int, int]]:
    """Counts by action and kind the observations received from `begin` to `end`, and their cases: confirmed links only.

    Each value is (observations, cases); `end` is excluded.
    """
    query = (
        select(Link.action_id, COUNTED_KIND, func.count(), func.count(Case.id.distinct()))
        .select_from(Observation)
        .join(SENT, SENT.id == Observation.category_id)
        .join(CaseObservation, CaseObservation.observation_id == Observation.id)
        .join(Case, Case.id == CaseObservation.case_id)
        .join(JUDGED, JUDGED.id == Case.category_id)
        .join(Queue, Queue.id == Case.queue_id)
        .join(Link, Link.case_id == Case.id)
        .where(Observation.received_at >= begin, Observation.received_at < end, Observation.withdrawn_at.is_(None))
        .where(Queue.kind != QueueKind.QUARANTINE, Link.state == LinkState.CONFIRMED)
        .group_by(Link.action_id, COUNTED_KIND)
    )
    rows = db.session.execute(query)
    return {(action_id, kind): (observations, cases) for action_id, kind, observations, cases in rows}


def delete_counts(first: date, end: date) -> None:
    """Deletes the counts of the months from `first` to `end`, `end` excluded."""
    for table in (MonthlyCount, ActionMonthlyCount):
        db.session.execute(delete(table).where(table.month >= first, table.month < end))


def delete_counts_outside(first: date, end: date) -> None:
    """Deletes the counts of all months before `first` and from `end` on."""
    for table in (MonthlyCount, ActionMonthlyCount):
        db.session.execute(delete(table).where(or_(table.month < first, table.month >= end)))


def confirm_counts(quarter: Quarter, at: datetime) -> None:
    """Sets a later counting time for a quarter whose counts stayed the same, and for the committee's publication."""
    previous_time = counting_times().get(quarter)
    current_publication = update(Publication).where(
        Publication.audience == Audience.COMMITTEE,
        Publication.quarter == quarter.first_day,
        Publication.counted_at == previous_time,
    )
    db.session.execute(current_publication.values(counted_at=at))
    for table in (MonthlyCount, ActionMonthlyCount):
        counts = update(table).where(table.month >= quarter.first_day, table.month < quarter.next.first_day)
        db.session.execute(counts.values(counted_at=at))


def _sum_by_outcome(rows: Iterable[Any]) -> Counter[CountKey]:
    """Sums counts by the closing reason for closed cases, and by `open` for all others."""
    counts: Counter[CountKey] = Counter()
    for kind, category_id, sector_id, state, reason, is_out_of_plan, count in rows:
        outcome = str(reason) if state is CaseState.CLOSED and reason else OPEN
        counts[kind, category_id, sector_id, outcome, is_out_of_plan] += count
    return counts
