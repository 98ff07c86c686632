"""What is written of a case in its life, act by act: whose it is, since when, in which queue, toward which actions."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.catalogue import deadlines
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Kind, Priority, Protection
from cohab_report.intake.models import Status
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.routing.models import Handover
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, CaseObservation, CaseState, ClosingReason, LinkState, Occupancy
from cohab_report.triage.operations import acts, links
from cohab_report.triage.waiting.models import QueueKind
from tests import factories
from tests.cast import Cast
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=1)
EVENING = MONDAY + timedelta(hours=9)


def handed(session: Session, cast: Cast, case: Case, code: str = "VOIRIE") -> Handover:
    partner = session.scalars(select(Partner).where(Partner.code == code)).one()
    return routing.hand_over(case, partner, by=cast.ana, at=LATER)


def links_of(case: Case) -> list[tuple[str, LinkState, str]]:
    return [(link.action.code, link.state, link.suggested_by) for link in case.links]


# --- Opened ---


def test_a_new_case_is_what_its_observation_says(session: Session) -> None:
    observation = factories.observation("LIEU-1", place="halle")
    session.flush()
    case = queries.case_of_observation(observation.id)
    assert (case.reference, case.kind, case.category.code) == (observation.reference, Kind.SAFETY, "LIEU-1")
    assert (case.sector_id, case.place_id, case.protection) == (
        observation.sector_id,
        observation.place_id,
        observation.protection,
    )
    assert (case.state, case.occupancy, case.priority, case.queue.code) == (
        CaseState.NEW,
        Occupancy.NONE,
        Priority.P3,
        "lumiere",
    )
    assert (case.opened_at, case.changed_at, case.due_at) == (MONDAY, MONDAY, deadlines.due_at(Priority.P3, MONDAY))
    assert (case.accepted_at, case.claimed_by, case.holder, case.is_out_of_plan) == (None, None, None, False)
    membership = session.get_one(CaseObservation, (case.id, observation.id))
    assert membership.joined_at == MONDAY
    assert links_of(case) == [("BER-2", LinkState.SUGGESTED, "category")]


def test_actions_of_the_queue_are_suggested_beside_those_of_the_category_and_none_twice(session: Session) -> None:
    doubtful = factories.case("DECHET-1", belongings="yes")
    assert links_of(doubtful) == [
        ("BER-1", LinkState.SUGGESTED, "category"),
        ("TOI-1", LinkState.SUGGESTED, "queue"),
    ]
    first, second = (link.action_id for link in doubtful.links)
    links.suggest_links(doubtful, category=[first, second], queue=[second])
    assert len(doubtful.links) == 2


@pytest.mark.parametrize(
    ("occupancy", "flooded", "code"),
    [
        (Occupancy.NONE, False, "lumiere"),
        (Occupancy.CLEARED, False, "lumiere"),
        (Occupancy.POSSIBLE, False, "verification"),
        (Occupancy.IN_USE, False, "verification"),
        (Occupancy.NONE, True, "quarantaine"),
        (Occupancy.IN_USE, True, "quarantaine"),
    ],
)
def test_a_flood_waits_apart_a_doubt_is_checked_and_the_rest_goes_where_its_category_goes(
    session: Session, occupancy: Occupancy, flooded: bool, code: str
) -> None:
    assert acts.queue_for("lumiere", occupancy, flooded=flooded).code == code


# --- Pressed ---


@pytest.mark.parametrize(
    ("asked", "due_in", "priority", "due_after"),
    [(Priority.P2, 1, Priority.P2, 1), (Priority.P2, 3, Priority.P2, 2), (Priority.P3, 1, Priority.P3, 2)],
)
def test_a_higher_priority_brings_the_deadline_nearer_and_never_moves_it_away(
    session: Session, asked: Priority, due_in: int, priority: Priority, due_after: int
) -> None:
    case = factories.case()
    case.due_at = MONDAY + timedelta(hours=2)
    acts.raise_priority(case, asked, MONDAY + timedelta(hours=due_in))
    assert (case.priority, case.due_at) == (priority, MONDAY + timedelta(hours=due_after))


def test_a_lower_priority_changes_nothing_and_one_deadline_is_enough(session: Session) -> None:
    case = factories.case()
    acts.raise_priority(case, Priority.P4, MONDAY)
    assert (case.priority, case.due_at) == (Priority.P3, deadlines.due_at(Priority.P3, MONDAY))
    due = case.due_at
    acts.raise_priority(case, Priority.P2, None)
    assert (case.priority, case.due_at) == (Priority.P2, due)
    thanks = factories.case("BIEN-1")
    acts.raise_priority(thanks, Priority.P4, None)
    assert (thanks.priority, thanks.due_at) == (Priority.P4, None)
    acts.raise_priority(thanks, Priority.P1, LATER)
    assert thanks.priority is Priority.P1 and thanks.due_at == LATER


# --- Accepted, recoded ---


def test_it_was_accepted_when_it_was_accepted_first(session: Session, cast: Cast) -> None:
    case = factories.case()
    triage.accept(case, by=cast.ana, at=LATER)
    assert (case.state, case.accepted_at, case.queue.code) == (CaseState.ACCEPTED, LATER, "berges")
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=LATER)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    triage.request_case_reopening(case, at=EVENING)
    triage.accept(case, by=cast.ana, at=EVENING)
    assert case.accepted_at == LATER and case.observations[0].status is Status.TAKEN_UP


def test_what_is_accepted_is_published_at_that_moment(session: Session, cast: Cast) -> None:
    case = factories.case()
    assert case.observations[0].published_at is None
    triage.accept(case, by=cast.ana, at=LATER)
    assert case.observations[0].published_at == LATER


def test_recoding_changes_what_follows_from_the_category_and_keeps_why(session: Session, cast: Cast) -> None:
    case = factories.case("BIEN-1")
    triage.recode(
        case,
        catalogue.category_or_refuse("LIEU-2"),
        reason="  Plutôt un lieu. ",
        is_confirmed=True,
        by=cast.ana,
        at=LATER,
    )
    assert (case.category.code, case.kind, case.queue.code) == ("LIEU-2", Kind.SAFETY, "calme")
    assert (case.recode_reason, case.priority, case.protection) == (
        "Plutôt un lieu.",
        Priority.P4,
        Protection.NEVER_PUBLIC,
    )
    assert case.due_at == deadlines.due_at(Priority.P4, LATER), "thanks have none"
    assert [(code, source) for code, _state, source in links_of(case)] == [("TOI-2", "category"), ("BER-2", "category")]


def test_where_somebody_may_live_the_actions_of_the_queue_of_checks_are_suggested_too(
    session: Session, cast: Cast
) -> None:
    case = factories.case("BIEN-1")
    dirt = catalogue.category_or_refuse("DECHET-1")
    triage.recode(case, dirt, reason="Des déchets", is_confirmed=True, by=cast.ana, at=LATER)
    assert case.queue.kind is QueueKind.OCCUPANCY
    assert [(code, source) for code, _state, source in links_of(case)] == [
        ("TOI-2", "category"),
        ("BER-1", "category"),
        ("TOI-1", "queue"),
    ]


def test_who_closes_without_a_word_leaves_none(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    assert (case.closing_note, case.closing_reason) == ("", ClosingReason.DONE)


def test_what_waits_apart_goes_on_waiting_when_it_is_recoded(session: Session, cast: Cast) -> None:
    flood = [factories.observation(network="a") for _number in range(6)]
    case = queries.case_of_observation(flood[-1].id)
    assert case.queue.kind is QueueKind.QUARANTINE
    triage.recode(case, catalogue.category_or_refuse("DECHET-3"), reason="Meuble", by=cast.ana, at=LATER)
    assert (case.queue.kind, case.category.code) == (QueueKind.QUARANTINE, "DECHET-3")


def test_a_doubt_locks_hides_and_moves_the_case_to_those_to_be_checked(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    triage.request_occupancy_check(case, by=cast.ana, at=LATER)
    assert (case.state, case.occupancy, case.queue.kind) == (
        CaseState.OCCUPANCY_CHECK,
        Occupancy.POSSIBLE,
        QueueKind.OCCUPANCY,
    )
    assert case.protection is Protection.NEVER_PUBLIC and case.observations[0].protection is Protection.NEVER_PUBLIC
    triage.request_occupancy_check(case, by=cast.ana, at=EVENING)
    assert (case.state, case.changed_at) == (CaseState.OCCUPANCY_CHECK, EVENING), "who doubts twice doubts still"


def test_a_doubt_is_of_the_citys_day_and_an_older_one_moves_no_later_one_back(session: Session, cast: Cast) -> None:
    """Half past eleven at night in UTC is half past midnight in Rivebelle."""
    case, tomorrow = factories.accepted_case(cast.ana), MONDAY.date() + timedelta(days=1)
    triage.request_occupancy_check(case, by=cast.ana, at=MONDAY.replace(hour=23, minute=30))
    assert case.occupancy_doubted_on == tomorrow
    triage.request_occupancy_check(case, by=cast.ana, at=LATER)
    assert case.occupancy_doubted_on == tomorrow


# --- Closed, reopened ---


def test_closing_writes_why_when_and_in_which_words_and_frees_who_had_it(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    triage.claim_case(case, by=cast.ana, at=LATER)
    triage.close(case, ClosingReason.REDIRECTED, note=" Au propriétaire. ", by=cast.ana, at=EVENING)
    assert (case.state, case.closing_reason, case.closing_note, case.closed_at, case.claimed_by) == (
        CaseState.CLOSED,
        ClosingReason.REDIRECTED,
        "Au propriétaire.",
        EVENING,
        None,
    )
    assert case.observations[0].status is Status.REDIRECTED


def test_a_case_that_is_looked_at_again_has_a_new_deadline_from_that_moment(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    a_week_later = LATER + timedelta(days=7)
    triage.request_case_reopening(case, at=a_week_later)
    assert (case.state, case.closed_at, case.due_at) == (
        CaseState.REOPEN_REQUESTED,
        None,
        deadlines.due_at(Priority.P3, a_week_later),
    )


def test_claiming_and_releasing_say_who_and_since_when(session: Session, cast: Cast) -> None:
    case = factories.case()
    triage.claim_case(case, by=cast.bea, at=LATER)
    assert (case.claimed_by, case.claimed_at) == (cast.bea, LATER)
    triage.release_case(case, by=cast.ana, at=EVENING)
    assert (case.claimed_by, case.claimed_at) == (None, None)


# --- Linked ---


def test_a_decision_on_a_link_says_who_made_it_and_when(session: Session, cast: Cast) -> None:
    case = factories.case()
    action = case.links[0].action
    triage.confirm_link(case, action, by=cast.ana, at=LATER)
    (link,) = case.links
    assert (link.state, link.decided_by, link.decided_at, link.suggested_by) == (
        LinkState.CONFIRMED,
        cast.ana,
        LATER,
        "category",
    )
    triage.reject_link(case, action, by=cast.bea, at=EVENING)
    assert (link.state, link.decided_by, link.decided_at) == (LinkState.REJECTED, cast.bea, EVENING)


def test_an_action_that_nobody_suggested_is_linked_by_a_person_and_ends_being_out_of_the_plan(
    session: Session, cast: Cast
) -> None:
    case, action = factories.case(), queries.action_in_force_or_refuse("TOI-1")
    triage.mark_out_of_plan(case, by=cast.ana, at=LATER)
    assert case.is_out_of_plan and case.counts_toward_the_plan
    triage.confirm_link(case, action, by=cast.ana, at=LATER)
    assert not case.is_out_of_plan
    assert links_of(case) == [
        ("BER-1", LinkState.SUGGESTED, "category"),
        ("TOI-1", LinkState.CONFIRMED, "person"),
    ]
    session.flush()
    assert case.links[1].action_id == action.id


# --- Handed over and back ---


def test_what_is_handed_over_is_taken_up_and_in_nobodys_hands(session: Session, cast: Cast) -> None:
    case = factories.case("DECHET-1", belongings="yes")
    triage.claim_case(case, by=cast.ana, at=MONDAY)
    handed(session, cast, case, "MARAUDE")
    assert (case.state, case.claimed_by, case.accepted_at) == (CaseState.HANDED_OVER, None, LATER)
    assert case.observations[0].status is Status.TAKEN_UP
    known = factories.accepted_case(cast.ana, at=MONDAY)
    handed(session, cast, known)
    assert known.accepted_at == MONDAY, "it was taken up before"


def test_what_comes_back_is_the_teams_in_its_queue(session: Session, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    routing.take_back(handed(session, cast, case), by=cast.ana, at=EVENING)
    assert (case.state, case.holder, case.changed_at, case.queue.code) == (
        CaseState.ACCEPTED,
        None,
        EVENING,
        "berges",
    )


@pytest.mark.parametrize("cleared", [True, False])
def test_what_outreach_gives_back_goes_to_its_own_queue_only_once_it_was_cleared(
    session: Session, cast: Cast, cleared: bool
) -> None:
    case = factories.case("DECHET-3", belongings="yes")
    handover = handed(session, cast, case, "MARAUDE")
    routing.accept_handover(handover, by=cast.noor, at=LATER)
    routing.record_visit(handover, in_use=not cleared, on=LATER.date(), note="Vu", by=cast.noor, at=LATER)
    assert case.queue.kind is QueueKind.OCCUPANCY
    routing.give_back(handover, reason="Fait", by=cast.noor, at=EVENING)
    assert (case.state, case.queue.code) == (
        (CaseState.ACCEPTED, "berges") if cleared else (CaseState.OCCUPANCY_CHECK, "verification")
    )
