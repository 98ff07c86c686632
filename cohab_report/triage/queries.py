"""Queries for cases and queues. Only triage reads these: what partners and the public see is decided elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from cohab_report import journal
from cohab_report.cache_stamps import StampedCache
from cohab_report.db import db
from cohab_report.errors import NotFound
from cohab_report.geo import Point, within_distance
from cohab_report.intake.models import Observation
from cohab_report.plan.models import Action, Field
from cohab_report.triage.models import OPEN_STATES, Case, CaseObservation, CaseState, Link
from cohab_report.triage.waiting.models import Queue, QueueKind

NEARBY_CASE_METRES = 50
NEARBY_CASE_WEEKS = 12


def is_open_case() -> ColumnElement[bool]:
    """Returns the SQL condition for cases that are open."""
    # Written into the statement, not bound to it: SQLite takes the partial index of open cases only for the very
    # words that it was created with.
    return Case.state.in_(bindparam("open_states", OPEN_STATES, expanding=True, literal_execute=True))


def queues() -> Sequence[Queue]:
    """Returns all queues in force, in the profile's order."""
    return db.session.scalars(select(Queue).where(~Queue.is_retired).order_by(Queue.position)).all()


def queue_or_refuse(code: str) -> Queue:
    """Returns the queue in force with this code; raises NotFound."""
    queue = db.session.scalars(select(Queue).where(Queue.code == code, ~Queue.is_retired)).one_or_none()
    if queue is None:
        raise NotFound
    return queue


@dataclass(frozen=True)
class QueueFacts:
    """The facts of a queue, detached from the database so that they can stay in memory."""

    id: int
    code: str
    kind: QueueKind
    action_ids: tuple[int, ...]


def queue_in_force(code: str) -> QueueFacts:
    """Returns the facts of the queue with this code, from memory until a queue changes; raises NotFound."""
    return _first_or_refuse(facts for facts in _queue_facts_cache.value() if facts.code == code)


def queue_of_kind(kind: QueueKind) -> QueueFacts:
    """Returns the one queue for occupancy checks, or for quarantine; raises NotFound where the profile has none."""
    return _first_or_refuse(facts for facts in _queue_facts_cache.value() if facts.kind is kind)


def _first_or_refuse(queues_facts: Iterable[QueueFacts]) -> QueueFacts:
    facts = next(iter(queues_facts), None)
    if facts is None:
        raise NotFound
    return facts


def _read_queue_facts() -> Sequence[QueueFacts]:
    rows = db.session.scalars(
        select(Queue).where(~Queue.is_retired).order_by(Queue.position).options(selectinload(Queue.actions))
    )
    return [QueueFacts(row.id, row.code, row.kind, tuple(action.id for action in row.actions)) for row in rows]


_queue_facts_cache = StampedCache("queues", ("queue", "queue_action", "action"), _read_queue_facts)


def row_loading_options() -> tuple[ExecutableOption, ...]:
    """Returns the loader options for what a row of a list shows of a case beside its own columns."""
    return tuple(joinedload(part) for part in (Case.category, Case.sector, Case.place, Case.claimed_by, Case.holder))


def case_or_refuse(reference: str) -> Case:
    """Returns the case with this reference and all that its page shows, exact points included; raises NotFound."""
    case = db.session.scalars(_case_page_query().where(Case.reference == reference)).one_or_none()
    if case is None:
        raise NotFound
    return case


def _case_page_query() -> Select[Case]:
    observations = selectinload(Case.observations)
    return select(Case).options(
        *row_loading_options(),
        joinedload(Case.queue),
        joinedload(Case.merged_into),
        observations.options(undefer(Observation.point)),
        selectinload(Case.links).options(joinedload(Link.action), joinedload(Link.decided_by)),
    )


