"""Residents, the team and three partners press whatever their pages offer, and post what they do not, in any order.

Whatever they do: protection never sinks, a worry about someone is never with works or police, works stay away where
somebody may live, no page fails, each observation has one open story, and the journal knows each act.
"""

from collections import Counter
from dataclasses import fields
from datetime import timedelta
from random import Random

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from cohab_report.catalogue.models import Kind
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.journal import Event
from cohab_report.partners.models import Person, Role
from cohab_report.routing import operations as routing
from cohab_report.routing.models import STANDING_STATES, Handover
from cohab_report.triage import rules
from cohab_report.triage.models import Case, CaseObservation, CaseState
from tests import factories
from tests.cast import Cast
from tests.journeys.cases_by_state import CASES, partner
from tests.journeys.pressing_people import PressingPeople, page_of, somebody
from tests.journeys.seen_forms import forms_of

REOPENED = {"case.reopened", "case.reopening_requested"}
"""The events after which a case has a new deadline."""
SEED = st.integers(0, 2**32 - 1)


class RandomActs(PressingPeople):
    """A few cases, eight people, and everything that any of them may try."""

    # --- What happens ---

    @initialize(states=st.lists(st.sampled_from(CaseState), min_size=2, max_size=2), seed=SEED)
    def some_cases_are_on_their_way(self, states: list[CaseState], seed: int) -> None:
        self.random = Random(seed)
        cast = Cast(**{name: db.session.get_one(Person, number) for name, number in self.person_ids.items()})
        for state in (CaseState.HANDED_OVER, *states):
            CASES[state](cast)
        worry = factories.accepted_case(cast.ana, "SOUCI", at=now())
        if self.random.random() < 0.7:
            routing.hand_over(worry, partner("MARAUDE"), by=cast.ana, at=now())
        self.send("DECHET-3", self.random.choice(["no", "unknown"]))

    @rule(category=st.sampled_from(["DECHET-1", "DECHET-2", "LIEU-1", "LIEU-2", "SOUCI", "BIEN-1"]))
    def somebody_sends_an_observation(self, category: str) -> None:
        asks = category.startswith("DECHET") or category == "LIEU-1"
        others = [case.reference for case in self.cases()]
        if len(others) > 7:
            return
        joins = {"joins": self.random.choice(others), "near": "yes"} if self.random.random() < 0.5 else {}
        self.send(category, self.random.choice(["no", "no", "yes", "unknown"]) if asks else "", **joins)

    @rule(who=st.sampled_from([0, 0, 1]), times=st.integers(2, 5))
    def the_team_presses_what_the_page_of_a_case_offers(self, who: int, times: int) -> None:
        case = self.random.choice(self.cases()).reference
        for _ in range(times):
            self.press_on_page(self.staff[who], case)

    @rule(times=st.integers(1, 3))
    def a_partner_presses_what_its_pages_offer(self, times: int) -> None:
        asked = db.session.scalars(select(Handover.partner_id).where(Handover.state.in_(STANDING_STATES))).all()
        people = [each for each in self.staff if each.role == Role.PARTNER and each.partner_id in asked]
        for _ in range(times if people else 0):
            self.press_on_page(self.random.choice(people))

    @rule()
    def somebody_posts_what_no_page_offers_them(self) -> None:
        if self.seen:
            forged = self.forged(self.random.choice(self.seen))
            if forged is not None:
                self.press(*forged)

    @rule()
    def an_author_presses_what_the_follow_page_offers(self) -> None:
        observation = self.random.choice(self.observations())
        code = self.codes.get(observation.reference) or factories.code_of(observation)
        self.resident.post("/suivi", {"code": code})
        address = self.random.choice(["/suivi", "/suivi", "/suivi", "/suivi/retirer"])
        answer = self.resident._ask("GET", address, as_=None)
        assert answer.status_code == 200, (address, answer.status_code)
        forms = [
            form for form in forms_of(self.app, page_of(answer), self.days()) if form.endpoint != "resident.follow"
        ]
        if forms:
            form = self.random.choice(forms)
            answer = self.resident._ask("POST", form.address(self.app), as_=None, data=form.filled_in(self.random))
            self.answered(form, answer)
            self.rows = {}

    @rule(hours=st.sampled_from([1, 3, 26, 24 * 8]))
    def time_passes(self, hours: int) -> None:
        self.hands.shift(timedelta(hours=hours))

    # --- What holds all the time ---

    @invariant()
    def nothing_sinks_and_nobody_is_where_they_must_not_be(self) -> None:
        db.session.expire_all()
        events = self.new_events()
        for case in self.cases():
            self.protection_priority_and_deadline_only_rise(
                case, {event.name for event in events if about(event, case)}
            )
            self.a_worry_stays_with_those_who_help(case, [event for event in events if about(event, case)])
            self.works_stay_away(case)
        self.each_observation_has_one_open_story()
        self.last_event = max([self.last_event, *(event.id for event in events)])

    def protection_priority_and_deadline_only_rise(self, case: Case, names: set[str]) -> None:
        protection, priority, due_at = self.before.get(case.id, (0, 9, None))
        assert case.protection >= protection, "protection sank"
        assert case.priority <= priority, "priority sank"
        assert due_at is None or names & REOPENED or (case.due_at and case.due_at <= due_at), "a deadline receded"
        self.before[case.id] = (case.protection, case.priority, case.due_at)
        for observation in case.observations:
            before = self.before.get(-observation.id, 0)
            assert observation.protection >= max(before, case.protection), "an observation is less protected"
            self.before[-observation.id] = observation.protection

    def a_worry_stays_with_those_who_help(self, case: Case, events: list[Event]) -> None:
        if Kind.CONCERN in {observation.kind for observation in case.observations}:
            assert case.kind is Kind.CONCERN, "a worry is treated as something else"
        if not case.is_concern:
            return
        kept_out = {each.journal_name for each in self.staff if each.does_works or each.is_police}
        assert not [event for event in events if event.name == "case.closed" and event.actor in kept_out]
        for handover in self.standing(case):
            assert not handover.partner.does_works and not handover.partner.is_transfer_only

    def works_stay_away(self, case: Case) -> None:
        if case.works_are_locked:
            assert not [handover for handover in self.standing(case) if handover.partner.does_works]
            assert case.protection == 3 or not case.is_open, "somebody may live there, and it may be public"

    def standing(self, case: Case) -> list[Handover]:
        query = select(Handover).where(Handover.case_id == case.id, Handover.state.in_(STANDING_STATES))
        return list(db.session.scalars(query))

    def each_observation_has_one_open_story(self) -> None:
        memberships = Counter(
            db.session.scalars(select(CaseObservation.observation_id).where(CaseObservation.case_id > self.first_case))
        )
        assert set(memberships.values()) <= {1}
        for case in self.cases():
            assert bool(case.observations) is (case.state is not CaseState.MERGED)
            words = {observation.status for observation in case.observations if not observation.is_withdrawn}
            assert words <= {rules.public_status_of(case)}, "an author reads something else"


def about(event: Event, case: Case) -> bool:
    return event.facts.get("case") == case.id


@pytest.mark.usefixtures("session")
def test_whatever_anybody_presses_the_guard_rails_hold(app: Flask, cast: Cast) -> None:
    RandomActs.app, RandomActs.cast, RandomActs.done = app, cast, Counter()
    RandomActs.person_ids = {each.name: getattr(cast, each.name).id for each in fields(Cast)}
    RandomActs.people = [somebody(app, cast, name) for name in ("ana", "bea", "lin", "noor", "gus")]
    run_state_machine_as_test(
        RandomActs,
        settings=settings(
            max_examples=6,
            stateful_step_count=25,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
    # Not refusals alone: cases were taken up, went out, came back, were closed and taken up again.
    done = RandomActs.done
    answered = sum(times for name, times in done.items() if name.startswith("partner."))
    assert {"triage.accept", "triage.close", "partner_panel.hand_over"} <= set(done), done
    assert answered > 2 and len(done) > 15, done
