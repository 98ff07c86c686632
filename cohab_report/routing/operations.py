"""Entrusting a case to one partner, and what the partner does with it. At every moment triage or one partner holds the case."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused, Stale
from cohab_report.partners.models import Partner, Person
from cohab_report.routing import queries, rules
from cohab_report.routing.models import HOLDING, Handover, HandoverState
from cohab_report.routing.rules import RuleBroken, Suggestion
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, CaseState, ClosingReason

LONGEST_WORDS = 500


def suggest(case: Case, *, at: datetime) -> Suggestion | None:
    """The partner that the rules name for this case, never one that already refused it; None: a person must choose.

    A rule that may not speak is not skipped in silence: it raises RuleBroken, which `suggest_or_alert` turns into an alert.
    """
    facts = rules.facts_of(case, team_is_open=team_is_open(at))
    return rules.partner_for(facts, queries.rules(), but_not=queries.refusals(case))


def suggest_or_alert(case: Case, *, at: datetime) -> tuple[Suggestion | None, RuleBroken | None]:
    """The suggestion, or what is wrong with the rule that should have made it: the case then stays with triage, and the page says so."""
    try:
        return suggest(case, at=at), None
    except RuleBroken as broken:
        return None, broken


def team_is_open(at: datetime) -> bool:
    """Whether the triage team is staffed at this instant, by the city profile's hours."""
    return deadlines.team_hours().is_open(at)


def hand_over(
    case: Case, partner: Partner, *, reason: str = "", by: Person, at: datetime, suggestion: Suggestion | None = None
) -> Handover:
    """The case is offered to the partner, who will be told; triage holds it until the partner accepts.

    What was suggested and what was chosen are both kept. Raises Invalid("partner", purpose | locked), Invalid("reason", police |
    too_long), or MoveRefused while the case is not with triage.
    """
    why = rules.why_not(case, partner, reason)
    if why is not None:
        raise Invalid("reason" if why == "police" else "partner", why)
    if len(reason) > LONGEST_WORDS:
        raise Invalid("reason", "too_long")
    triage.entrust(case, at=at)
    followed = suggestion is not None and suggestion.partner.id == partner.id
    handover = Handover(
        case=case, partner=partner, state=HandoverState.OFFERED, offered_by=by, offered_at=at, reason=reason.strip(),
        due_at=_answer_due(case, partner, at), rule_code=suggestion.rule if suggestion and followed else "",
        suggested_partner=suggestion.partner if suggestion else None,
    )  # fmt: skip
    db.session.add(handover)
    db.session.flush()
    _record(
        handover, "handover.offered", by=by, at=at, facts={"followed": followed, "police": partner.is_transfer_only}
    )
    return handover


def accept(handover: Handover, *, by: Person, at: datetime) -> None:
    """The partner holds the case, and its residents will read who it is."""
    handover.move_to(HandoverState.ACCEPTED)
    handover.answered_at = at
    handover.case.holder = handover.partner
    _record(handover, "handover.accepted", by=by, at=at, public=True, facts={"holder": handover.partner_id})


def decline(handover: Handover, *, reason: str, by: Person, at: datetime) -> None:
    """The partner does not take the case, for a reason that triage reads; triage holds it as before. Raises Invalid("answer", missing)."""
    answer = _needed("answer", reason)
    handover.move_to(HandoverState.DECLINED)
    handover.answer, handover.answered_at = answer, at
    _ended(handover, at)
    _record(handover, "handover.declined", by=by, at=at)


def start(handover: Handover, *, by: Person, at: datetime) -> None:
    """The partner is at work on the case."""
    handover.move_to(HandoverState.IN_PROGRESS)
    handover.case.move_to(CaseState.IN_PROGRESS)
    _record(handover, "handover.started", by=by, at=at, public=True, facts={"holder": handover.partner_id})


def finish(handover: Handover, outcome: ClosingReason, *, words: str = "", by: Person, at: datetime) -> None:
    """The partner is done, with this outcome. The case is closed when it is said what it counts toward; triage has it again otherwise."""
    if len(words) > LONGEST_WORDS:
        raise Invalid("answer", "too_long")
    handover.move_to(HandoverState.DONE)
    handover.answer, handover.outcome = words.strip(), outcome
    _ended(handover, at)
    _record(handover, "handover.done", by=by, at=at, public=True, facts={"holder": None, "outcome": outcome.value})
    case = handover.case
    if case.counts_toward_the_plan and not case.works_are_locked:
        triage.close(case, outcome, note=words, by=by, at=at)


