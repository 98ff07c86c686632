"""What everybody may read of observations, and residents of theirs: each condition from both sides, among noise."""

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohab_report import journal
from cohab_report.catalogue.models import Kind
from cohab_report.db import Words, db
from cohab_report.intake import operations as intake
from cohab_report.intake import queries
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.queries import ObservationFilter
from cohab_report.intake.rules import SQUARE_METRES
from cohab_report.intake.stories.queries import story_of
from cohab_report.routing import operations as routing
from cohab_report.routing import queries as routing_queries
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as triage_queries
from cohab_report.triage.events import CaseMerged
from tests import factories
from tests.factories import BANK, BY_THE_SCHOOL, MONDAY

LATER = MONDAY + timedelta(hours=1)
A_DAY = timedelta(days=1)
LONG_AGO = MONDAY.date() - timedelta(days=400)
EVERYTHING = ObservationFilter(since=LONG_AGO)


def readable(category: str = "DECHET-1", *, name: str = "", **changes) -> Observation:
    """An observation that triage let everybody read."""
    seen = factories.observation(category, **changes)
    seen.reference = name or seen.reference
    intake.publish(seen, at=LATER)
    db.session.flush()
    return seen


@pytest.fixture
def noise(session) -> list[Observation]:
    """Observations that nobody outside may read: not looked at yet, never public, taken back."""
    hidden = [
        factories.observation(),
        readable("DECHET-2"),
        readable("DECHET-1", belongings="yes"),
        readable("DECHET-3"),
    ]
    intake.withdraw(hidden[-1], at=LATER)
    session.flush()
    return hidden


def names(wanted: ObservationFilter = EVERYTHING, **more) -> list[str]:
    return [each.reference for each in queries.recent_public_observations(wanted, **more)]


# --- Who may be read ---


def test_what_is_read_by_everybody_was_let_be_read_is_not_secret_and_was_not_taken_back(noise):
    seen = readable()
    assert names() == [seen.reference]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(published=st.booleans(), left=st.booleans(), withdrawn=st.booleans())
def test_the_rule_and_the_property_say_the_same_of_every_row(noise, published, left, withdrawn):
    seen = factories.observation("DECHET-1")
    seen.published_at, seen.left_public_at = (LATER if published else None), (LATER if left else None)
    seen.withdrawn_at = LATER if withdrawn else None
    db.session.flush()
    may = published and not left and not withdrawn
    assert seen.is_public is may
    assert (seen.reference in names(limit=1000)) is may


def test_a_named_place_is_told_only_where_the_exact_point_may_be(noise):
    exact, cell = readable("DECHET-1", place="halle"), readable("DECHET-3", place="halle")
    near = readable("DECHET-1", place="halle", point=BY_THE_SCHOOL)
    told = {each.reference: each for each in queries.recent_public_observations(EVERYTHING)}
    assert told[exact.reference].place == Words("La Halle", "The Market Hall")
    assert not told[exact.reference].is_cell
    for each in (cell, near):
        assert told[each.reference].place is None and told[each.reference].is_cell


def test_where_no_place_was_named_none_is_told(noise):
    readable("DECHET-1")
    assert [each.place for each in queries.recent_public_observations(EVERYTHING)] == [None]


def test_all_that_is_told_of_an_observation_is_its_own(noise):
    seen = readable("LIEU-1", point=BANK, observed_on=MONDAY.date() - A_DAY, name="SEEN")
    intake.set_public_status(seen, Status.TAKEN_UP)
    square = territory.city_facts().lattice.square_centre(BANK, SQUARE_METRES)
    assert queries.recent_public_observations(EVERYTHING) == [
        queries.PublicObservation(
            "SEEN",
            Kind.SAFETY,
            "LIEU-1",
            Words("Lampe éteinte", "Light out"),
            MONDAY.date() - A_DAY,
            Status.TAKEN_UP,
            Words("Rive-Nord", "North Bank"),
            None,
            square.lon,
            square.lat,
            False,
        )
    ]


