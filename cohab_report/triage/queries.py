"""Answers about cases, and which queues there are. Only triage reads these: what partners and the public see is decided elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast as typed

from flask import current_app
from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from cohab_report import journal
from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.geo import Point, within
from cohab_report.intake.models import Observation
from cohab_report.plan.models import Action, Field
from cohab_report.territory import queries as territory
from cohab_report.triage.models import OPEN_STATES, Case, CaseObservation, CaseState, Link, Queue, QueueKind

NEARBY_METRES = 50
NEARBY_WEEKS = 12


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
        rows = db.session.scalars(
            select(Queue).where(~Queue.is_retired).order_by(Queue.position).options(selectinload(Queue.actions))
        )
        facts = [QueueFacts(row.id, row.code, row.kind, tuple(action.id for action in row.actions)) for row in rows]
        remembered = current_app.extensions["queues"] = (stamp, facts)
    return remembered[1]


def row_parts() -> tuple[ExecutableOption, ...]:
    """What a row of any list shows of a case beside its own facts, read together with it."""
    return tuple(joinedload(part) for part in (Case.category, Case.sector, Case.place, Case.claimed_by, Case.holder))


def case_or_refuse(reference: str) -> Case:
    """The case of this reference with all that its page shows; raises NotThere."""
    case = db.session.scalars(_whole().where(Case.reference == reference)).one_or_none()
    if case is None:
        raise NotThere
    return case


def _whole() -> Select[Case]:
    observations = selectinload(Case.observations)
    return select(Case).options(
        *row_parts(), joinedload(Case.queue), joinedload(Case.merged_into), observations.options(undefer(Observation.point)),
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
    query = select(Observation.reference, CaseObservation.case_id).join(
        CaseObservation, CaseObservation.observation_id == Observation.id
    )
    case_of_each = {row[0]: row[1] for row in db.session.execute(query.where(Observation.reference.in_(references)))}
    first = {case_of_each.get(reference): reference for reference in reversed(references)}
    return [reference for reference in references if first.get(case_of_each.get(reference)) == reference]


def nearby(case: Case, point: Point, *, at: datetime, limit: int = 20) -> Sequence[Case]:
    """Other cases with an observation within 50 m in the last 12 weeks, the newest first; merged ones left out."""
    since = at - timedelta(weeks=NEARBY_WEEKS)
    close = select(Observation.id).where(
        Observation.received_at >= since, within(Observation.point, point, NEARBY_METRES)
    )
    theirs = select(CaseObservation.case_id).where(CaseObservation.observation_id.in_(close))
    query = select(Case).where(Case.id.in_(theirs), Case.id != case.id, Case.state != CaseState.MERGED)
    return db.session.scalars(query.order_by(Case.opened_at.desc()).limit(limit).options(*row_parts())).all()


def same_place(case: Case, *, at: datetime, limit: int = 20) -> Sequence[Case]:
    """Other cases at the same named place in the last 12 weeks, the newest first; none when no place was named."""
    if case.place_id is None:
        return []
    since = at - timedelta(weeks=NEARBY_WEEKS)
    query = select(Case).where(
        Case.place_id == case.place_id, Case.id != case.id, Case.opened_at >= since, Case.state != CaseState.MERGED
    )
    return db.session.scalars(query.order_by(Case.opened_at.desc()).limit(limit).options(*row_parts())).all()


def changes_since(case: Case, version: int) -> Sequence[journal.Event]:
    """What happened to the case after that version of it, the newest first."""
    threads = {case.reference, *(one.reference for one in case.observations)}
    theirs = [event for event in journal.history(*threads) if event.facts.get("case") == case.id]
    return [event for event in theirs if event.facts.get("version", -1) > version]


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
    return db.session.scalars(
        query.order_by(Field.position, Action.position).options(contains_eager(Action.field))
    ).all()