def case_of_observation(observation_id: int) -> Case:
    """Returns the case that an observation belongs to now; raises NotFound."""
    case_id = select(CaseObservation.case_id).where(CaseObservation.observation_id == observation_id).scalar_subquery()
    case = db.session.scalars(select(Case).where(Case.id == case_id)).one_or_none()
    if case is None:
        raise NotFound
    return case


def case_to_join(observation_id: int) -> Case:
    """Returns the case that an observation belongs to now, for adding another one; raises NotFound.

    The case is read anew and locked until the transaction ends.
    """
    case_id = select(CaseObservation.case_id).where(CaseObservation.observation_id == observation_id).scalar_subquery()
    # Locked, so that whoever acts on the case at the same time doesn't make the resident's sending fail.
    locked = select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    case = db.session.scalars(locked).one_or_none()
    if case is None:
        raise NotFound
    return case


def first_reference_of_each_case(references: Sequence[str]) -> Sequence[str]:
    """Returns those of these observations' references that come first of their case, in the same order."""
    query = select(Observation.reference, CaseObservation.case_id).join(
        CaseObservation, CaseObservation.observation_id == Observation.id
    )
    case_id_by_reference = {
        row[0]: row[1] for row in db.session.execute(query.where(Observation.reference.in_(references)))
    }
    first_by_case_id = {case_id_by_reference.get(reference): reference for reference in reversed(references)}
    return [
        reference for reference in references if first_by_case_id.get(case_id_by_reference.get(reference)) == reference
    ]


def nearby_cases(case: Case, point: Point, *, at: datetime, limit: int = 20) -> Sequence[Case]:
    """Returns other cases with an observation within 50 m in the last 12 weeks, the newest first; no merged ones."""
    since = at - timedelta(weeks=NEARBY_CASE_WEEKS)
    close_observations = select(Observation.id).where(
        Observation.received_at >= since, within_distance(Observation.point, point, NEARBY_CASE_METRES)
    )
    case_ids = select(CaseObservation.case_id).where(CaseObservation.observation_id.in_(close_observations))
    query = select(Case).where(Case.id.in_(case_ids), Case.id != case.id, Case.state != CaseState.MERGED)
    return db.session.scalars(query.order_by(Case.opened_at.desc()).limit(limit).options(*row_loading_options())).all()


def cases_at_same_place(case: Case, *, at: datetime, limit: int = 20) -> Sequence[Case]:
    """Returns other cases at the same named place in the last 12 weeks, the newest first; none without a place."""
    if case.place_id is None:
        return []
    since = at - timedelta(weeks=NEARBY_CASE_WEEKS)
    query = select(Case).where(
        Case.place_id == case.place_id, Case.id != case.id, Case.opened_at >= since, Case.state != CaseState.MERGED
    )
    return db.session.scalars(query.order_by(Case.opened_at.desc()).limit(limit).options(*row_loading_options())).all()


def events_since_version(case: Case, version: int) -> Sequence[journal.Event]:
    """Returns the events of the case after that version of it, the newest first."""
    threads = {case.reference, *(one.reference for one in case.observations)}
    case_events = [event for event in journal.history(*threads) if event.facts.get("case") == case.id]
    return [event for event in case_events if event.facts.get("version", -1) > version]


def action_in_force_or_refuse(code: str) -> Action:
    """Returns the action of the plan with this code; raises NotFound."""
    action = db.session.scalars(select(Action).where(Action.code == code, ~Action.is_retired)).one_or_none()
    if action is None:
        raise NotFound
    return action


def linkable_actions(case: Case) -> Sequence[Action]:
    """Returns the actions of the plan that the case has no link to yet, in the order of fields and actions."""
    linked_action_ids = [link.action_id for link in case.links]
    query = (
        select(Action)
        .join(Field, Field.id == Action.field_id)
        .where(~Action.is_retired, Action.id.not_in(linked_action_ids))
    )
    return db.session.scalars(
        query.order_by(Field.position, Action.position).options(contains_eager(Action.field))
    ).all()