# --- What was asked for ---


def test_the_first_day_asked_for_is_in_and_the_day_before_is_not(noise):
    day = MONDAY.date() - timedelta(days=30)
    first, before = (readable(at=MONDAY - timedelta(days=days)) for days in (30, 31))
    assert names(ObservationFilter(since=day)) == [first.reference]
    assert set(names(ObservationFilter(since=day - A_DAY))) == {first.reference, before.reference}


@pytest.mark.parametrize(
    "asked", [{"kind": Kind.SAFETY}, {"category": "LIEU-1"}, {"sector": "rive-sud"}, {"status": Status.TAKEN_UP}]
)
def test_a_list_that_asks_for_something_has_that_and_nothing_else(noise, asked):
    other = readable("DECHET-1", point=BANK)
    found = readable("LIEU-1", point=BY_THE_SCHOOL)
    intake.set_public_status(found, Status.TAKEN_UP)
    db.session.flush()
    assert names(ObservationFilter(since=LONG_AGO, **asked)) == [found.reference]
    assert set(names()) == {other.reference, found.reference}


def test_the_newest_day_comes_first_and_one_day_goes_by_reference_backward(noise):
    for name, days in (("B", 1), ("A", 0), ("D", 1), ("C", 2)):
        readable(name=name, at=MONDAY - timedelta(days=days))
    assert names() == ["A", "D", "B", "C"]
    assert names(after=(MONDAY.date() - A_DAY, "D")) == ["B", "C"], "the one already read isn't read again"
    assert names(after=(MONDAY.date() - A_DAY, "A")) == ["C"]
    assert names(limit=2) == ["A", "D"]


def test_a_page_has_twenty_five(noise):
    every = [readable().reference for _ in range(26)]
    assert names() == sorted(every, reverse=True)[:25]


# --- One observation ---


def test_an_observation_is_found_by_what_its_sender_has_and_by_nothing_else(session, noise):
    mine, nobody = factories.observation(), uuid4()
    assert queries.by_client_id(factories.client_id_of(mine)) is mine and queries.by_client_id(nobody) is None
    assert queries.by_code_hash([mine.code_hash]) is mine and queries.by_code_hash(["0" * 64]) is None
    assert queries.received_client_ids([factories.client_id_of(mine), nobody]) == [factories.client_id_of(mine)]


# --- Networks ---


def test_a_network_is_counted_for_an_hour_and_no_further_than_is_asked(session):
    hour = timedelta(hours=1)
    for age in (timedelta(0), hour - timedelta(seconds=1), hour, 2 * hour):
        each = factories.observation(at=MONDAY - age, network="a")
        each.network_hash = "one"
    factories.observation(network="b").network_hash = "another"
    factories.observation()
    session.flush()
    assert queries.recent_count_of_network("one", at=MONDAY, window=hour, limit=10) == 2, (
        "an hour ago is not within the hour"
    )
    assert queries.recent_count_of_network("one", at=MONDAY, window=3 * hour, limit=3) == 3
    assert queries.recent_count_of_network("nobody", at=MONDAY, window=hour, limit=10) == 0


def test_networks_are_forgotten_before_an_instant_and_not_at_it(session):
    old, at_it, without = (factories.observation(at=MONDAY - timedelta(seconds=s), network="a") for s in (1, 0, 2))
    without.network_hash = None
    session.flush()
    assert queries.erase_network_hashes_before(MONDAY) == 1, "what had none has none"
    session.expire_all()
    assert (old.network_hash, at_it.network_hash is not None) == (None, True)


# --- What residents read of theirs ---


def events(observation: Observation) -> list[str]:
    return [event.name for event in story_of(observation).events]


@pytest.fixture
def handed(session, cast):
    """A case that a partner holds, its resident's observation, and the handover."""
    case = factories.accepted_case(cast.ana)
    handover = routing.hand_over(case, cast.lin.partner, by=cast.ana, at=LATER)
    return case, case.observations[0], handover


