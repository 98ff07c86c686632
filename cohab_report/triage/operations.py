"""What the team does with a case. Each operation refuses, changes, and tells the journal; who sees what follows from the state."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Priority, Protection
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused, Stale
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import PhotoReason
from cohab_report.partners import hours
from cohab_report.partners.models import Person
from cohab_report.plan.models import Action
from cohab_report.territory import queries as territory
from cohab_report.triage import queries, rules
from cohab_report.triage.models import (
    Case,
    CaseObservation,
    CaseState,
    ClosingReason,
    Link,
    LinkState,
    Occupancy,
    Queue,
    QueueKind,
)  # fmt: skip
from cohab_report.triage.queries import QueueFacts

CLAIM_LASTS = timedelta(hours=2)
LONGEST_NOTE = 500


def open_case(observation: Observation, *, priority: Priority, flooded: bool, at: datetime) -> Case:
    """The observation has its case, in the queue where it belongs, with the actions it may count toward suggested."""
    category, occupancy = catalogue.in_force_by_id(observation.category_id), rules.occupancy_of(observation.belongings)
    queue = _queue_for(category.queue_code, occupancy, flooded=flooded)
    case = Case(
        reference=observation.reference, queue_id=queue.id, kind=category.kind, category_id=category.id, protection=observation.protection,
        state=CaseState.OCCUPANCY_CHECK if occupancy is Occupancy.POSSIBLE else CaseState.NEW, priority=priority,
        sector_id=observation.sector_id, place_id=observation.place_id, opened_at=at, changed_at=at, due_at=due_at(priority, at),
        occupancy=occupancy, links=[],
    )  # fmt: skip
    db.session.add(case)
    _suggest_links(case, category=category.action_ids, queue=queue.action_ids)
    db.session.flush()
    db.session.add(CaseObservation(case_id=case.id, observation_id=observation.id, joined_at=at))
    return case


def join(observation: Observation, case: Case, *, priority: Priority, at: datetime) -> None:
    """The observation belongs to a case that others opened, as protected as the stronger of the two; nobody may read it for that.

    Its number raises nothing and moves no deadline (guard rail 4), its own hazards do raise; a place that may be lived in is checked first
    (guard rail 1). Only where `rules.may_join` says so.
    """
    db.session.add(CaseObservation(case_id=case.id, observation_id=observation.id, joined_at=at))
    db.session.flush()
    db.session.expire(case, ["observations"])
    case.changed_at, case.priority = at, min(case.priority, priority)
    _protect(case, max(case.protection, observation.protection), at=at)
    if rules.occupancy_of(observation.belongings) is Occupancy.POSSIBLE:
        _doubt(case, at=at)
    _tell(case)
    facts = {"into": case.reference, "case": case.id, "version": case.version}
    journal.record("observation.joined", thread=observation.reference, by=journal.RESIDENT, at=at, public=True, facts=facts)


def due_at(priority: Priority, at: datetime) -> datetime | None:
    """When a case of this priority should be taken up, in the opening hours of the triage team; None where nothing can be promised."""
    ground = territory.ground()
    team_hours = str(ground.about.get("team", {}).get("hours", ""))
    return hours.due_at(priority.name, at, team_hours, ground.zone, hours.public_holidays(*ground.holidays))


def expect(case: Case, version: int) -> None:
    """Returns while nobody changed the case since `version` was read; raises Stale with what happened (event name: who, when)."""
    if case.version != version:
        raise Stale({event.name: (event.actor, event.happened_at.isoformat()) for event in queries.changes_since(case, version)})


def claim(case: Case, *, by: Person, at: datetime) -> None:
    """The person works on the case; raises MoveRefused (why: claimed) while somebody else does and did so lately."""
    theirs = case.claimed_by_id is not None and case.claimed_by_id != by.id
    if theirs and case.claimed_at is not None and at - case.claimed_at < CLAIM_LASTS:
        raise MoveRefused("case", case.state.value, "claim", "claimed")
    case.claimed_by, case.claimed_at = by, at
    _record(case, "case.claimed", by=by, at=at)


def release(case: Case, *, by: journal.Actor, at: datetime) -> None:
    """Nobody in particular works on the case any more."""
    case.claimed_by, case.claimed_at = None, None
    _record(case, "case.released", by=by, at=at)


def accept(case: Case, *, by: Person, at: datetime) -> None:
    """The case is accepted, what may be public of it is, and its residents will hear of it. Raises MoveRefused: why `held` while a
    partner has it, `locked` before outreach has cleared a place that may be lived in.
    """
    _refuse_unless_with_triage(case, CaseState.ACCEPTED.value)
    if case.works_are_locked:
        raise MoveRefused("case", case.state.value, CaseState.ACCEPTED.value, "locked")
    case.move_to(CaseState.ACCEPTED)
    case.accepted_at = case.accepted_at or at
    if case.queue.kind is not QueueKind.NORMAL:
        _wait_in(case, _queue_for(case.category.queue_code, case.occupancy, flooded=False))
    for observation in case.observations:
        intake.publish(observation, at=at)
    _tell(case)
    _record(case, "case.accepted", by=by, at=at, public=True)


def recode(case: Case, category: Category, *, reason: str, by: Person, at: datetime) -> None:
    """The case is of another category, equally or more protected; raises Invalid("category", "weaker") or Invalid("reason", "missing").

    What it may count toward is suggested anew, rejections are kept, and a place that nobody asked about is checked first.
    """
    _refuse_unless_with_triage(case, "recode")
    if not rules.may_recode(case.category, category):
        raise Invalid("category", "weaker")
    case.recode_reason = _needed("reason", reason)
    before = case.category
    case.category, case.kind = category, category.kind
    case.priority = min(case.priority, category.priority)
    _protect(case, category.protection, at=at)
    if rules.must_check_occupancy(category, [observation.belongings for observation in case.observations]):
        _doubt(case, at=at)
    elif case.queue.kind is QueueKind.NORMAL:
        _wait_in(case, _queue_for(case.category.queue_code, case.occupancy, flooded=False))
    actions = catalogue.in_force_by_id(category.id).action_ids
    _suggest_links(case, category=actions, queue=[action.id for action in case.queue.actions])
    _record(case, "case.recoded", by=by, at=at, facts={"from": before.code, "to": category.code})


def link(case: Case, action: Action, *, by: Person, at: datetime) -> None:
    """The case counts toward the action, whoever suggested it; raises MoveRefused once the case is over."""
    _refuse_when_over(case, "link")
    _decide(case, action, LinkState.CONFIRMED, by=by, at=at)
    case.is_out_of_plan = False
    _record(case, "link.confirmed", by=by, at=at, public=True, facts={"action": action.id})


def reject(case: Case, action: Action, *, by: Person, at: datetime) -> None:
    """The case does not count toward the action, and will not be asked again."""
    _refuse_when_over(case, "reject")
    was_told = any(known.action_id == action.id and known.state is LinkState.CONFIRMED for known in case.links)
    _decide(case, action, LinkState.REJECTED, by=by, at=at)
    _record(case, "link.rejected", by=by, at=at, public=was_told, facts={"action": action.id})


def mark_out_of_plan(case: Case, *, by: Person, at: datetime) -> None:
    """It is said that the case counts toward no action of the plan; raises MoveRefused (why: linked) while one is confirmed."""
    _refuse_when_over(case, "out_of_plan")
    if any(known.state is LinkState.CONFIRMED for known in case.links):
        raise MoveRefused("case", case.state.value, "out_of_plan", "linked")
    case.is_out_of_plan = True
    _record(case, "case.out_of_plan", by=by, at=at)


def doubt_occupancy(case: Case, *, by: Person, at: datetime) -> None:
    """Somebody may live there: public works are locked, nothing of it is public, and it waits for outreach."""
    _refuse_unless_with_triage(case, CaseState.OCCUPANCY_CHECK.value)
    _doubt(case, at=at)
    _record(case, "occupancy.doubted", by=by, at=at)


def record_occupancy(case: Case, *, in_use: bool, on: date, note: str, by: Person, at: datetime) -> None:
    """Outreach has looked: the place is cleared for works, or belongings are in use and works stay locked. Date and note are mandatory.

    Raises Invalid("on" | "note", …), or MoveRefused when nobody doubted or the person is neither of triage nor of an outreach partner.
    """
    if not case.works_are_locked:
        raise MoveRefused("case", case.state.value, "occupancy", "not_asked")
    if by.partner is not None and by.role.value == "partner" and not by.partner.does_outreach:
        raise MoveRefused("case", case.state.value, "occupancy", "not_outreach")
    if on > at.astimezone(territory.ground().zone).date():
        raise Invalid("on", "future")
    case.occupancy_note = _needed("note", note)
    case.occupancy, case.occupancy_on = (Occupancy.IN_USE if in_use else Occupancy.CLEARED), on
    is_taken_up = not in_use and case.state is CaseState.OCCUPANCY_CHECK
    if is_taken_up:
        case.move_to(CaseState.ACCEPTED)
        case.accepted_at = case.accepted_at or at
        _wait_in(case, _queue_for(case.category.queue_code, case.occupancy, flooded=False))
        _tell(case)
    _record(case, "occupancy.in_use" if in_use else "occupancy.cleared", by=by, at=at, facts={"on": on.isoformat()})
    if is_taken_up:
        _record(case, "case.accepted", by=by, at=at, public=True)


def merge(case: Case, *, into: Case, by: Person, at: datetime) -> None:
    """The case's observations belong to `into`, as protected as the stronger of the two; its number raises nothing, its hazards do.

    Raises MoveRefused (why: same, over, locked): a case where somebody may live is not folded into one that works hold.
    """
    _refuse_unless_with_triage(case, CaseState.MERGED.value)
    if case.id == into.id or not into.is_open:
        raise MoveRefused("case", into.state.value, CaseState.MERGED.value, "same" if case.id == into.id else "over")
    if case.works_are_locked and not into.works_are_locked:
        if not into.is_with_triage:
            raise MoveRefused("case", into.state.value, CaseState.MERGED.value, "locked")
        _doubt(into, at=at)
    for membership in db.session.scalars(select(CaseObservation).where(CaseObservation.case_id == case.id)).all():
        membership.case_id, membership.joined_at = into.id, at
    case.move_to(CaseState.MERGED)
    case.merged_into, case.claimed_by = into, None
    into.priority = min(into.priority, case.priority)
    db.session.flush()
    db.session.expire(into, ["observations"])
    db.session.expire(case, ["observations"])
    _protect(into, max(into.protection, case.protection), at=at)
    _let_read(into, at)
    _record(case, "case.merged", by=by, at=at, public=True, facts={"into": into.reference})
    _record(into, "case.joined", by=by, at=at, facts={"from": case.reference})


def close(case: Case, reason: ClosingReason, *, note: str = "", by: Person, at: datetime) -> None:
    """The case is over for this reason, and its residents will hear of it.

    Raises MoveRefused: why `held` while a partner has it, `plan` before it is said what it counts toward.
    """
    _refuse_unless_with_triage(case, CaseState.CLOSED.value)
    if not case.counts_toward_the_plan:
        raise MoveRefused("case", case.state.value, CaseState.CLOSED.value, "plan")
    if len(note) > LONGEST_NOTE:
        raise Invalid("note", "too_long")
    case.move_to(CaseState.CLOSED)
    case.closing_reason, case.closing_note, case.closed_at, case.claimed_by = reason, note.strip(), at, None
    _tell(case)
    _record(case, "case.closed", by=by, at=at, public=True, facts={"reason": reason.value, "holder": None})


def request_reopening(case: Case, *, at: datetime) -> None:
    """A resident asks that a closed case be looked at again; a case that is open already needs nothing."""
    if case.state is not CaseState.CLOSED:
        return
    case.move_to(CaseState.REOPEN_REQUESTED)
    case.closed_at = None
    _tell(case)
    _record(case, "case.reopening_requested", by=journal.RESIDENT, at=at)


def back_to_triage(case: Case, *, at: datetime) -> None:
    """The triage team holds the case again: accepted, or at the occupancy check while works are locked."""
    case.holder = None
    case.changed_at = at
    case.move_to(CaseState.OCCUPANCY_CHECK if case.works_are_locked else CaseState.ACCEPTED)
    if not case.works_are_locked and case.queue.kind is QueueKind.OCCUPANCY:
        # Outreach cleared the place while it held the case: nothing is left to check.
        case.accepted_at = case.accepted_at or at
        _wait_in(case, _queue_for(case.category.queue_code, case.occupancy, flooded=False))


def _record(
    case: Case, name: str, *, by: journal.Actor, at: datetime, public: bool = False, facts: Mapping[str, Any] | None = None
) -> None:  # fmt: skip
    # The version that was changed goes along, so that somebody who read an older one can be told what happened since.
    case.changed_at = at
    journal.record(
        name, thread=case.reference, by=by, at=at, public=public, facts={**(facts or {}), "case": case.id, "version": case.version}
    )


def _queue_for(queue_code: str, occupancy: Occupancy, *, flooded: bool) -> QueueFacts:
    if flooded:
        return queries.queue_of_kind(QueueKind.QUARANTINE)
    if occupancy in (Occupancy.POSSIBLE, Occupancy.IN_USE):
        return queries.queue_of_kind(QueueKind.OCCUPANCY)
    return queries.queue_in_force(queue_code)


def _wait_in(case: Case, facts: QueueFacts) -> None:
    case.queue = db.session.get_one(Queue, facts.id)


def _suggest_links(case: Case, **sources: Iterable[int]) -> None:
    known = {existing.action_id for existing in case.links}
    for source, action_ids in sources.items():
        for action_id in action_ids:
            if action_id not in known:
                known.add(action_id)
                case.links.append(Link(action_id=action_id, state=LinkState.SUGGESTED, suggested_by=source))


def _decide(case: Case, action: Action, state: LinkState, *, by: Person, at: datetime) -> None:
    existing = next((known for known in case.links if known.action_id == action.id), None)
    if existing is None:
        existing = Link(action=action, action_id=action.id, suggested_by="person", state=state)
        case.links.append(existing)
    existing.state, existing.decided_by, existing.decided_at = state, by, at


def _protect(case: Case, protection: Protection, *, at: datetime) -> None:
    case.protection = max(case.protection, protection)
    for observation in case.observations:
        intake.protect(observation, case.protection, at=at)


def _doubt(case: Case, *, at: datetime) -> None:
    if case.state is not CaseState.OCCUPANCY_CHECK:
        case.move_to(CaseState.OCCUPANCY_CHECK)
    case.occupancy = Occupancy.POSSIBLE
    _wait_in(case, queries.queue_of_kind(QueueKind.OCCUPANCY))
    for observation in case.observations:
        photos.drop(observation, PhotoReason.OCCUPANCY, by=journal.SYSTEM, at=at)
    _protect(case, Protection.NEVER_PUBLIC, at=at)


def _let_read(case: Case, at: datetime) -> None:
    if case.accepted_at is not None:
        for observation in case.observations:
            intake.publish(observation, at=at)
    _tell(case)


def _tell(case: Case) -> None:
    for observation in case.observations:
        intake.tell(observation, rules.status_of(case))


def _refuse_unless_with_triage(case: Case, wanted: str) -> None:
    if not case.is_with_triage:
        raise MoveRefused("case", case.state.value, wanted, "held" if case.is_open else "over")


def _refuse_when_over(case: Case, wanted: str) -> None:
    if not case.is_open:
        raise MoveRefused("case", case.state.value, wanted, "over")


def _needed(field: str, text: str) -> str:
    if not text.strip():
        raise Invalid(field, "missing")
    if len(text) > LONGEST_NOTE:
        raise Invalid(field, "too_long")
    return text.strip()
