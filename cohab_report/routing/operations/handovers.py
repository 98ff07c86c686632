"""Operations on handovers: entrust a case to a partner, and what the partner does with it.

At every moment either the triage team or one partner holds the case.
"""

from datetime import date, datetime

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused, Stale
from cohab_report.partners.models import Partner, Person
from cohab_report.routing import events, suggesting
from cohab_report.routing.models import HOLDING_STATES, Handover, HandoverState, LegalGround
from cohab_report.routing.police import rules as police
from cohab_report.routing.suggesting import Suggestion
from cohab_report.text_limits import required_text, text_within
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, CaseState, ClosingReason

LONGEST_HANDOVER_TEXT = 500
"""Characters that a reason, an answer or a note may have."""


def hand_over(
    case: Case, partner: Partner, *, reason: str = "", by: Person, at: datetime, suggestion: Suggestion | None = None
) -> Handover:
    """Offers the case to the partner, who is told; the triage team holds it until the partner accepts.

    What was suggested and what was chosen are both stored. Raises Invalid("partner", concern | police | purpose |
    locked), Invalid("reason", too_long), or MoveRefused while the case is not with triage.
    """
    refusal = suggesting.handover_refusal(case, partner)
    if refusal is not None:
        raise Invalid("partner", refusal)
    clean_reason = text_within("reason", reason, longest=LONGEST_HANDOVER_TEXT)
    is_suggestion_followed = suggestion is not None and suggestion.partner.id == partner.id
    handover = _new_offer(case, partner, reason=clean_reason, by=by, at=at)
    handover.rule_code = suggestion.rule_code if suggestion and is_suggestion_followed else ""
    handover.suggested_partner = suggestion.partner if suggestion else None
    db.session.flush()
    event = events.HandoverOffered(**_handover_facts(handover, at), followed=is_suggestion_followed)
    journal.record(event, by=by, at=at)
    return handover


def transfer_to_police(
    case: Case, partner: Partner, *, ground: LegalGround, reason: str, by: Person, at: datetime
) -> Handover:
    """Offers the case to the police, on a ground in law and for a written reason; counted by an event of its own.

    Raises Invalid("partner" | "ground", unknown), Invalid("reason", missing | too_short | too_long), or MoveRefused:
    why police_thanks, police_locked, or while the case is not with triage.
    """
    if not partner.is_transfer_only or partner.is_retired:
        raise Invalid("partner", "unknown")
    if ground.is_retired:
        raise Invalid("ground", "unknown")
    clean_reason = required_text("reason", reason, longest=LONGEST_HANDOVER_TEXT)
    if not police.is_long_enough(clean_reason):
        raise Invalid("reason", "too_short")
    refusal = police.transfer_refusal(case)
    if refusal is not None:
        raise MoveRefused("case", case.state.value, CaseState.HANDED_OVER.value, refusal)
    handover = _new_offer(case, partner, reason=clean_reason, by=by, at=at)
    handover.legal_ground = ground
    db.session.flush()
    event = events.PoliceTransferred(**_handover_facts(handover, at), ground=ground.code)
    journal.record(event, by=by, at=at)
    return handover


def accept_handover(handover: Handover, *, by: Person, at: datetime) -> None:
    """Accepts the handover: the partner holds the case, and its residents read the partner's name."""
    handover.move_to(HandoverState.ACCEPTED)
    handover.answered_at = at
    handover.case.holder = handover.partner
    event = events.HandoverAccepted(**_handover_facts(handover, at), holder=handover.partner_id)
    journal.record(event, by=by, at=at)


def decline_handover(handover: Handover, *, reason: str, by: Person, at: datetime) -> None:
    """Declines the handover, for a reason that triage reads; triage holds the case as before.

    Raises Invalid("answer", missing | too_long).
    """
    answer = required_text("answer", reason, longest=LONGEST_HANDOVER_TEXT)
    handover.move_to(HandoverState.DECLINED)
    handover.answer, handover.answered_at = answer, at
    _end_handover(handover, at)
    _record_act(events.HandoverDeclined, handover, by=by, at=at)


def start_handover(handover: Handover, *, by: Person, at: datetime) -> None:
    """Records that the partner is at work on the case; raises MoveRefused (why: not_accepted)."""
    _refuse_before_acceptance(handover, HandoverState.IN_PROGRESS)
    handover.move_to(HandoverState.IN_PROGRESS)
    handover.case.move_to(CaseState.IN_PROGRESS)
    event = events.HandoverStarted(**_handover_facts(handover, at), holder=handover.partner_id)
    journal.record(event, by=by, at=at)