def test_the_one_who_has_it_in_hand_is_read_from_the_answer_to_the_handing_back(session, cast, handed):
    case, observation, handover = handed
    assert story_of(observation).holder is None, "an offer is no promise"
    routing.accept_handover(handover, by=cast.lin, at=LATER + timedelta(minutes=1))
    session.flush()
    assert story_of(observation).holder is cast.lin.partner
    routing.give_back(handover, reason="Trop haut pour nous", by=cast.lin, at=LATER + timedelta(minutes=2))
    session.flush()
    assert story_of(observation).holder is None
    assert routing_queries.standing_handover(case) is None


def test_offers_and_refusals_are_the_houses_business(session, cast, handed):
    _case, observation, handover = handed
    routing.decline_handover(handover, reason="Pas d’équipe", by=cast.lin, at=LATER + timedelta(minutes=1))
    session.flush()
    assert events(observation) == ["link.confirmed", "case.accepted", "observation.received"]


def test_an_observation_reads_its_cases_story_only_since_it_belongs_to_it(session, cast):
    first = readable("DECHET-1", at=MONDAY)
    case = triage_queries.case_of_observation(first.id)
    triage.accept(case, by=cast.ana, at=LATER)
    session.flush()
    second = factories.observation("DECHET-1", at=LATER + timedelta(minutes=5), joins=first.reference)
    session.flush()
    assert (
        triage_queries.case_of_observation(second.id) is case
        and story_of(second).is_joined
        and not story_of(first).is_joined
    )
    assert events(second) == ["observation.joined", "observation.received"], "what was before is not its story"
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=LATER + timedelta(minutes=9))
    session.flush()
    assert events(first)[0] == "link.confirmed" and [each.code for each in story_of(first).actions] == ["BER-1"]
    assert events(second)[0] == "observation.joined" and story_of(second).actions == [], "its story is a coarse one"


def test_what_another_did_with_theirs_is_nobody_elses_story(session, cast):
    case, other = factories.accepted_case(cast.ana), factories.case()
    mine, theirs = case.observations[0], other.observations[0]
    triage.merge(other, into=case, by=cast.ana, at=LATER)
    intake.redact_text(mine, by=cast.ana, at=LATER + timedelta(minutes=1))
    intake.withdraw(mine, at=LATER + timedelta(minutes=2))
    session.flush()
    assert events(mine)[:2] == ["observation.withdrawn", "observation.redacted"]
    assert {"observation.withdrawn", "observation.redacted"}.isdisjoint(events(theirs))


@pytest.mark.parametrize(("merges", "is_followed"), [(4, True), (5, True), (6, False)])
def test_an_observation_is_followed_over_five_merges_and_no_further(session, cast, merges, is_followed):
    cases = [factories.case(at=MONDAY + timedelta(minutes=number)) for number in range(merges + 1)]
    mine = cases[0].observations[0]
    for number, (case, into) in enumerate(pairwise(cases)):
        triage.merge(case, into=into, by=cast.ana, at=LATER + timedelta(minutes=number))
        session.flush()
    triage.accept(cases[-1], by=cast.ana, at=LATER + timedelta(hours=1))
    session.flush()
    assert ("case.accepted" in events(mine)) is is_followed


def test_threads_that_lead_in_a_circle_end(session):
    one, other = factories.observation(), factories.observation()
    for here, there in ((one, other), (other, one)):
        event = CaseMerged(thread=here.reference, case=1, version=1, into=there.reference)
        journal.record(event, by=journal.SYSTEM, at=LATER)
    session.flush()
    assert events(one) == ["case.merged", "observation.received"]


def test_what_is_said_inside_is_no_part_of_anybodys_story(session, cast):
    case = factories.accepted_case(cast.ana)
    triage.claim_case(case, by=cast.ana, at=LATER)
    session.flush()
    assert "case.claimed" in [event.name for event in journal.history(case.reference)]
    assert "case.claimed" not in events(case.observations[0])
