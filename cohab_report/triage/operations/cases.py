"""A case's life: opened, claimed, accepted, of another category, closed, looked at again."""

from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Priority
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused, Stale
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Person
from cohab_report.triage import queries, rules
from cohab_report.triage.models import Case, CaseObservation, CaseState, ClosingReason, Occupancy, QueueKind
from cohab_report.triage.operations import acts, links

CLAIM_LASTS = timedelta(hours=2)


def open_case(observation: Observation, *, priority: Priority, flooded: bool, at: datetime) -> Case:
    """The observation has its case, in the queue where it belongs, with the actions it may count toward suggested."""
    category, occupancy = catalogue.in_force_by_id(observation.category_id), rules.occupancy_of(observation.belongings)
    queue = acts.queue_for(category.queue_code, occupancy, flooded=flooded)
    case = Case(
        reference=observation.reference, queue_id=queue.id, kind=category.kind, category_id=category.id, protection=observation.protection,
        state=CaseState.OCCUPANCY_CHECK if occupancy is Occupancy.POSSIBLE else CaseState.NEW, priority=priority,
        sector_id=observation.sector_id, place_id=observation.place_id, opened_at=at, changed_at=at,
        due_at=deadlines.due_at(priority, at),
        occupancy=occupancy, links=[],
    )  # fmt: skip
    db.session.add(case)
    links.suggest(case, category=category.action_ids, queue=queue.action_ids)
    db.session.flush()
    db.session.add(CaseObservation(case_id=case.id, observation_id=observation.id, joined_at=at))
    return case


def expect(case: Case, version: int) -> None:
    """Returns while nobody changed the case since `version` was read; raises Stale with what happened (event name: who, when)."""
    if case.version != version:
        since = reversed(queries.changes_since(case, version))
        raise Stale({event.name: (event.actor, event.happened_at.isoformat()) for event in since})


def claim(case: Case, *, by: Person, at: datetime) -> None:
    """The person works on the case; raises MoveRefused (why: claimed) while somebody else does and did so lately."""
    theirs = case.claimed_by_id is not None and case.claimed_by_id != by.id
    if theirs and case.claimed_at is not None and at - case.claimed_at < CLAIM_LASTS:
        raise MoveRefused("case", case.state.value, "claim", "claimed")
    case.claimed_by, case.claimed_at = by, at
    acts.record(case, "case.claimed", by=by, at=at)


def release(case: Case, *, by: journal.Actor, at: datetime) -> None:
    """Nobody in particular works on the case any more."""
    case.claimed_by, case.claimed_at = None, None
    acts.record(case, "case.released", by=by, at=at)


def accept(case: Case, *, by: Person, at: datetime) -> None:
    """The case is accepted, what may be public of it is, and its residents will hear of it. Raises MoveRefused: why `held` while a
    partner has it, `locked` before outreach has cleared a place that may be lived in.
    """
    acts.refuse_unless_with_triage(case, CaseState.ACCEPTED.value)
    if case.works_are_locked:
        raise MoveRefused("case", case.state.value, CaseState.ACCEPTED.value, "locked")
    case.move_to(CaseState.ACCEPTED)
    case.accepted_at = case.accepted_at or at
    if case.queue.kind is not QueueKind.NORMAL:
        acts.wait_in(case, acts.queue_for(case.category.queue_code, case.occupancy, flooded=False))
    for observation in case.observations:
        intake.publish(observation, at=at)
    acts.tell(case)
    acts.record(case, "case.accepted", by=by, at=at, public=True)


def recode(case: Case, category: Category, *, reason: str, by: Person, at: datetime) -> None:
    """The case is of another category, equally or more protected; raises Invalid("category", "weaker") or Invalid("reason", "missing").

    What it may count toward is suggested anew, rejections are kept, and a place that nobody asked about is checked first.
    """
    acts.refuse_unless_with_triage(case, "recode")
    if not rules.may_recode(case.category, category):
        raise Invalid("category", "weaker")
    case.recode_reason = acts.needed("reason", reason)
    before = case.category
    case.category, case.kind = category, category.kind
    acts.hasten(case, category.priority, deadlines.due_at(category.priority, at))
    acts.protect(case, category.protection, at=at)
    if rules.must_check_occupancy(category, [observation.belongings for observation in case.observations]):
        acts.doubt(case, at=at)
    elif case.queue.kind is QueueKind.NORMAL:
        acts.wait_in(case, acts.queue_for(case.category.queue_code, case.occupancy, flooded=False))
    actions = catalogue.in_force_by_id(category.id).action_ids
    links.suggest(case, category=actions, queue=[action.id for action in case.queue.actions])
    acts.record(case, "case.recoded", by=by, at=at, facts={"from": before.code, "to": category.code})


def close(case: Case, reason: ClosingReason, *, note: str = "", by: Person, at: datetime) -> None:
    """The case is over for this reason, and its residents will hear of it.

    Raises MoveRefused: why `held` while a partner has it, `plan` before it is said what it counts toward.
    """
    acts.refuse_unless_with_triage(case, CaseState.CLOSED.value)
    if not case.counts_toward_the_plan:
        raise MoveRefused("case", case.state.value, CaseState.CLOSED.value, "plan")
    if len(note) > acts.LONGEST_NOTE:
        raise Invalid("note", "too_long")
    case.move_to(CaseState.CLOSED)
    case.closing_reason, case.closing_note, case.closed_at, case.claimed_by = reason, note.strip(), at, None
    acts.tell(case)
    acts.record(case, "case.closed", by=by, at=at, public=True, facts={"reason": reason.value, "holder": None})


def request_reopening(case: Case, *, at: datetime) -> None:
    """A resident asks that a closed case be looked at again, by a deadline of its own; a case that is open already needs nothing."""
    if case.state is not CaseState.CLOSED:
        return
    case.move_to(CaseState.REOPEN_REQUESTED)
    case.closed_at, case.due_at = None, deadlines.due_at(case.priority, at)
    acts.tell(case)
    acts.record(case, "case.reopening_requested", by=journal.RESIDENT, at=at)


def entrust(case: Case, *, at: datetime) -> None:
    """The case waits for a partner's answer and nobody of the team has it on their screen: it is taken up, and its residents read so."""
    case.move_to(CaseState.HANDED_OVER)
    case.claimed_by = None
    case.accepted_at = case.accepted_at or at
    acts.tell(case)


def back_to_triage(case: Case, *, at: datetime) -> None:
    """The triage team holds the case again: accepted, or at the occupancy check while works are locked."""
    case.holder = None
    case.changed_at = at
    case.move_to(CaseState.OCCUPANCY_CHECK if case.works_are_locked else CaseState.ACCEPTED)
    if not case.works_are_locked and case.queue.kind is QueueKind.OCCUPANCY:
        # Outreach cleared the place while it held the case: nothing is left to check.
        acts.wait_in(case, acts.queue_for(case.category.queue_code, case.occupancy, flooded=False))