def finish_handover(handover: Handover, outcome: ClosingReason, *, words: str = "", by: Person, at: datetime) -> None:
    """Ends the handover with this outcome; raises Invalid("answer", too_long), MoveRefused (why: not_accepted).

    The case is closed when it is decided what it counts toward and no works are locked; it returns to triage
    otherwise.
    """
    answer = text_within("answer", words, longest=LONGEST_HANDOVER_TEXT)
    _refuse_before_acceptance(handover, HandoverState.DONE)
    handover.move_to(HandoverState.DONE)
    handover.answer, handover.outcome = answer, outcome
    _end_handover(handover, at)
    event = events.HandoverDone(**_handover_facts(handover, at), holder=None, outcome=outcome.value)
    journal.record(event, by=by, at=at)
    case = handover.case
    if case.counts_toward_the_plan and not case.works_are_locked:
        triage.close(case, outcome, note=words, by=by, at=at)


def give_back(handover: Handover, *, reason: str, by: Person, at: datetime) -> None:
    """Gives the case back to triage, for a reason that triage reads.

    Raises Invalid("answer", missing | too_long), MoveRefused (why: not_accepted): an offer is declined, not given back.
    """
    _refuse_before_acceptance(handover, HandoverState.GIVEN_BACK)
    answer = required_text("answer", reason, longest=LONGEST_HANDOVER_TEXT)
    handover.move_to(HandoverState.GIVEN_BACK)
    handover.answer = answer
    _end_handover(handover, at)
    journal.record(events.HandoverGivenBack(**_handover_facts(handover, at), holder=None), by=by, at=at)


def take_back(handover: Handover, *, by: Person, at: datetime) -> None:
    """Withdraws an offer that nobody answered yet; raises MoveRefused (why: accepted) once the partner has accepted."""
    if handover.state is not HandoverState.OFFERED:
        raise MoveRefused("handover", handover.state.value, HandoverState.GIVEN_BACK.value, "accepted")
    handover.move_to(HandoverState.GIVEN_BACK)
    _end_handover(handover, at)
    _record_act(events.HandoverTakenBack, handover, by=by, at=at)


def stop_works(handover: Handover, *, by: Person, at: datetime) -> None:
    """Takes the case from a partner that does works, because somebody may live there: an occupancy check comes first.

    The partner is told (guard rail 1). Raises MoveRefused (why: not_works) where the partner neither clears nor
    cleans.
    """
    if not handover.partner.does_works:
        raise MoveRefused("handover", handover.state.value, HandoverState.GIVEN_BACK.value, "not_works")
    handover.move_to(HandoverState.GIVEN_BACK)
    _end_handover(handover, at)
    triage.request_occupancy_check(handover.case, by=by, at=at)
    journal.record(events.HandoverStopped(**_handover_facts(handover, at), holder=None), by=by, at=at)


def record_visit(handover: Handover, *, in_use: bool, on: date, note: str, by: Person, at: datetime) -> None:
    """Records the visit of an outreach partner that holds the case: whether works may come.

    Raises MoveRefused (why: not_holding, and those of `triage.record_occupancy`), Invalid("on" | "note", …).
    """
    if handover.state not in HOLDING_STATES:
        raise MoveRefused("handover", handover.state.value, "occupancy", "not_holding")
    triage.record_occupancy(handover.case, in_use=in_use, on=on, note=note, by=by, at=at)


def refuse_if_handover_stale(handover: Handover, version: int) -> None:
    """Raises Stale if the handover changed since `version` was read."""
    if handover.version != version:
        raise Stale({"state": ("", handover.state.value)})


def _new_offer(case: Case, partner: Partner, *, reason: str, by: Person, at: datetime) -> Handover:
    """Moves the case to *handed over* and adds an offer to the partner."""
    triage.mark_handed_over(case, at=at)
    handover = Handover(
        case=case,
        partner=partner,
        state=HandoverState.OFFERED,
        offered_by=by,
        offered_at=at,
        reason=reason,
        due_at=_answer_due_at(case, partner, at),
    )
    db.session.add(handover)
    return handover


def _refuse_before_acceptance(handover: Handover, target: HandoverState) -> None:
    if handover.state is HandoverState.OFFERED:
        raise MoveRefused("handover", handover.state.value, target.value, "not_accepted")


def _answer_due_at(case: Case, partner: Partner, at: datetime) -> datetime | None:
    return deadlines.due_at(case.priority, at, hours_text=partner.hours) if partner.hours else case.due_at


def _end_handover(handover: Handover, at: datetime) -> None:
    handover.ended_at = at
    triage.return_to_triage(handover.case)


def _record_act(event: type[events.HandoverEvent], handover: Handover, *, by: Person, at: datetime) -> None:
    """Records an act on the handover that has no facts of its own."""
    journal.record(event(**_handover_facts(handover, at)), by=by, at=at)


def _handover_facts(handover: Handover, at: datetime) -> events.HandoverFacts:
    return {
        "thread": handover.case.reference,
        "case": handover.case_id,
        "version": triage.write_new_version(handover.case, at=at),
        "handover": handover.id,
        "partner": handover.partner_id,
        "outreach": handover.partner.does_outreach,
    }