def give_back(handover: Handover, *, reason: str, by: Person, at: datetime) -> None:
    """The partner can't go on, for a reason that triage reads; triage holds the case again. Raises Invalid("answer", missing)."""
    answer = _needed("answer", reason)
    handover.move_to(HandoverState.GIVEN_BACK)
    handover.answer = answer
    _ended(handover, at)
    _record(handover, "handover.given_back", by=by, at=at, public=True, facts={"holder": None})


def take_back(handover: Handover, *, by: Person, at: datetime) -> None:
    """Triage withdraws an offer that nobody answered yet; raises MoveRefused once the partner has accepted."""
    if handover.state is not HandoverState.OFFERED:
        raise MoveRefused("handover", handover.state.value, HandoverState.GIVEN_BACK.value, "accepted")
    handover.move_to(HandoverState.GIVEN_BACK)
    _ended(handover, at)
    _record(handover, "handover.taken_back", by=by, at=at)


def stop_works(handover: Handover, *, by: Person, at: datetime) -> None:
    """Somebody may live there after all: the partner, who is told, has the case no longer, and outreach looks first (guard rail 1).

    Raises MoveRefused (why: not_works) where the partner neither clears nor cleans.
    """
    if not handover.partner.does_works:
        raise MoveRefused("handover", handover.state.value, HandoverState.GIVEN_BACK.value, "not_works")
    handover.move_to(HandoverState.GIVEN_BACK)
    _ended(handover, at)
    triage.doubt_occupancy(handover.case, by=by, at=at)
    _record(handover, "handover.stopped", by=by, at=at, public=True, facts={"holder": None})


def record_visit(handover: Handover, *, in_use: bool, on: date, note: str, by: Person, at: datetime) -> None:
    """Outreach that holds the case has looked at the place, and says whether works may come.

    Raises MoveRefused (why: not_holding, and those of `triage.record_occupancy`), Invalid("on" | "note", …).
    """
    if handover.state not in HOLDING:
        raise MoveRefused("handover", handover.state.value, "occupancy", "not_holding")
    triage.record_occupancy(handover.case, in_use=in_use, on=on, note=note, by=by, at=at)


@dataclass(frozen=True)
class DryRun:
    """What the rules in force would say of the latest cases."""

    cases: int
    suggested: Mapping[str, int]
    """How many cases each rule would entrust, by its code; a rule that fits none has 0."""
    broken: Mapping[tuple[str, str], int]
    """How many cases a rule would fail, by its code and why; 0 for one that fails for all to come but met none of these."""
    left_to_a_person: int


def dry_run(*, latest: int = 200) -> DryRun:
    """The rules in force tried on the latest cases, each at the hour it was opened; nothing is changed and nobody is told."""
    in_force = queries.rules()
    suggested = dict.fromkeys((rule.code for rule in in_force), 0)
    broken = {(rule.code, why): 0 for rule in in_force if (why := rules.never_speaks(rule))}
    cases, alone, team = queries.latest_cases(latest), 0, deadlines.team_hours()
    for case in cases:
        try:
            found = rules.partner_for(rules.facts_of(case, team_is_open=team.is_open(case.opened_at)), in_force)
        except RuleBroken as error:
            broken[error.code, error.why] = broken.get((error.code, error.why), 0) + 1
            continue
        if found is None:
            alone += 1
        else:
            suggested[found.rule] += 1
    return DryRun(len(cases), suggested, broken, alone)


def expect(handover: Handover, version: int) -> None:
    """Returns while nobody changed the handover since `version` was read; raises Stale otherwise."""
    if handover.version != version:
        raise Stale({"state": ("", handover.state.value)})


def _answer_due(case: Case, partner: Partner, at: datetime) -> datetime | None:
    return deadlines.due_at(case.priority, at, written=partner.hours) if partner.hours else case.due_at


def _ended(handover: Handover, at: datetime) -> None:
    handover.ended_at = at
    triage.back_to_triage(handover.case, at=at)


def _record(
    handover: Handover, name: str, *, by: Person, at: datetime, public: bool = False, facts: dict[str, object] | None = None
) -> None:  # fmt: skip
    known = {"handover": handover.id, "partner": handover.partner_id, **triage.changed(handover.case, at=at)}
    journal.record(name, thread=handover.case.reference, by=by, at=at, public=public, facts={**known, **(facts or {})})


def _needed(field: str, text: str) -> str:
    if not text.strip():
        raise Invalid(field, "missing")
    if len(text) > LONGEST_WORDS:
        raise Invalid(field, "too_long")
    return text.strip()
