"""Queries for open cases: the counts of each queue, one page of a queue, the next case, a person's claimed cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import case as sql_case

from cohab_report.catalogue.models import Category, Kind
from cohab_report.db import db
from cohab_report.partners.models import Person
from cohab_report.territory.models import Sector
from cohab_report.triage.models import Case, CaseState
from cohab_report.triage.queries import is_open_case, queues, row_loading_options
from cohab_report.triage.waiting.models import Queue

CASES_PER_PAGE = 30


@dataclass(frozen=True)
class QueueCount:
    """How many cases of a queue wait, are unclaimed or overdue, and since when the oldest waits (UTC)."""

    queue: Queue
    waiting: int
    unclaimed: int
    overdue: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True)
class CaseFilter:
    """The filter of a queue's cases; None and False filter nothing out."""

    kind: Kind | None = None
    category: str | None = None
    state: CaseState | None = None
    sector: str | None = None
    claimed_by: int | None = None
    unclaimed: bool = False
    overdue: bool = False


def queue_counts(*, at: datetime) -> Sequence[QueueCount]:
    """Returns the counts of every queue at this moment, in the profile's order, empty ones included."""
    overdue = func.sum(sql_case((Case.due_at < at, 1), else_=0))
    unclaimed = func.sum(sql_case((Case.claimed_by_id.is_(None), 1), else_=0))
    query = (
        select(Case.queue_id, func.count(), unclaimed, overdue, func.min(Case.opened_at))
        .where(is_open_case())
        .group_by(Case.queue_id)
    )
    counts_by_queue_id = {row[0]: row for row in db.session.execute(query)}
    zero_counts = (0, 0, 0, 0, None)
    return [QueueCount(queue, *counts_by_queue_id.get(queue.id, zero_counts)[1:]) for queue in queues()]


def waiting_cases(queue: Queue, case_filter: CaseFilter, *, at: datetime, page: int = 1) -> tuple[Sequence[Case], bool]:
    """Returns one page of a queue's open cases that fit the filter, and whether another page follows.

    The most pressing case comes first.
    """
    query = select(Case).where(Case.queue_id == queue.id, is_open_case(), *_filter_conditions(case_filter, at))
    query = (
        query.order_by(Case.priority, Case.opened_at, Case.id)
        .offset((page - 1) * CASES_PER_PAGE)
        .limit(CASES_PER_PAGE + 1)
    )
    cases = db.session.scalars(query.options(*row_loading_options())).all()
    return cases[:CASES_PER_PAGE], len(cases) > CASES_PER_PAGE


def _filter_conditions(case_filter: CaseFilter, at: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if case_filter.kind is not None:
        conditions.append(Case.kind == case_filter.kind)
    if case_filter.category is not None:
        conditions.append(
            Case.category_id == select(Category.id).where(Category.code == case_filter.category).scalar_subquery()
        )
    if case_filter.sector is not None:
        conditions.append(
            Case.sector_id == select(Sector.id).where(Sector.code == case_filter.sector).scalar_subquery()
        )
    if case_filter.state is not None:
        conditions.append(Case.state == case_filter.state)
    if case_filter.claimed_by is not None:
        conditions.append(Case.claimed_by_id == case_filter.claimed_by)
    if case_filter.unclaimed:
        conditions.append(Case.claimed_by_id.is_(None))
    if case_filter.overdue:
        conditions.append(Case.due_at < at)
    return conditions


def next_case(queue: Queue, case: Case) -> Case | None:
    """Returns the case that follows this one in the queue, or the first when none follows; None when no other waits."""
    later = or_(
        Case.priority > case.priority,
        and_(
            Case.priority == case.priority,
            or_(Case.opened_at > case.opened_at, and_(Case.opened_at == case.opened_at, Case.id > case.id)),
        ),
    )
    waiting = select(Case).where(Case.queue_id == queue.id, is_open_case(), Case.id != case.id)
    in_order = waiting.order_by(Case.priority, Case.opened_at, Case.id).limit(1)
    return db.session.scalars(in_order.where(later)).one_or_none() or db.session.scalars(in_order).one_or_none()


def claimed_cases(person: Person) -> Sequence[Case]:
    """Returns the open cases that this person has claimed, the most pressing first."""
    query = select(Case).where(Case.claimed_by_id == person.id, is_open_case()).order_by(Case.priority, Case.opened_at)
    return db.session.scalars(query.options(*row_loading_options())).all()
