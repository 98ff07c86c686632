"""Answers about cases and queues. Only triage reads these: what partners and the public see is decided elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast as typed

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from cohab_report import journal
from cohab_report.catalogue.models import Category, Kind
from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.geo import Point, within
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Person
from cohab_report.plan.models import Action, Field
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Sector
from cohab_report.triage.models import OPEN_STATES, Case, CaseObservation, CaseState, Link, Queue, QueueKind

NEARBY_METRES = 50
NEARBY_WEEKS = 12
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


def is_open() -> ColumnElement[bool]:
    """True for cases that somebody still has to do something about."""
    # Written into the statement, not bound to it: SQLite takes the partial index of open cases only for the very words it was made with.
    return Case.state.in_(bindparam("open_states", OPEN_STATES, expanding=True, literal_execute=True))


def queues() -> Sequence[Queue]:
    """All queues, in the profile's order."""
    return db.session.scalars(select(Queue).where(~Queue.is_retired).order_by(Queue.position)).all()


def queue_or_refuse(code: str) -> Queue:
    """The queue of this code; raises NotThere."""
    queue = db.session.scalars(select(Queue).where(Queue.code == code, ~Queue.is_retired)).one_or_none()
    if queue is None:
        raise NotThere
    return queue


@dataclass(frozen=True)
class QueueFacts:
    """A queue, without the database."""

    id: int
    code: str
    kind: QueueKind
    action_ids: tuple[int, ...]


def queue_in_force(code: str) -> QueueFacts:
    """The queue of this code, kept in memory until the profile is loaded anew; raises NotThere."""
    return _the_one(facts for facts in _in_force() if facts.code == code)


def queue_of_kind(kind: QueueKind) -> QueueFacts:
    """The one queue for occupancy checks, or the one for quarantine; raises NotThere where the profile has none."""
    return _the_one(facts for facts in _in_force() if facts.kind is kind)


def _the_one(found: Iterable[QueueFacts]) -> QueueFacts:
    facts = next(iter(found), None)
    if facts is None:
        raise NotThere
    return facts


def _in_force() -> Sequence[QueueFacts]:
    stamp = territory.ground().stamp
    remembered = typed("tuple[object, Sequence[QueueFacts]] | None", current_app.extensions.get("queues"))
    if remembered is None or remembered[0] != stamp:
        rows = db.session.scalars(select(Queue).where(~Queue.is_retired).order_by(Queue.position).options(selectinload(Queue.actions)))
        facts = [QueueFacts(row.id, row.code, row.kind, tuple(action.id for action in row.actions)) for row in rows]
        remembered = current_app.extensions["queues"] = (stamp, facts)
    return remembered[1]


def counts(*, at: datetime) -> Sequence[QueueCount]:
    """How each queue stands at this moment, in the profile's order, empty ones included."""
    late = func.sum(sql_case((Case.due_at < at, 1), else_=0))
    free = func.sum(sql_case((Case.claimed_by_id.is_(None), 1), else_=0))
    query = select(Case.queue_id, func.count(), free, late, func.min(Case.opened_at)).where(is_open()).group_by(Case.queue_id)
    found = {row[0]: row for row in db.session.execute(query)}
    nothing = (0, 0, 0, 0, None)
    return [QueueCount(queue, *found.get(queue.id, nothing)[1:]) for queue in queues()]


def waiting_in(queue: Queue, wanted: Wanted, *, at: datetime, page: int = 1) -> tuple[Sequence[Case], bool]:
    """One page of the open cases of a queue that fit, the most pressing first, and whether another page follows."""
    query = select(Case).where(Case.queue_id == queue.id, is_open(), *_fits(wanted, at))
    query = query.order_by(Case.priority, Case.opened_at, Case.id).offset((page - 1) * PAGE).limit(PAGE + 1)
    cases = db.session.scalars(query.options(*_row())).all()
    return cases[:PAGE], len(cases) > PAGE


def _row() -> tuple[ExecutableOption, ...]:
    return tuple(joinedload(part) for part in (Case.category, Case.sector, Case.place, Case.claimed_by, Case.holder))


def _fits(wanted: Wanted, at: datetime) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        conditions.append(Case.kind == wanted.kind)
    if wanted.category is not None:
        conditions.append(Case.category_id == select(Category.id).where(Category.code == wanted.category).scalar_subquery())
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


def case_or_refuse(reference: str) -> Case:
    """The case of this reference with all that its page shows; raises NotThere."""
    case = db.session.scalars(_whole().where(Case.reference == reference)).one_or_none()
    if case is None:
        raise NotThere
    return case


def _whole() -> Select[Case]:
    observations = selectinload(Case.observations)
    return select(Case).options(
        *_row(), joinedload(Case.queue), joinedload(Case.merged_into), observations.options(undefer(Observation.point)),
        selectinload(Case.links).options(joinedload(Link.action), joinedload(Link.decided_by)),
    )  # fmt: skip


