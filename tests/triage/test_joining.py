"""One who sees the same thing joins its case: followed together from then on, protected as the stronger of the two, never read for it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.catalogue.models import Protection
from cohab_report.errors import Stale
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake import queries as intake_queries
from cohab_report.intake.models import Belongings, Status
from cohab_report.routing import operations as routing
from cohab_report.routing import rules as routing_rules
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case, CaseState, ClosingReason, LinkState, Occupancy, QueueKind
from tests import factories
from tests.factories import BANK, MONDAY

LATER = MONDAY + timedelta(hours=30)
EVEN_LATER = LATER + timedelta(hours=1)


@pytest.fixture
def seen(session, cast):
    """A case that the team has accepted and tied to an action."""
    return factories.accepted(cast.ana, "DECHET-1")


def joining(case, *, at=LATER, **changes):
    """An observation that says the same as the one that opened the case."""
    category = next(one.category.code for one in case.observations)
    sent = intake.receive(factories.draft(category, joins=case.reference, observed_on=MONDAY.date(), **changes), at=at)
    case.observations  # noqa: B018 (the case is read again with what came)
    return sent


def how_many_cases(session):
    return session.scalar(select(func.count()).select_from(Case))


def test_it_is_followed_with_the_case_and_told_at_once(session, seen):
    before = how_many_cases(session)
    sent = joining(seen)
    assert queries.case_of(sent.id).id == seen.id and how_many_cases(session) == before
    assert len(queries.case_or_refuse(seen.reference).observations) == 2
    assert sent.status is Status.TAKEN_UP and sent.reference != seen.reference
    assert intake.code_of(sent) != intake.code_of(seen.observations[0])


def test_guard_rail_4_its_number_raises_no_priority_and_moves_no_deadline(session, seen):
    priority, due, accepted, queue = seen.priority, seen.due_at, seen.accepted_at, seen.queue_id
    for _ in range(7):
        joining(seen)
    assert (seen.priority, seen.due_at, seen.accepted_at, seen.queue_id) == (priority, due, accepted, queue)


def test_nobody_may_read_it_before_a_person_has(session, seen):
    sent = joining(seen)
    assert sent.published_at is None and seen.observations[0].published_at is not None
    assert intake_queries.lately(intake_queries.Wanted(since=MONDAY.date())) != []
    assert sent.reference not in [
        each.reference for each in intake_queries.lately(intake_queries.Wanted(since=MONDAY.date()))
    ]


@pytest.mark.parametrize("answer", [Belongings.YES, Belongings.UNKNOWN])
def test_guard_rail_1_belongings_that_may_be_in_use_lock_the_works_of_the_whole_case(session, seen, answer):
    joining(seen, belongings=answer)
    assert (seen.state, seen.occupancy, seen.queue.kind) == (
        CaseState.OCCUPANCY_CHECK,
        Occupancy.POSSIBLE,
        QueueKind.OCCUPANCY,
    )
    assert {one.protection for one in seen.observations} == {Protection.NEVER_PUBLIC}
    assert intake_queries.lately(intake_queries.Wanted(since=MONDAY.date())) == []


def test_guard_rail_1_while_a_partner_holds_it_the_place_is_checked_in_a_case_of_its_own(session, cast, seen):
    routing.hand_over(seen, cast.lin.partner, by=cast.ana, at=LATER)
    sent = joining(seen, belongings=Belongings.YES)
    assert queries.case_of(sent.id).id != seen.id
    assert queries.case_of(sent.id).state is CaseState.OCCUPANCY_CHECK and sent.status is Status.RECEIVED
    assert seen.state is CaseState.HANDED_OVER and not seen.works_are_locked


def test_guard_rail_1_a_case_that_waits_to_be_reopened_is_left_as_it_is(session, cast, seen):
    triage.close(seen, ClosingReason.DONE, by=cast.ana, at=LATER)
    intake.request_reopening(seen.observations[0], at=LATER)
    sent = joining(seen, belongings=Belongings.YES, at=EVEN_LATER)
    assert queries.case_of(sent.id).id != seen.id and queries.case_of(sent.id).works_are_locked
    assert seen.state is CaseState.REOPEN_REQUESTED


def test_the_more_protected_of_the_two_protects_both(session, cast):
    site, radius = territory.ground().protected_sites[0]
    outside, inside = (Point(site.lon, site.lat + metres / 111_200) for metres in (radius + 30, radius - 30))
    case = factories.accepted(cast.ana, point=outside)
    assert case.protection is Protection.PUBLIC_EXACT
    sent = joining(case, point=inside)
    assert {one.protection for one in (sent, case.observations[0], case)} == {Protection.PUBLIC_CELL}
    (told,) = intake_queries.lately(intake_queries.Wanted(since=MONDAY.date()))
    assert told.is_cell and told.place is None


def test_a_partner_that_holds_it_reads_of_two_and_goes_on(session, cast, seen):
    routing.hand_over(seen, cast.lin.partner, by=cast.ana, at=LATER)
    joining(seen)
    session.expire_all()
    assert queries.case_of(seen.observations[0].id).state is CaseState.HANDED_OVER
    assert routing_rules.seen_by(cast.lin.partner, seen).observations == 2


def test_closing_tells_both_and_either_may_ask_to_look_again(session, cast, seen):
    sent = joining(seen)
    triage.close(queries.case_or_refuse(seen.reference), ClosingReason.DONE, by=cast.ana, at=EVEN_LATER)
    assert {one.status for one in seen.observations} == {Status.DONE}
    assert intake.finished_at(sent) == EVEN_LATER
    intake.request_reopening(sent, at=EVEN_LATER)
    assert seen.state is CaseState.REOPEN_REQUESTED
    assert {one.status for one in seen.observations} == {Status.RECEIVED}


def test_its_story_begins_with_itself_and_tells_what_the_case_does_since(session, cast, seen):
    sent = joining(seen)
    told = [event.name for event in intake_queries.story(sent).events]
    assert told == ["observation.joined", "observation.received"]
    assert [action.code for action in intake_queries.story(sent).actions] == [seen.links[0].action.code]
    triage.close(seen, ClosingReason.DONE, by=cast.ana, at=EVEN_LATER)
    assert intake_queries.story(sent).events[0].name == "case.closed"


def test_what_one_resident_does_with_theirs_is_told_to_nobody_else(session, seen):
    sent, first = joining(seen), seen.observations[0]
    intake.redact_text(first, by=journal.RESIDENT, at=EVEN_LATER)
    intake.withdraw(first, at=EVEN_LATER)
    assert not [
        event
        for event in intake_queries.story(sent).events
        if event.name in ("observation.redacted", "observation.withdrawn")
    ]
    assert "observation.joined" not in [event.name for event in intake_queries.story(first).events]


def test_either_may_be_taken_back_and_the_other_goes_on(session, seen):
    sent, first = joining(seen), seen.observations[0]
    intake.withdraw(first, at=EVEN_LATER)
    assert (first.status, sent.status, seen.is_open) == (Status.WITHDRAWN, Status.TAKEN_UP, True)
    assert sent.exact_point is not None


def test_a_flood_of_the_same_waits_in_quarantine_one_by_one(session, seen):
    sent = [
        intake.receive(factories.draft(joins=seen.reference), at=LATER, network="203.0.113.0/24") for _ in range(intake.FLOOD + 2)
    ]  # fmt: skip
    kinds = [queries.case_of(one.id).queue.kind for one in sent]
    assert kinds.count(QueueKind.QUARANTINE) == 2 and len(seen.observations) == intake.FLOOD + 1


def test_an_answer_that_tells_of_a_hazard_raises_as_it_does_when_cases_are_merged(session, seen):
    asked = next(question for question in seen.category.questions if question.raises)
    hazard, raised = next(iter(asked.raises.items()))
    joining(seen, answers={asked.code: hazard})
    assert int(seen.priority) == min(int(seen.category.priority), raised)
    assert seen.due_at == deadlines.due_at(seen.priority, LATER)


def test_whoever_read_the_case_before_is_told_what_came_since(session, cast, seen):
    read = seen.version
    sent = joining(seen)
    session.flush()
    with pytest.raises(Stale) as refused:
        triage.expect(queries.case_or_refuse(seen.reference), read)
    assert "observation.joined" in str(refused.value.__dict__) and sent.reference not in str(refused.value.__dict__)


def test_a_merged_case_is_joined_where_it_lives_on(session, cast, seen):
    other = factories.accepted(cast.ana, "DECHET-1", point=BANK)
    triage.merge(other, into=seen, by=cast.ana, at=LATER)
    sent = intake.receive(factories.draft(joins=other.reference), at=EVEN_LATER)
    assert queries.case_of(sent.id).id == seen.id


def test_links_and_their_decisions_stay_as_they_were(session, seen):
    before = [(link.action_id, link.state, link.decided_at) for link in seen.links]
    joining(seen)
    assert [(link.action_id, link.state, link.decided_at) for link in seen.links] == before
    assert seen.links[0].state is LinkState.CONFIRMED
