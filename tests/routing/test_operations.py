"""Handing over and giving back: at every moment triage or exactly one partner holds a case, whatever anybody tries."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.catalogue.models import Category, Protection
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused, Stale
from cohab_report.intake.models import Status
from cohab_report.intake.stories.queries import story_of
from cohab_report.journal import Event
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.routing import queries
from cohab_report.routing.models import HOLDING_STATES, STANDING_STATES, Handover, HandoverState, Rule
from cohab_report.routing.police import rules as police_rules
from cohab_report.triage import operations as triage
from cohab_report.triage import rules as triage_rules
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests import factories
from tests.cast import Cast

AT = factories.MONDAY
PARTNERS = ("MAIRIE", "VOIRIE", "MARAUDE", "GARDE")
REASON = st.sampled_from(["Parce que", "Parce que", "Parce que", "  ", "x" * 501])


class OneHolder(RuleBasedStateMachine):
    """Two cases and everything that may be tried on them, in any order. Refusals are fine; two holders are not."""

    cast: Cast
    done: Counter[str] = Counter()

    def __init__(self):
        super().__init__()
        self.at, self.floor = AT, {}

    @initialize(belongings=st.sampled_from(["no", "yes", "unknown"]), far=st.integers(0, 3))
    def two_cases_arrive(self, belongings, far):
        """The first one may be on its way already: offered, accepted or in progress."""
        self.cases = [
            factories.accepted_case(self.cast.ana, at=AT),
            factories.case("DECHET-3", at=AT, belongings=belongings),
        ]
        db.session.flush()
        if far:
            self.hand_over(0, "VOIRIE", "")
        for act in ("accept", "start")[: max(far - 1, 0)]:
            self.answer(0, 0, act, "")

    @property
    def somebody_was_asked(self):
        return any(queries.handovers_of(case) for case in self.cases)

    @property
    def nobody_was_merged(self):
        return all(case.state is not CaseState.MERGED for case in self.cases)

    def teardown(self):
        db.session.rollback()

    def tried(self, name, attempt):
        """One attempt, as a view makes it: done whole, or refused and undone whole."""
        self.at += timedelta(minutes=7)
        try:
            with db.session.begin_nested():
                attempt(self.at)
        except (MoveRefused, Invalid):
            return
        self.done[name] += 1

    def of(self, which, back=0):
        """One of the latest handovers of a case, or None while it has none."""
        found = queries.handovers_of(self.cases[which])
        return found[min(back, len(found) - 1)] if found else None

    def on_handover(self, name, which, back, attempt):
        handover = self.of(which, back)
        if handover is not None:
            self.tried(name, lambda at: attempt(handover, at))

    which, back = st.sampled_from([0, 0, 1]), st.sampled_from([0, 0, 0, 1])

    @rule(which=which, to=st.sampled_from(PARTNERS), reason=REASON)
    def hand_over(self, which, to, reason):
        partner = db.session.scalars(select(Partner).where(Partner.code == to)).one()
        self.tried(
            "hand_over",
            lambda at: routing.hand_over(self.cases[which], partner, reason=reason, by=self.cast.ana, at=at),
        )

    @rule(which=which, to=st.sampled_from(["GARDE", "GARDE", "VOIRIE"]), reason=st.sampled_from(["x", "x" * 20]))
    def transfer_to_police(self, which, to, reason):
        partner = db.session.scalars(select(Partner).where(Partner.code == to)).one()
        ground, case = queries.legal_ground_or_refuse("DANGER"), self.cases[which]
        may = police_rules.transfer_refusal(case) is None and to == "GARDE" and reason != "x"
        count = self.done["police"]
        self.tried(
            "police",
            lambda at: routing.transfer_to_police(case, partner, ground=ground, reason=reason, by=self.cast.ana, at=at),
        )
        assert (self.done["police"] > count) is may

    @precondition(lambda self: self.somebody_was_asked)
    @rule(
        which=which,
        back=back,
        act=st.sampled_from(["take_back", "stop_works", "decline", "accept", "accept", "start"]),
        reason=REASON,
    )
    def answer(self, which, back, act, reason):
        lin, ana = self.cast.lin, self.cast.ana
        acts = {
            "take_back": lambda it, at: routing.take_back(it, by=ana, at=at),
            "stop_works": lambda it, at: routing.stop_works(it, by=ana, at=at),
            "decline": lambda it, at: routing.decline_handover(it, reason=reason, by=lin, at=at),
            "accept": lambda it, at: routing.accept_handover(it, by=lin, at=at),
            "start": lambda it, at: routing.start_handover(it, by=lin, at=at),
        }
        self.on_handover(act, which, back, acts[act])

    @precondition(lambda self: self.somebody_was_asked)
    @rule(which=which, back=back, outcome=st.sampled_from([None, *ClosingReason]), reason=REASON)
    def end(self, which, back, outcome, reason):
        if outcome is None:
            self.on_handover(
                "give_back", which, back, lambda it, at: routing.give_back(it, reason=reason, by=self.cast.lin, at=at)
            )
        else:
            self.on_handover(
                "finish", which, back, lambda it, at: routing.finish_handover(it, outcome, by=self.cast.lin, at=at)
            )

    @precondition(lambda self: self.somebody_was_asked)
    @rule(which=which, back=back, in_use=st.booleans())
    def record_visit(self, which, back, in_use):
        self.on_handover(
            "record_visit",
            which,
            back,
            lambda it, at: routing.record_visit(it, in_use=in_use, on=AT.date(), note="Vu", by=self.cast.noor, at=at),
        )

    @rule(which=which, in_use=st.booleans())
    def record_occupancy(self, which, in_use):
        case = self.cases[which]
        self.tried(
            "record_occupancy",
            lambda at: triage.record_occupancy(case, in_use=in_use, on=AT.date(), note="Vu", by=self.cast.ana, at=at),
        )

    @rule(which=which)
    def request_occupancy_check(self, which):
        self.tried(
            "request_occupancy_check",
            lambda at: triage.request_occupancy_check(self.cases[which], by=self.cast.ana, at=at),
        )

    @rule(which=which)
    def accept_case(self, which):
        self.tried("accept_case", lambda at: triage.accept(self.cases[which], by=self.cast.ana, at=at))

    @rule(which=which, confirm=st.booleans())
    def link(self, which, confirm):
        case = self.cases[which]
        decide = triage.confirm_link if confirm else triage.reject_link
        self.tried("link", lambda at: decide(case, case.links[0].action, by=self.cast.ana, at=at))

    @rule(which=which, to=st.sampled_from(["DECHET-1", "DECHET-2", "DECHET-3", "LIEU-1", "LIEU-2", "SOUCI"]))
    def recode(self, which, to):
        category = db.session.scalars(select(Category).where(Category.code == to)).one()
        self.tried(
            "recode",
            lambda at: triage.recode(
                self.cases[which], category, reason="Mieux", is_confirmed=True, by=self.cast.ana, at=at
            ),
        )

    @precondition(lambda self: self.at > AT + timedelta(hours=1))
    @rule(which=which, reason=st.sampled_from(ClosingReason))
    def close(self, which, reason):
        self.tried("close", lambda at: triage.close(self.cases[which], reason, by=self.cast.ana, at=at))

    @precondition(lambda self: any(case.state is CaseState.CLOSED for case in self.cases))
    @rule(which=which)
    def reopen(self, which):
        self.tried("reopen", lambda at: triage.request_case_reopening(self.cases[which], at=at))

    @precondition(lambda self: self.nobody_was_merged and self.at > AT + timedelta(hours=2))
    @rule(which=which)
    def merge(self, which):
        self.tried(
            "merge", lambda at: triage.merge(self.cases[which], into=self.cases[1 - which], by=self.cast.ana, at=at)
        )

    @invariant()
    def nothing_contradicts_anything(self):
        db.session.flush()
        db.session.expire_all()
        for case in getattr(self, "cases", []):
            standing = [each for each in queries.handovers_of(case) if each.state in STANDING_STATES]
            assert len(standing) <= 1, "two partners were asked at once"
            self.exactly_one_holds(case, *standing)
            self.states_agree(case, *standing)
            self.protection_holds(case, *standing)

    def exactly_one_holds(self, case, handover=None):
        holder = handover.partner_id if handover and handover.state in HOLDING_STATES else None
        assert case.holder_id == holder
        assert case.is_with_triage == (case.is_open and handover is None)

    def states_agree(self, case, handover=None):
        expected = {
            None: set(CaseState) - {CaseState.HANDED_OVER, CaseState.IN_PROGRESS},
            HandoverState.OFFERED: {CaseState.HANDED_OVER},
            HandoverState.ACCEPTED: {CaseState.HANDED_OVER},
            HandoverState.IN_PROGRESS: {CaseState.IN_PROGRESS},
        }
        assert case.state in expected[handover.state if handover else None]
        assert {one.status for one in case.observations} <= {triage_rules.public_status_of(case)}, (
            "residents read something else"
        )

    def protection_holds(self, case, handover=None):
        assert not (case.works_are_locked and handover and handover.partner.does_works)
        for each in queries.handovers_of(case):
            assert each.partner.is_transfer_only is (each.legal_ground is not None), "the police by another way"
        assert not (case.works_are_locked and case.state is CaseState.ACCEPTED)
        assert case.protection >= self.floor.get(case.id, 1), "protection fell"
        self.floor[case.id] = case.protection


def test_at_every_moment_exactly_one_holds_the_case(cast):
    OneHolder.cast, OneHolder.done = cast, Counter()
    run_state_machine_as_test(
        OneHolder,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    # Not refusals alone: cases really went out, were taken and came back.
    done = OneHolder.done
    ends = sum(done[name] for name in ("decline", "take_back", "give_back", "finish"))
    assert done["hand_over"] > 15 and done["accept"] > 0 and done["start"] > 0 and ends > 3, done


def partner(session: Session, code: str) -> Partner:
    return session.scalars(select(Partner).where(Partner.code == code)).one()


def names(case: Case) -> list[str]:
    return [
        event.name
        for event in db.session.scalars(select(Event).where(Event.thread == case.reference).order_by(Event.id))
    ]


def test_works_are_refused_while_somebody_may_live_there(session, cast):
    case = factories.case("DECHET-3", belongings="unknown")
    with pytest.raises(Invalid) as refused:
        routing.hand_over(case, partner(session, "VOIRIE"), reason="Il faut nettoyer", by=cast.ana, at=AT)
    assert refused.value.reason == "locked"
    handover = routing.hand_over(case, partner(session, "MARAUDE"), by=cast.ana, at=AT)
    routing.accept_handover(handover, by=cast.noor, at=AT)
    routing.record_visit(handover, in_use=False, on=AT.date(), note="Personne depuis trois jours", by=cast.noor, at=AT)
    routing.finish_handover(handover, ClosingReason.NOTHING_FOUND, by=cast.noor, at=AT)
    assert (case.queue.code, case.accepted_at) == (case.category.queue_code, AT), "no longer among the places to check"
    assert case.is_with_triage and routing.hand_over(case, partner(session, "VOIRIE"), by=cast.ana, at=AT)


def test_residents_read_that_outreach_has_taken_up_a_place_that_is_to_be_checked(session, cast):
    case = factories.case("DECHET-3", belongings="unknown")
    read = [case.observations[0].status]
    handover = routing.hand_over(case, partner(session, "MARAUDE"), by=cast.ana, at=AT)
    routing.accept_handover(handover, by=cast.noor, at=AT)
    read.append(case.observations[0].status)
    routing.give_back(handover, reason="Une autre équipe connaît le lieu", by=cast.noor, at=AT)
    read.append(case.observations[0].status)
    assert (case.state, read) == (CaseState.OCCUPANCY_CHECK, [Status.RECEIVED, Status.TAKEN_UP, Status.TAKEN_UP])


def test_a_visit_is_noted_only_by_outreach_that_holds_the_case(session, cast):
    case = factories.case("DECHET-3", belongings="yes")
    handover = routing.hand_over(case, partner(session, "MARAUDE"), by=cast.ana, at=AT)
    with pytest.raises(MoveRefused) as early:
        routing.record_visit(handover, in_use=False, on=AT.date(), note="Vu", by=cast.noor, at=AT)
    routing.accept_handover(handover, by=cast.noor, at=AT)
    with pytest.raises(MoveRefused) as stranger:
        routing.record_visit(handover, in_use=False, on=AT.date(), note="Vu", by=cast.lin, at=AT)
    assert (early.value.why, stranger.value.why) == ("not_holding", "not_outreach") and case.works_are_locked


def test_guard_rail_1_works_that_were_entrusted_stop_when_somebody_may_live_there_after_all(session, cast):
    case = factories.accepted_case(cast.ana, "DECHET-3")
    handover = routing.hand_over(case, partner(session, "VOIRIE"), by=cast.ana, at=AT)
    routing.accept_handover(handover, by=cast.lin, at=AT)
    routing.start_handover(handover, by=cast.lin, at=AT)
    routing.stop_works(handover, by=cast.ana, at=AT)
    assert (handover.state, case.holder, case.state) == (HandoverState.GIVEN_BACK, None, CaseState.OCCUPANCY_CHECK)
    assert case.works_are_locked and case.protection is Protection.NEVER_PUBLIC
    with pytest.raises(Invalid):
        routing.hand_over(case, partner(session, "VOIRIE"), by=cast.ana, at=AT)
    story = story_of(case.observations[0])
    assert "handover.stopped" not in [event.name for event in story.events]
    assert story.holder is partner(session, "VOIRIE"), "that works were stopped would tell that somebody lives there"


def test_only_works_are_stopped(session, cast):
    handover = routing.hand_over(
        factories.accepted_case(cast.ana, "SOUCI"), partner(session, "MARAUDE"), by=cast.ana, at=AT
    )
    with pytest.raises(MoveRefused) as refused:
        routing.stop_works(handover, by=cast.ana, at=AT)
    assert refused.value.why == "not_works" and handover.is_standing


def test_a_whole_way_is_in_the_journal_without_any_words(session, cast):
    case = factories.accepted_case(cast.ana)
    first = routing.hand_over(case, partner(session, "VOIRIE"), reason="Près du kiosque", by=cast.ana, at=AT)
    routing.decline_handover(first, reason="Pas d’équipe", by=cast.lin, at=AT)
    second = routing.hand_over(case, partner(session, "MAIRIE"), by=cast.ana, at=AT)
    routing.accept_handover(second, by=cast.lin, at=AT)
    routing.start_handover(second, by=cast.lin, at=AT)
    routing.finish_handover(second, ClosingReason.DONE, words="Ramassé", by=cast.lin, at=AT)
    assert names(case)[-7:] == [
        "handover.offered",
        "handover.declined",
        "handover.offered",
        "handover.accepted",
        "handover.started",
        "handover.done",
        "case.closed",
    ]
    facts = str([event.facts for event in session.scalars(select(Event))])
    assert not any(words in facts for words in ("kiosque", "équipe", "Ramassé"))
    assert case.closing_reason is ClosingReason.DONE


def test_finishing_what_counts_toward_nothing_yet_gives_the_case_to_triage(session, cast):
    case = factories.case("DECHET-1")
    triage.accept(case, by=cast.ana, at=AT)
    handover = routing.hand_over(case, partner(session, "VOIRIE"), by=cast.ana, at=AT)
    routing.accept_handover(handover, by=cast.lin, at=AT)
    routing.finish_handover(handover, ClosingReason.DONE, by=cast.lin, at=AT)
    assert case.state is CaseState.ACCEPTED and case.is_with_triage


def test_the_suggestion_and_the_choice_are_both_stored(session, cast):
    case = factories.accepted_case(cast.ana)
    suggestion = routing.suggest_partner(case, at=AT)
    assert suggestion is not None and suggestion.rule_code == "berges"
    handover = routing.hand_over(case, partner(session, "MAIRIE"), by=cast.ana, at=AT, suggestion=suggestion)
    assert (handover.rule_code, handover.suggested_partner) == ("", partner(session, "VOIRIE"))
    (event,) = session.scalars(select(Event).where(Event.name == "handover.offered"))
    assert event.facts["followed"] is False


def test_whoever_declined_is_not_suggested_again(session, cast):
    case = factories.accepted_case(cast.ana)
    handover = routing.hand_over(case, partner(session, "VOIRIE"), by=cast.ana, at=AT)
    routing.decline_handover(handover, reason="Pas d’équipe", by=cast.lin, at=AT)
    assert routing.suggest_partner(case, at=AT) is None


def test_a_rule_fault_alerts_and_the_case_stays_with_triage(session, cast):
    case = factories.accepted_case(cast.ana)
    partner(session, "VOIRIE").is_retired = True
    suggestion, alert = routing.suggestion_or_rule_fault(case, at=AT)
    assert (
        suggestion is None
        and alert is not None
        and (alert.code, alert.why) == ("berges", "retired")
        and case.is_with_triage
    )


def test_dry_run_tells_what_each_rule_would_do_and_changes_nothing(session, cast):
    for category in ("DECHET-1", "DECHET-1", "LIEU-2", "SOUCI"):
        factories.accepted_case(cast.ana, category)
    before = session.scalars(select(Event)).all()
    found = routing.dry_run()
    assert found.cases == 4 and not found.faults and found.cases_without_rule == 0
    assert {code: count for code, count in found.cases_by_rule.items() if count} == {
        "berges": 2,
        "calme": 1,
        "souci": 1,
    }
    assert session.scalars(select(Event)).all() == before and session.scalars(select(Handover)).all() == []


def test_dry_run_counts_rule_faults_even_those_that_met_no_case(session, cast):
    for _ in range(3):
        factories.accepted_case(cast.ana)
    rule_of = {each.code: each for each in session.scalars(select(Rule))}
    rule_of["berges"].partner = partner(session, "GARDE")
    rule_of["mercis"].partner.is_retired = True
    session.flush()
    found = routing.dry_run()
    assert found.faults[("berges", "transfer_only")] == 3
    assert found.faults[("mercis", "retired")] == 0 and found.faults[("calme", "retired")] == 0
    assert routing.dry_run(latest=2).cases == 2


def test_refuse_if_handover_stale_after_another_change(session, cast):
    handover = routing.hand_over(factories.accepted_case(cast.ana), partner(session, "VOIRIE"), by=cast.ana, at=AT)
    read = handover.version
    routing.accept_handover(handover, by=cast.lin, at=AT)
    session.flush()
    with pytest.raises(Stale):
        routing.refuse_if_handover_stale(handover, read)


def test_check_rules_says_what_they_would_do_and_fails_when_one_is_broken(app, session, cast):
    factories.accepted_case(cast.ana)
    sound = app.test_cli_runner().invoke(args=["check-rules"])
    assert sound.exit_code == 0 and "     1  berges" in sound.output and "0  of 1 cases without a rule" in sound.output
    partner(session, "VOIRIE").is_retired = True
    session.commit()
    broken = app.test_cli_runner().invoke(args=["check-rules", "--latest", "50"])
    assert broken.exit_code == 1 and "berges: retired, 1 cases stay with triage" in broken.output
