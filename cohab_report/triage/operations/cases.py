"""Operations of a case's life: open, claim, accept, recode, close, reopen, and what a handover does to it."""

from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, Priority
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused, Stale
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Person
from cohab_report.text_limits import required_text, text_within
from cohab_report.triage import events, queries, rules
from cohab_report.triage.models import Case, CaseObservation, CaseState, ClosingReason, Occupancy
from cohab_report.triage.operations import acts, links
from cohab_report.triage.waiting.models import QueueKind

CLAIM_LASTS = timedelta(hours=2)
"""How long a claim keeps others from claiming the case."""


def open_case(observation: Observation, *, priority: Priority, flooded: bool, at: datetime) -> Case:
    """Opens the case of an observation, in the queue where it belongs, with suggested links to the plan."""
    category = catalogue.category_facts_by_id(observation.category_id)
    occupancy = rules.occupancy_from_answer(observation.belongings)
    queue = acts.queue_for(category.queue_code, occupancy, flooded=flooded)
    case = Case(
        reference=observation.reference,
        queue_id=queue.id,
        kind=category.kind,
        category_id=category.id,
        protection=observation.protection,
        state=CaseState.OCCUPANCY_CHECK if occupancy is Occupancy.POSSIBLE else CaseState.NEW,
        priority=priority,
        sector_id=observation.sector_id,
        place_id=observation.place_id,
        opened_at=at,
        changed_at=at,
        due_at=deadlines.due_at(priority, at),
        occupancy=occupancy,
        links=[],
    )
    db.session.add(case)
    if case.works_are_locked:
        acts.doubt_occupancy(case, at=at)
    links.suggest_links(case, category=category.action_ids, queue=queue.action_ids)
    db.session.flush()
    db.session.add(CaseObservation(case_id=case.id, observation_id=observation.id, joined_at=at))
    return case


def refuse_if_stale(case: Case, version: int) -> None:
    """Raises Stale if the case changed since `version` was read, with what happened (event name: who, when)."""
    if case.version != version:
        since = reversed(queries.events_since_version(case, version))
        raise Stale({event.name: (event.actor, event.happened_at.isoformat()) for event in since})


def claim_case(case: Case, *, by: Person, at: datetime) -> None:
    """Records that the person works on the case; raises MoveRefused (why: over, claimed by another one lately)."""
    acts.refuse_when_over(case, "claim")
    _refuse_recent_claim_of_other(case, "claim", by=by, at=at)
    case.claimed_by, case.claimed_at = by, at
    acts.record_act(events.CaseClaimed, case, by=by, at=at)


def release_case(case: Case, *, by: Person, at: datetime) -> None:
    """Ends the claim on the case: nobody in particular works on it any more.

    Raises MoveRefused (why: over, unclaimed, claimed by another one lately).
    """
    acts.refuse_when_over(case, "release")
    if case.claimed_by_id is None:
        raise MoveRefused("case", case.state.value, "release", "unclaimed")
    _refuse_recent_claim_of_other(case, "release", by=by, at=at)
    case.claimed_by, case.claimed_at = None, None
    acts.record_act(events.CaseReleased, case, by=by, at=at)


def _refuse_recent_claim_of_other(case: Case, move: str, *, by: Person, at: datetime) -> None:
    is_claimed_by_other = case.claimed_by_id is not None and case.claimed_by_id != by.id
    if is_claimed_by_other and case.claimed_at is not None and at - case.claimed_at < CLAIM_LASTS:
        raise MoveRefused("case", case.state.value, move, "claimed")


def accept(case: Case, *, by: Person, at: datetime) -> None:
    """Accepts the case and publishes what may be public of it; its residents are told.

    Raises MoveRefused: why `held` while a partner has it, `already_accepted`, or `locked` before the outreach team has
    cleared a place that may be lived in.
    """
    acts.refuse_unless_with_triage(case, CaseState.ACCEPTED.value)
    if case.state is CaseState.ACCEPTED:
        raise MoveRefused("case", case.state.value, CaseState.ACCEPTED.value, "already_accepted")
    if case.works_are_locked:
        raise MoveRefused("case", case.state.value, CaseState.ACCEPTED.value, "locked")
    case.move_to(CaseState.ACCEPTED)
    case.accepted_at = case.accepted_at or at
    if case.queue.kind is not QueueKind.NORMAL:
        acts.move_to_own_queue(case)
    acts.publish_opening_observation(case, at=at)
    acts.set_case_public_status(case)
    acts.record_act(events.CaseAccepted, case, by=by, at=at)


