"""What waits: each queue as a whole, one page of it, what comes next, and what somebody has in hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy import case as sql_case

from cohab_report.catalogue.models import Category, Kind
from cohab_report.db import db
from cohab_report.partners.models import Person
from cohab_report.territory.models import Sector
from cohab_report.triage.models import Case, CaseState, Queue
from cohab_report.triage.queries import is_open, queues, row_parts

PAGE = 30


@dataclass(frozen=True)
class QueueCount:
    """How a queue stands."""

    queue: Queue
    waiting: int
    unclaimed: int
    overdue: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a reader of a queue asks for; None and False ask for everything."""

    kind: Kind | None = None
    category: str | None = None
    state: CaseState | None = None
    sector: str | None = None
    claimed_by: int | None = None
    unclaimed: bool = False
    overdue: bool = False


def counts(*, at: datetime) -> Sequence[QueueCount]:
    """How each queue stands at this moment, in the profile's order, empty ones included."""
    late = func.sum(sql_case((Case.due_at < at, 1), else_=0))
    free = func.sum(sql_case((Case.claimed_by_id.is_(None), 1), else_=0))
    query = (
        select(Case.queue_id, func.count(), free, late, func.min(Case.opened_at))
        .where(is_open())
        .group_by(Case.queue_id)
    )
    found = {row[0]: row for row in db.session.execute(query)}
    nothing = (0, 0, 0, 0, None)
    return [QueueCount(queue, *found.get(queue.id, nothing)[1:]) for queue in queues()]


def waiting_in(queue: Queue, wanted: Wanted, *, at: datetime, page: int = 1) -> tuple[Sequence[Case], bool]:
    """One page of the open cases of a queue that fit, the most pressing first, and whether another page follows."""
    query = select(Case).where(Case.queue_id == queue.id, is_open(), *_fits(wanted, at))
    query = query.order_by(Case.priority, Case.opened_at, Case.id).offset((page - 1) * PAGE).limit(PAGE + 1)
    cases = db.session.scalars(query.options(*row_parts())).all()
    return cases[:PAGE], len(cases) > PAGE


def _fits(wanted: Wanted, at: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        conditions.append(Case.kind == wanted.kind)
    if wanted.category is not None:
        conditions.append(
            Case.category_id == select(Category.id).where(Category.code == wanted.category).scalar_subquery()
        )
    if wanted.sector is not None:
        conditions.append(Case.sector_id == select(Sector.id).where(Sector.code == wanted.sector).scalar_subquery())
    if wanted.state is not None:
        conditions.append(Case.state == wanted.state)
    if wanted.claimed_by is not None:
        conditions.append(Case.claimed_by_id == wanted.claimed_by)
    if wanted.unclaimed:
        conditions.append(Case.claimed_by_id.is_(None))
    if wanted.overdue:
        conditions.append(Case.due_at < at)
    return conditions


def next_in(queue: Queue, case: Case) -> Case | None:
    """The case that waits after this one in the queue, or the first one when none does; None when nobody else waits."""
    later = or_(
        Case.priority > case.priority,
        and_(
            Case.priority == case.priority,
            or_(Case.opened_at > case.opened_at, and_(Case.opened_at == case.opened_at, Case.id > case.id)),
        ),
    )
    waiting = select(Case).where(Case.queue_id == queue.id, is_open(), Case.id != case.id)
    in_order = waiting.order_by(Case.priority, Case.opened_at, Case.id).limit(1)
    return db.session.scalars(in_order.where(later)).one_or_none() or db.session.scalars(in_order).one_or_none()


def held_by(person: Person) -> Sequence[Case]:
    """The open cases that this person has claimed, the most pressing first."""
    query = select(Case).where(Case.claimed_by_id == person.id, is_open()).order_by(Case.priority, Case.opened_at)
    return db.session.scalars(query.options(*row_parts())).all()