def case_of(observation_id: int) -> Case:
    """The case that an observation belongs to now; raises NotThere."""
    mine = select(CaseObservation.case_id).where(CaseObservation.observation_id == observation_id).scalar_subquery()
    case = db.session.scalars(select(Case).where(Case.id == mine)).one_or_none()
    if case is None:
        raise NotThere
    return case


def case_to_join(observation_id: int) -> Case:
    """The case that an observation belongs to now, as it stands at this moment and held until the transaction ends; raises NotThere."""
    mine = select(CaseObservation.case_id).where(CaseObservation.observation_id == observation_id).scalar_subquery()
    # Held, so that whoever acts on the case at the same time doesn't make the resident's sending fail.
    held = select(Case).where(Case.id == mine).with_for_update().execution_options(populate_existing=True)
    case = db.session.scalars(held).one_or_none()
    if case is None:
        raise NotThere
    return case


def one_a_case(references: Sequence[str]) -> Sequence[str]:
    """Those of these observations that are the first of their case among them, in the same order."""
    query = select(Observation.reference, CaseObservation.case_id).join(CaseObservation, CaseObservation.observation_id == Observation.id)
    case_of_each = {row[0]: row[1] for row in db.session.execute(query.where(Observation.reference.in_(references)))}
    first = {case_of_each.get(reference): reference for reference in reversed(references)}
    return [reference for reference in references if first.get(case_of_each.get(reference)) == reference]


def nearby(case: Case, point: Point, *, at: datetime, limit: int = 20) -> Sequence[Case]:
    """Other cases with an observation within 50 m in the last 12 weeks, the newest first; merged ones left out."""
    since = at - timedelta(weeks=NEARBY_WEEKS)
    close = select(Observation.id).where(within(Observation.point, point, NEARBY_METRES), Observation.received_at >= since)
    theirs = select(CaseObservation.case_id).where(CaseObservation.observation_id.in_(close))
    query = select(Case).where(Case.id.in_(theirs), Case.id != case.id, Case.state != CaseState.MERGED)
    return db.session.scalars(query.order_by(Case.opened_at.desc()).limit(limit).options(*_row())).all()


def same_place(case: Case, *, at: datetime, limit: int = 20) -> Sequence[Case]:
    """Other cases at the same named place in the last 12 weeks, the newest first; none when no place was named."""
    if case.place_id is None:
        return []
    since = at - timedelta(weeks=NEARBY_WEEKS)
    query = select(Case).where(Case.place_id == case.place_id, Case.id != case.id, Case.opened_at >= since, Case.state != CaseState.MERGED)
    return db.session.scalars(query.order_by(Case.opened_at.desc()).limit(limit).options(*_row())).all()


def changes_since(case: Case, version: int) -> Sequence[journal.Event]:
    """What happened to the case after that version of it, the newest first."""
    threads = {case.reference, *(one.reference for one in case.observations)}
    theirs = [event for event in journal.history(*threads) if event.facts.get("case") == case.id]
    return [event for event in theirs if event.facts.get("version", -1) > version]


def next_in(queue: Queue, case: Case) -> Case | None:
    """The case that waits after this one in the queue, or the first one when none does; None when nobody else waits."""
    later = or_(
        Case.priority > case.priority,
        and_(
            Case.priority == case.priority, or_(Case.opened_at > case.opened_at, and_(Case.opened_at == case.opened_at, Case.id > case.id))
        ),
    )
    waiting = select(Case).where(Case.queue_id == queue.id, is_open(), Case.id != case.id)
    in_order = waiting.order_by(Case.priority, Case.opened_at, Case.id).limit(1)
    return db.session.scalars(in_order.where(later)).one_or_none() or db.session.scalars(in_order).one_or_none()


def action_or_refuse(code: str) -> Action:
    """The action of the plan that has this code; raises NotThere."""
    action = db.session.scalars(select(Action).where(Action.code == code, ~Action.is_retired)).one_or_none()
    if action is None:
        raise NotThere
    return action


def linkable_actions(case: Case) -> Sequence[Action]:
    """The actions of the plan that nobody has tied to the case yet, field by field."""
    tied = [link.action_id for link in case.links]
    query = select(Action).join(Field, Field.id == Action.field_id).where(~Action.is_retired, Action.id.not_in(tied))
    return db.session.scalars(query.order_by(Field.position, Action.position).options(contains_eager(Action.field))).all()


def held_by(person: Person) -> Sequence[Case]:
    """The open cases that this person has claimed, the most pressing first."""
    query = select(Case).where(Case.claimed_by_id == person.id, is_open()).order_by(Case.priority, Case.opened_at)
    return db.session.scalars(query.options(*_row())).all()
