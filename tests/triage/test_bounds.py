"""What the team does with a case, at the edges: the last moment that counts, the first that does not, who is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Protection
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.stories.queries import story_of
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, CaseState, ClosingReason, Link, LinkState
from cohab_report.triage.waiting.models import QueueKind
from cohab_report.triage.waiting.queries import claimed_cases
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)
A_MOMENT = timedelta(microseconds=1)


def events(case: Case, name: str) -> list[journal.Event]:
    return [event for event in journal.history(case.reference) if event.name == name]


def mine(session, person) -> list[str]:
    session.flush()
    return [case.reference for case in claimed_cases(person)]


# --- Whose it is ---


@pytest.fixture
def noise(session, cast):
    """Ana has another case in hand, and Bea a third."""
    others = [factories.accepted_case(cast.ana), factories.accepted_case(cast.ana)]
    for case, person in zip(others, (cast.ana, cast.bea), strict=True):
        triage.claim_case(case, by=person, at=MONDAY)
    session.flush()
    return others


def test_a_case_that_a_partner_was_asked_about_is_on_nobodys_list(session, cast, noise):
    case = factories.accepted_case(cast.ana)
    triage.claim_case(case, by=cast.ana, at=LATER)
    assert case.reference in mine(session, cast.ana)
    partner = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    handover = routing.hand_over(case, partner, by=cast.ana, at=LATER)
    assert mine(session, cast.ana) == [noise[0].reference] and case.claimed_by is None
    routing.accept_handover(handover, by=cast.lin, at=LATER)
    routing.give_back(handover, reason="Trop haut", by=cast.lin, at=LATER)
    assert mine(session, cast.ana) == [noise[0].reference], "it came back to the team, not to a person"


def test_a_case_that_is_over_is_on_nobodys_list(session, cast, noise):
    closed, merged = factories.accepted_case(cast.ana), factories.accepted_case(cast.ana)
    for case in (closed, merged):
        triage.claim_case(case, by=cast.ana, at=LATER)
    triage.close(closed, ClosingReason.DONE, by=cast.ana, at=LATER)
    triage.merge(merged, into=noise[1], by=cast.ana, at=LATER)
    assert (closed.claimed_by, merged.claimed_by) == (None, None)
    assert mine(session, cast.ana) == [noise[0].reference] and mine(session, cast.bea) == [noise[1].reference]
    triage.request_case_reopening(closed, at=LATER)
    assert closed.reference not in mine(session, cast.ana), "who closed it need not be who looks again"


def test_a_claim_lasts_two_hours_less_a_moment(session, cast):
    case = factories.case()
    triage.claim_case(case, by=cast.ana, at=MONDAY)
    with pytest.raises(MoveRefused) as refused:
        triage.claim_case(case, by=cast.bea, at=MONDAY + timedelta(hours=2) - A_MOMENT)
    assert refused.value.why == "claimed" and case.claimed_by is cast.ana
    triage.claim_case(case, by=cast.bea, at=MONDAY + timedelta(hours=2))
    assert (case.claimed_by, case.claimed_at) == (cast.bea, MONDAY + timedelta(hours=2))


def test_who_has_it_may_claim_it_again_and_whoever_lets_it_go_leaves_it_to_anybody(session, cast):
    case = factories.case()
    triage.claim_case(case, by=cast.ana, at=MONDAY)
    triage.claim_case(case, by=cast.ana, at=LATER)
    assert case.claimed_at == LATER
    triage.release_case(case, by=cast.ana, at=LATER)
    session.flush()
    triage.claim_case(case, by=cast.bea, at=LATER + A_MOMENT)
    assert case.claimed_by is cast.bea


# --- What residents hear of links ---


@pytest.fixture
def suggested(session, cast) -> Link:
    """An action that the machine suggested to an accepted case."""
    case = factories.case("DECHET-1")
    triage.accept(case, by=cast.ana, at=MONDAY)
    return case.links[0]


def test_of_a_suggestion_that_was_never_told_nobody_is_told_that_it_was_dropped(session, cast, suggested):
    triage.reject_link(suggested.case, suggested.action, by=cast.ana, at=LATER)
    session.flush()
    assert [event.is_public for event in events(suggested.case, "link.rejected")] == [False]
    story = story_of(suggested.case.observations[0])
    assert "link.rejected" not in [event.name for event in story.events]


def test_what_was_told_is_taken_back_aloud_and_only_once(session, cast, suggested):
    triage.confirm_link(suggested.case, suggested.action, by=cast.ana, at=LATER)
    for minutes in (1, 2):
        triage.reject_link(suggested.case, suggested.action, by=cast.bea, at=LATER + timedelta(minutes=minutes))
    session.flush()
    said = events(suggested.case, "link.rejected")
    assert [event.is_public for event in reversed(said)] == [True, False]
    assert {event.facts["action"] for event in said} == {suggested.action_id}
    assert (suggested.state, suggested.decided_by) == (LinkState.REJECTED, cast.bea)


def test_an_action_that_was_told_stays_told_when_another_is_dropped(session, cast, suggested):
    case = suggested.case
    other = queries.action_in_force_or_refuse("TOI-1")
    triage.confirm_link(case, other, by=cast.ana, at=LATER)
    triage.reject_link(case, suggested.action, by=cast.ana, at=LATER)
    session.flush()
    assert [event.is_public for event in events(case, "link.rejected")] == [False]
    assert [link.action.code for link in case.links if link.state is LinkState.CONFIRMED] == ["TOI-1"]


# --- What may be written ---


@pytest.mark.parametrize(("length", "reason"), [(0, "missing"), (1, None), (500, None), (501, "too_long")])
def test_a_reason_for_another_category_is_said_and_not_told_at_length(session, cast, length, reason):
    case = factories.case("DECHET-1")

    def recode():
        triage.recode(case, catalogue.category_or_refuse("DECHET-3"), reason="x" * length, by=cast.ana, at=LATER)

    if reason is None:
        recode()
        assert case.category.code == "DECHET-3" and len(case.recode_reason) == length
        return
    with pytest.raises(Invalid) as refused:
        recode()
    assert (refused.value.field, refused.value.reason) == ("reason", reason) and case.category.code == "DECHET-1"


@pytest.mark.parametrize(("length", "refused"), [(0, False), (500, False), (501, True)])
def test_a_closing_note_is_at_most_five_hundred_letters(session, cast, length, refused):
    case = factories.accepted_case(cast.ana)
    if refused:
        with pytest.raises(Invalid) as too_long:
            triage.close(case, ClosingReason.DONE, note="x" * length, by=cast.ana, at=LATER)
        assert (too_long.value.field, too_long.value.reason) == ("note", "too_long") and case.is_open
    else:
        triage.close(case, ClosingReason.DONE, note="x" * length, by=cast.ana, at=LATER)
        assert len(case.closing_note) == length and case.closed_at == LATER


# --- The occupancy check ---


def test_outreach_looked_on_the_day_of_the_doubt_or_later_and_not_tomorrow(session, cast):
    seen_on = MONDAY.date()
    for on, reason in ((seen_on - timedelta(days=1), "before"), (LATER.date() + timedelta(days=1), "future")):
        case = factories.case("DECHET-1", belongings="unknown")
        with pytest.raises(Invalid) as refused:
            triage.record_occupancy(case, in_use=False, on=on, note="vu", by=cast.noor, at=LATER)
        assert (refused.value.field, refused.value.reason) == ("on", reason) and case.works_are_locked
    case = factories.case("DECHET-1", belongings="unknown")
    triage.record_occupancy(case, in_use=False, on=seen_on, note="vu", by=cast.noor, at=LATER)
    assert (case.state, case.occupancy_on, case.queue.kind) == (CaseState.ACCEPTED, seen_on, QueueKind.NORMAL)


def test_today_is_the_citys_today(session, cast):
    """Half past eleven at night in UTC is half past midnight in Rivebelle."""
    night = MONDAY.replace(hour=23, minute=30)
    tomorrow = MONDAY.date() + timedelta(days=1)
    case = factories.case("DECHET-1", belongings="yes")
    triage.record_occupancy(case, in_use=False, on=tomorrow, note="vu", by=cast.noor, at=night)
    assert case.occupancy_on == tomorrow


def test_nobody_looks_where_nobody_doubted_and_a_place_in_use_stays_locked(session, cast):
    with pytest.raises(MoveRefused) as refused:
        triage.record_occupancy(factories.case(), in_use=False, on=LATER.date(), note="vu", by=cast.noor, at=LATER)
    assert refused.value.why == "not_asked"
    case = factories.case("DECHET-1", belongings="yes")
    triage.record_occupancy(case, in_use=True, on=LATER.date(), note="vu", by=cast.noor, at=LATER)
    assert (case.state, case.accepted_at, case.works_are_locked) == (CaseState.OCCUPANCY_CHECK, None, True)
    assert [event.is_public for event in events(case, "occupancy.in_use")] == [False]
    assert not events(case, "case.accepted")


# --- Who holds it ---


@pytest.fixture
def held(session, cast) -> Case:
    """A case that a partner was asked about."""
    case = factories.accepted_case(cast.ana)
    partner = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    routing.hand_over(case, partner, by=cast.ana, at=LATER)
    return case


@pytest.fixture
def over(session, cast) -> Case:
    case = factories.accepted_case(cast.ana)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    return case


def acts_on(case: Case, cast) -> dict[str, Callable[[], object]]:
    other, action = factories.accepted_case(cast.ana), case.links[0].action
    return {
        "accept": lambda: triage.accept(case, by=cast.ana, at=LATER),
        "recode": lambda: triage.recode(
            case, catalogue.category_or_refuse("DECHET-3"), reason="Mieux", by=cast.ana, at=LATER
        ),
        "close": lambda: triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER),
        "doubt": lambda: triage.request_occupancy_check(case, by=cast.ana, at=LATER),
        "merge": lambda: triage.merge(case, into=other, by=cast.ana, at=LATER),
        "link": lambda: triage.confirm_link(case, action, by=cast.ana, at=LATER),
        "reject": lambda: triage.reject_link(case, action, by=cast.ana, at=LATER),
        "out_of_plan": lambda: triage.mark_out_of_plan(case, by=cast.ana, at=LATER),
        "occupancy": lambda: triage.record_occupancy(
            case, in_use=True, on=LATER.date(), note="vu", by=cast.ana, at=LATER
        ),
    }


@pytest.mark.parametrize("act", ["accept", "recode", "close", "doubt", "merge"])
def test_the_team_does_nothing_to_what_a_partner_has(cast, held, act):
    with pytest.raises(MoveRefused) as refused:
        acts_on(held, cast)[act]()
    assert refused.value.why == "held" and held.state is CaseState.HANDED_OVER


@pytest.mark.parametrize(
    "act", ["accept", "recode", "close", "doubt", "merge", "link", "reject", "out_of_plan", "occupancy"]
)
def test_nor_to_what_is_over(cast, over, act):
    with pytest.raises(MoveRefused) as refused:
        acts_on(over, cast)[act]()
    assert refused.value.why == "over" and over.state is CaseState.CLOSED


@pytest.mark.parametrize("act", ["link", "reject"])
def test_what_it_counts_toward_is_the_teams_to_say_whoever_has_it(cast, held, act):
    acts_on(held, cast)[act]()
    assert held.counts_toward_the_plan is (act == "link")


def test_a_case_is_merged_into_another_open_one_only(session, cast, over):
    case = factories.accepted_case(cast.ana)
    for into, why in ((case, "same"), (over, "over")):
        with pytest.raises(Invalid) as refused:
            triage.merge(case, into=into, by=cast.ana, at=LATER)
        assert (refused.value.field, refused.value.reason) == ("into", why) and case.state is CaseState.ACCEPTED


def test_a_place_where_somebody_may_live_is_not_folded_into_what_works_hold(session, cast, held):
    doubtful = factories.case("DECHET-1", belongings="yes")
    with pytest.raises(Invalid) as refused:
        triage.merge(doubtful, into=held, by=cast.ana, at=LATER)
    assert (refused.value.field, refused.value.reason) == ("into", "locked") and not held.works_are_locked
    plain = factories.accepted_case(cast.ana)
    triage.merge(plain, into=held, by=cast.ana, at=LATER)
    assert plain.state is CaseState.MERGED, "where nobody doubts, it may join what a partner has"


# --- Asked to look again ---


def test_thirty_days_are_not_too_late_and_a_moment_more_is(session, cast, over):
    observation = over.observations[0]
    session.flush()
    with pytest.raises(MoveRefused) as refused:
        intake.request_reopening(observation, at=LATER + timedelta(days=30) + A_MOMENT)
    assert refused.value.why == "late"
    intake.request_reopening(observation, at=LATER + timedelta(days=30))
    assert (over.state, over.closed_at) == (CaseState.REOPEN_REQUESTED, None)


# --- What is near ---


def test_what_is_near_was_seen_within_twelve_weeks_to_the_moment_and_is_not_merged(session, cast):
    here = factories.accepted_case(cast.ana)
    inside, outside = (factories.case(at=MONDAY - timedelta(weeks=12) - age) for age in (timedelta(0), A_MOMENT))
    gone = factories.accepted_case(cast.ana)
    triage.merge(gone, into=here, by=cast.ana, at=MONDAY)
    session.flush()
    found = [case.reference for case in queries.nearby_cases(here, factories.BANK, at=MONDAY)]
    assert found == [inside.reference] and outside.reference not in found


def test_what_is_at_the_same_place_was_opened_within_twelve_weeks_to_the_moment(session, cast):
    here = factories.case(place="halle")
    inside, _outside = (
        factories.case(place="halle", at=MONDAY - timedelta(weeks=12) - age) for age in (timedelta(0), A_MOMENT)
    )
    factories.case(place="quai")
    nowhere = factories.case()
    session.flush()
    assert [case.reference for case in queries.cases_at_same_place(here, at=MONDAY)] == [inside.reference]
    assert queries.cases_at_same_place(nowhere, at=MONDAY) == []


def test_protection_rises_to_what_the_strongest_asks_and_never_falls(session, cast):
    weak, strong = factories.accepted_case(cast.ana, "DECHET-1"), factories.accepted_case(cast.ana, "DECHET-3")
    triage.merge(weak, into=strong, by=cast.ana, at=LATER)
    session.flush()
    assert strong.protection is Protection.PUBLIC_CELL
    assert {one.protection for one in strong.observations} == {Protection.PUBLIC_CELL}