def recode(
    case: Case, category: Category, *, reason: str, is_confirmed: bool = False, by: Person, at: datetime
) -> None:
    """Changes the category to one equally or more protected.

    Actions are suggested anew, rejected ones stay rejected, and a place that nobody asked about is checked first.
    Figures don't follow a change of purpose, which must be confirmed once more. Raises Invalid("category", weaker |
    concern), Invalid("reason", missing | too_long) or Invalid("sure", across).
    """
    acts.refuse_unless_with_triage(case, "recode")
    refusal = rules.recode_refusal(case, category)
    if refusal is not None:
        raise Invalid("category", refusal)
    is_across = rules.crosses_purposes(case.category, category)
    if is_across and not is_confirmed:
        raise Invalid("sure", "across")
    case.recode_reason = required_text("reason", reason, longest=acts.LONGEST_NOTE)
    old_category = case.category
    case.category, case.kind = category, category.kind
    acts.raise_priority(case, category.priority, deadlines.due_at(category.priority, at))
    acts.protect_case(case, category.protection, at=at)
    if rules.must_check_occupancy(category, [observation.belongings for observation in case.observations]):
        acts.require_occupancy_check(case, at=at)
    elif case.queue.kind is QueueKind.NORMAL:
        acts.move_to_own_queue(case)
    actions = catalogue.category_facts_by_id(category.id).action_ids
    links.suggest_links(case, category=actions, queue=[action.id for action in case.queue.actions])
    version = acts.write_new_version(case, at=at)
    event = events.CaseRecoded(
        thread=case.reference,
        case=case.id,
        version=version,
        from_=old_category.code,
        to=category.code,
        across=is_across,
    )
    journal.record(event, by=by, at=at)


def close(case: Case, reason: ClosingReason, *, note: str = "", by: Person, at: datetime) -> None:
    """Closes the case for this reason; its residents are told.

    Raises MoveRefused: why `held` while a partner has it, `plan` before it is decided what it counts toward.
    """
    acts.refuse_unless_with_triage(case, CaseState.CLOSED.value)
    if not case.counts_toward_the_plan:
        raise MoveRefused("case", case.state.value, CaseState.CLOSED.value, "plan")
    closing_note = text_within("note", note, longest=acts.LONGEST_NOTE)
    case.move_to(CaseState.CLOSED)
    case.closing_reason, case.closing_note, case.closed_at, case.claimed_by = reason, closing_note, at, None
    acts.set_case_public_status(case)
    version = acts.write_new_version(case, at=at)
    event = events.CaseClosed(thread=case.reference, case=case.id, version=version, reason=reason.value, holder=None)
    journal.record(event, by=by, at=at)


def request_case_reopening(case: Case, *, at: datetime) -> None:
    """Moves a closed case to *reopening requested*, with a new deadline; an open case needs nothing."""
    if case.state is not CaseState.CLOSED:
        return
    _open_again(case, CaseState.REOPEN_REQUESTED, at)
    acts.record_act(events.CaseReopeningRequested, case, by=journal.RESIDENT, at=at)


def reopen(case: Case, *, reason: str, by: Person, at: datetime) -> None:
    """Takes a closed case up again, with a new deadline; its residents are told.

    What was withdrawn or destroyed stays so. Raises MoveRefused with the code of `rules.reopening_obstacle`, or
    Invalid("reason", missing | too_long).
    """
    obstacle = rules.reopening_obstacle(case)
    if obstacle is not None:
        raise MoveRefused("case", case.state.value, "reopen", obstacle)
    case.reopening_reason = required_text("reason", reason, longest=acts.LONGEST_NOTE)
    _open_again(case, rules.state_when_reopened(case), at)
    acts.record_act(events.CaseReopened, case, by=by, at=at)


def _open_again(case: Case, state: CaseState, at: datetime) -> None:
    case.move_to(state)
    case.closed_at, case.due_at = None, deadlines.due_at(case.priority, at)
    acts.set_case_public_status(case)


def mark_handed_over(case: Case, *, at: datetime) -> None:
    """Moves the case to *handed over*, where it waits for a partner's answer, and ends its claim.

    Its residents read that it is taken up. Raises MoveRefused (why: held, over, accept_first).
    """
    acts.refuse_unless_with_triage(case, CaseState.HANDED_OVER.value)
    if not case.may_move_to(CaseState.HANDED_OVER):
        raise MoveRefused("case", case.state.value, CaseState.HANDED_OVER.value, "accept_first")
    case.move_to(CaseState.HANDED_OVER)
    case.claimed_by = None
    case.accepted_at = case.accepted_at or at
    acts.set_case_public_status(case)


def return_to_triage(case: Case) -> None:
    """Returns the case to the triage team: accepted, or at the occupancy check while works are locked."""
    case.holder = None
    case.move_to(CaseState.OCCUPANCY_CHECK if case.works_are_locked else CaseState.ACCEPTED)
    if not case.works_are_locked and case.queue.kind is QueueKind.OCCUPANCY:
        # Outreach cleared the place while it held the case: nothing is left to check.
        acts.move_to_own_queue(case)
