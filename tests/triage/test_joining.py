"""A resident who sees the same thing joins its case: the stronger protection holds, and nobody may read it for that."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.catalogue.models import Protection
from cohab_report.errors import Stale
from cohab_report.geo import Point
from cohab_report.intake import floods, receiving
from cohab_report.intake import operations as intake
from cohab_report.intake import queries as intake_queries
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.models import Belongings, Status
from cohab_report.intake.stories.queries import story_of
from cohab_report.routing import operations as routing
from cohab_report.routing import seeing
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, CaseState, ClosingReason, LinkState, Occupancy
from cohab_report.triage.waiting.models import QueueKind
from tests import factories
from tests.factories import BANK, MONDAY

LATER = MONDAY + timedelta(hours=30)
EVEN_LATER = LATER + timedelta(hours=1)


@pytest.fixture
def accepted_case(session, cast):
    """A case that the team has accepted and linked to an action."""
    return factories.accepted_case(cast.ana, "DECHET-1")


def receive_joining(case, *, at=LATER, **changes):
    """An observation that says the same as the one that opened the case."""
    category = next(one.category.code for one in case.observations)
    sent = receiving.receive(
        factories.submission(category, joins=case.reference, observed_on=MONDAY.date(), **changes), at=at
    )
    case.observations  # noqa: B018 (the case is read again with what came)
    return sent


def case_count(session):
    return session.scalar(select(func.count()).select_from(Case))


def test_it_is_followed_with_the_case_and_told_at_once(session, accepted_case):
    before = case_count(session)
    sent = receive_joining(accepted_case)
    assert queries.case_of_observation(sent.id).id == accepted_case.id and case_count(session) == before
    assert len(queries.case_or_refuse(accepted_case.reference).observations) == 2
    assert sent.status is Status.TAKEN_UP and sent.reference != accepted_case.reference
    assert sent.code_hash != accepted_case.observations[0].code_hash


def test_guard_rail_4_its_number_raises_no_priority_and_moves_no_deadline(session, accepted_case):
    priority, due, accepted, queue = (
        accepted_case.priority,
        accepted_case.due_at,
        accepted_case.accepted_at,
        accepted_case.queue_id,
    )
    for _ in range(7):
        receive_joining(accepted_case)
    assert (accepted_case.priority, accepted_case.due_at, accepted_case.accepted_at, accepted_case.queue_id) == (
        priority,
        due,
        accepted,
        queue,
    )


def test_nobody_may_read_it_before_a_person_has(session, accepted_case):
    sent = receive_joining(accepted_case)
    assert sent.published_at is None and accepted_case.observations[0].published_at is not None
    assert intake_queries.recent_public_observations(intake_queries.ObservationFilter(since=MONDAY.date())) != []
    assert sent.reference not in [
        each.reference
        for each in intake_queries.recent_public_observations(intake_queries.ObservationFilter(since=MONDAY.date()))
    ]


@pytest.mark.parametrize("answer", [Belongings.YES, Belongings.UNKNOWN])
def test_guard_rail_1_belongings_that_may_be_in_use_lock_the_works_of_the_whole_case(session, accepted_case, answer):
    receive_joining(accepted_case, belongings=answer)
    assert (accepted_case.state, accepted_case.occupancy, accepted_case.queue.kind) == (
        CaseState.OCCUPANCY_CHECK,
        Occupancy.POSSIBLE,
        QueueKind.OCCUPANCY,
    )
    assert {one.protection for one in accepted_case.observations} == {Protection.NEVER_PUBLIC}
    editions.make_edition(at=EVEN_LATER)
    assert intake_queries.recent_public_observations(intake_queries.ObservationFilter(since=MONDAY.date())) == []


def test_guard_rail_1_while_a_partner_holds_it_the_place_is_checked_in_a_case_of_its_own(session, cast, accepted_case):
    routing.hand_over(accepted_case, cast.lin.partner, by=cast.ana, at=LATER)
    sent = receive_joining(accepted_case, belongings=Belongings.YES)
    assert queries.case_of_observation(sent.id).id != accepted_case.id
    assert queries.case_of_observation(sent.id).state is CaseState.OCCUPANCY_CHECK and sent.status is Status.RECEIVED
    assert accepted_case.state is CaseState.HANDED_OVER and not accepted_case.works_are_locked


def test_guard_rail_1_a_case_that_waits_to_be_reopened_is_checked_first(session, cast, accepted_case):
    triage.close(accepted_case, ClosingReason.DONE, by=cast.ana, at=LATER)
    intake.request_reopening(accepted_case.observations[0], at=LATER)
    sent = receive_joining(accepted_case, belongings=Belongings.YES, at=EVEN_LATER)
    assert queries.case_of_observation(sent.id).id == accepted_case.id
    assert (accepted_case.state, accepted_case.works_are_locked) == (CaseState.OCCUPANCY_CHECK, True)


def test_the_more_protected_of_the_two_protects_both(session, cast):
    city = territory.city_facts()
    school = factories.BY_THE_SCHOOL
    steps = [Point(school.lon, school.lat + metres / 111_320) for metres in range(0, 1200, 20)]
    inside, outside = next(pair for pair in pairwise(steps) if not city.is_near_protected(pair[1]))
    case = factories.accepted_case(cast.ana, point=outside)
    assert case.protection is Protection.PUBLIC_EXACT
    sent = receive_joining(case, point=inside)
    assert {one.protection for one in (sent, case.observations[0], case)} == {Protection.PUBLIC_CELL}
    (told,) = intake_queries.recent_public_observations(intake_queries.ObservationFilter(since=MONDAY.date()))
    assert not told.is_cell, "what everybody has read stays as it is until the night"
    editions.make_edition(at=EVEN_LATER)
    assert not intake_queries.recent_public_observations(intake_queries.ObservationFilter(since=MONDAY.date()))


def test_a_partner_that_holds_it_reads_of_two_and_goes_on(session, cast, accepted_case):
    routing.hand_over(accepted_case, cast.lin.partner, by=cast.ana, at=LATER)
    receive_joining(accepted_case)
    session.expire_all()
    assert queries.case_of_observation(accepted_case.observations[0].id).state is CaseState.HANDED_OVER
    assert seeing.case_for_partner(cast.lin.partner, accepted_case).observation_count == 2


def test_closing_tells_both_and_either_may_ask_to_look_again(session, cast, accepted_case):
    sent = receive_joining(accepted_case)
    triage.close(queries.case_or_refuse(accepted_case.reference), ClosingReason.DONE, by=cast.ana, at=EVEN_LATER)
    assert {one.status for one in accepted_case.observations} == {Status.DONE}
    assert intake.finished_at(sent) == EVEN_LATER
    intake.request_reopening(sent, at=EVEN_LATER)
    assert accepted_case.state is CaseState.REOPEN_REQUESTED
    assert {one.status for one in accepted_case.observations} == {Status.RECEIVED}


def test_its_story_begins_with_itself_and_tells_no_more_than_when_it_is_finished(session, cast, accepted_case):
    sent = receive_joining(accepted_case)
    told = [event.name for event in story_of(sent).events]
    assert told == ["observation.joined", "observation.received"]
    assert story_of(sent).actions == []
    triage.close(accepted_case, ClosingReason.REDIRECTED, by=cast.ana, at=EVEN_LATER)
    closed, story = story_of(sent).events[0], story_of(sent)
    assert (closed.name, closed.reason, story.status) == ("case.closed", None, Status.DONE)


def test_what_one_resident_does_with_theirs_is_told_to_nobody_else(session, accepted_case):
    sent, first = receive_joining(accepted_case), accepted_case.observations[0]
    intake.redact_text(first, by=journal.RESIDENT, at=EVEN_LATER)
    intake.withdraw(first, at=EVEN_LATER)
    assert not [
        event for event in story_of(sent).events if event.name in ("observation.redacted", "observation.withdrawn")
    ]
    assert "observation.joined" not in [event.name for event in story_of(first).events]


def test_either_may_be_taken_back_and_the_other_goes_on(session, accepted_case):
    sent, first = receive_joining(accepted_case), accepted_case.observations[0]
    intake.withdraw(first, at=EVEN_LATER)
    assert (first.status, sent.status, accepted_case.is_open) == (Status.WITHDRAWN, Status.TAKEN_UP, True)
    assert sent.exact_point is not None


def test_a_flood_of_the_same_waits_in_quarantine_one_by_one(session, accepted_case):
    sent = [
        receiving.receive(factories.submission(joins=accepted_case.reference), at=LATER, network="203.0.113.0/24")
        for _ in range(floods.FLOOD_LIMIT + 2)
    ]
    kinds = [queries.case_of_observation(one.id).queue.kind for one in sent]
    assert kinds.count(QueueKind.QUARANTINE) == 2 and len(accepted_case.observations) == floods.FLOOD_LIMIT + 1


def test_an_answer_that_tells_of_a_hazard_raises_as_it_does_when_cases_are_merged(session, accepted_case):
    asked = next(question for question in accepted_case.category.questions if question.raises)
    hazard, raised = next(iter(asked.raises.items()))
    receive_joining(accepted_case, answers={asked.code: hazard})
    assert int(accepted_case.priority) == min(int(accepted_case.category.priority), raised)
    assert accepted_case.due_at == deadlines.due_at(accepted_case.priority, LATER)


def test_whoever_read_the_case_before_is_told_what_came_since(session, cast, accepted_case):
    read = accepted_case.version
    sent = receive_joining(accepted_case)
    session.flush()
    with pytest.raises(Stale) as refused:
        triage.refuse_if_stale(queries.case_or_refuse(accepted_case.reference), read)
    assert "observation.joined" in str(refused.value.__dict__) and sent.reference not in str(refused.value.__dict__)


def test_a_merged_case_is_joined_where_it_lives_on(session, cast, accepted_case):
    other = factories.accepted_case(cast.ana, "DECHET-1", point=BANK)
    triage.merge(other, into=accepted_case, by=cast.ana, at=LATER)
    sent = receiving.receive(factories.submission(joins=other.reference), at=EVEN_LATER)
    assert queries.case_of_observation(sent.id).id == accepted_case.id


def test_links_and_their_decisions_stay_as_they_were(session, accepted_case):
    before = [(link.action_id, link.state, link.decided_at) for link in accepted_case.links]
    receive_joining(accepted_case)
    assert [(link.action_id, link.state, link.decided_at) for link in accepted_case.links] == before
    assert accepted_case.links[0].state is LinkState.CONFIRMED
