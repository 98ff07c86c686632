"""What the team does with a case, told as the ten guard rails and the moves around them."""

from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Kind, Priority, Protection
from cohab_report.errors import Invalid, MoveRefused, Stale
from cohab_report.geo import Point
from cohab_report.intake import codes
from cohab_report.intake import operations as intake
from cohab_report.intake import queries as intake_queries
from cohab_report.intake.cells import queries as cells
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.models import Belongings, Observation, Status
from cohab_report.intake.stories.queries import story_of
from cohab_report.journal import Event
from cohab_report.triage import operations as triage
from cohab_report.triage import queries, rules
from cohab_report.triage.models import CASE_MOVES, Case, CaseState, ClosingReason, LinkState, Occupancy
from cohab_report.triage.waiting.models import QueueKind
from tests import factories
from tests.factories import BANK, MONDAY

LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def noise(session):
    """Cases that must not be touched: of other categories, in other queues."""
    others = [factories.case("LIEU-2"), factories.case("BIEN-1"), factories.case("DECHET-2")]
    session.commit()
    return [(other, other.state, other.priority, other.protection) for other in others]


def untouched(noise) -> bool:
    return all(
        (other.state, other.priority, other.protection) == (state, priority, protection)
        for other, state, priority, protection in noise
    )


def test_an_observation_has_its_case_at_once_in_the_queue_of_its_purpose(session):
    case = factories.case("DECHET-1")
    assert case.state is CaseState.NEW
    assert case.queue.code == "berges"
    assert [link.action.code for link in case.links] == ["BER-1"]
    assert all(link.state is LinkState.SUGGESTED for link in case.links)
    assert case.observations[0].status is Status.RECEIVED


@pytest.mark.parametrize("answer", [Belongings.YES, Belongings.UNKNOWN])
def test_guard_rail_1_belongings_that_may_be_in_use_lock_works_until_outreach_cleared_the_place(session, cast, answer):
    case = factories.case("DECHET-1", belongings=answer)
    assert case.state is CaseState.OCCUPANCY_CHECK
    assert case.queue.kind is QueueKind.OCCUPANCY
    assert case.works_are_locked
    assert case.protection is Protection.NEVER_PUBLIC
    assert case.observations[0].public_lon is None and case.observations[0].public_cell is None
    with pytest.raises(MoveRefused) as refused:
        triage.accept(case, by=cast.ana, at=LATER)
    assert refused.value.why == "locked"
    with pytest.raises(Invalid):
        triage.record_occupancy(case, in_use=False, on=LATER.date(), note="  ", by=cast.ana, at=LATER)
    with pytest.raises(MoveRefused):
        triage.record_occupancy(case, in_use=False, on=LATER.date(), note="vu", by=cast.lin, at=LATER)
    with pytest.raises(Invalid) as before:
        triage.record_occupancy(
            case, in_use=False, on=LATER.date() - timedelta(days=1), note="vu", by=cast.noor, at=LATER
        )
    assert (before.value.field, before.value.reason) == ("on", "before"), (
        "what was seen before the tent came clears nothing"
    )
    triage.record_occupancy(case, in_use=True, on=LATER.date(), note="Effets utilisés.", by=cast.noor, at=LATER)
    assert case.works_are_locked
    triage.record_occupancy(
        case, in_use=False, on=LATER.date(), note="Personne, rien à garder.", by=cast.noor, at=LATER
    )
    assert not case.works_are_locked
    assert case.state is CaseState.ACCEPTED
    assert (case.occupancy_on, case.occupancy_note) == (LATER.date(), "Personne, rien à garder.")
    assert case.protection is Protection.NEVER_PUBLIC, "protection never falls, even once the place is cleared"


def test_what_was_taken_up_stays_so_for_its_residents_while_outreach_looks(session, cast):
    case = factories.accepted_case(cast.ana)
    triage.request_occupancy_check(case, by=cast.ana, at=LATER)
    assert (case.state, case.observations[0].status) == (CaseState.OCCUPANCY_CHECK, Status.TAKEN_UP)


def test_guard_rail_1_every_object_category_asks(session):
    for category in catalogue.categories():
        if category.asks_belongings:
            with pytest.raises(Invalid) as refused:
                factories.observation(category.code, belongings=Belongings.NOT_ASKED)
            assert refused.value.field == "belongings"


def test_guard_rail_2_recoding_leads_to_equal_or_stronger_protection_only_over_all_pairs(session, cast):
    every = catalogue.categories()
    for before in [category for category in every if category.opens_the_form]:
        for after in every:
            case = factories.case(before.code)
            protected = case.protection
            stays_concern = before.kind is not Kind.CONCERN or after.kind is Kind.CONCERN
            is_other_form = after.opens_the_form and after.id != before.id
            if is_other_form and after.protection >= before.protection and stays_concern:
                triage.recode(case, after, reason="Mieux décrit ainsi.", is_confirmed=True, by=cast.ana, at=LATER)
                assert case.category_id == after.id
                assert case.protection >= max(protected, after.protection)
                assert case.holder is None, "no recoding sends a case to anybody, the police least of all"
            else:
                with pytest.raises(Invalid):
                    triage.recode(case, after, reason="Non.", by=cast.ana, at=LATER)
                assert case.category_id == before.id


def test_a_change_of_purpose_is_confirmed_once_more_over_all_pairs_and_leaves_a_mark(session, cast):
    every = [category for category in catalogue.categories() if category.opens_the_form]
    for before in every:
        for after in every:
            case = factories.case(before.code)
            if rules.recode_refusal(case, after) is not None or not rules.crosses_purposes(before, after):
                continue
            with pytest.raises(Invalid) as refused:
                triage.recode(case, after, reason="Mieux", by=cast.ana, at=LATER)
            assert (refused.value.field, refused.value.reason) == ("sure", "across")
            assert (case.category_id, case.recode_reason) == (before.id, "")
            triage.recode(case, after, reason="Mieux", is_confirmed=True, by=cast.ana, at=LATER)
            event = session.scalars(select(Event).where(Event.name == "case.recoded").order_by(Event.id.desc())).first()
            assert event is not None and event.facts["across"] is True


def test_guard_rail_2_a_recoding_that_makes_it_secret_takes_it_off_every_public_page_with_the_next_edition(
    session, cast, noise
):
    case = factories.accepted_case(cast.ana, "DECHET-1")
    session.flush()
    reference = case.reference
    everyone = intake_queries.ObservationFilter(since=MONDAY.date() - timedelta(days=30))
    assert reference in [told.reference for told in intake_queries.recent_public_observations(everyone)]
    triage.recode(case, catalogue.category_or_refuse("DECHET-2"), reason="C’est une seringue.", by=cast.ana, at=LATER)
    session.flush()
    editions.make_edition(at=LATER)
    assert reference not in [told.reference for told in intake_queries.recent_public_observations(everyone)]
    assert case.observations[0].public_lon is None
    assert untouched(noise)


def test_recoding_to_a_category_that_asks_of_belongings_has_the_place_checked_first(session, cast):
    case = factories.case("BIEN-1")
    dirt = catalogue.category_or_refuse("DECHET-1")
    triage.recode(case, dirt, reason="Plutôt des déchets.", is_confirmed=True, by=cast.ana, at=LATER)
    assert case.state is CaseState.OCCUPANCY_CHECK
    assert case.works_are_locked


def test_guard_rail_3_suggestions_alone_close_nothing(session, cast):
    case = factories.case("DECHET-1")
    triage.accept(case, by=cast.ana, at=LATER)
    with pytest.raises(MoveRefused) as refused:
        triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    assert refused.value.why == "plan"
    assert case.state is CaseState.ACCEPTED


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(volume=st.integers(1, 8), hazard=st.booleans())
def test_guard_rail_4_volume_never_raises_priority_and_hazard_facts_do(session, cast, volume, hazard):
    into = factories.case("DECHET-1")
    due = into.due_at
    for number in range(volume):
        glass = {"verre": "yes"} if hazard and number == 0 else {}
        triage.merge(factories.case("DECHET-1", answers=glass), into=into, by=cast.ana, at=LATER)
    assert into.priority is (Priority.P2 if hazard else Priority.P3)
    assert len(into.observations) == volume + 1
    assert into.due_at == (deadlines.due_at(Priority.P2, MONDAY) if hazard else due)


def test_guard_rail_5_near_a_protected_site_nothing_is_told_finer_than_a_cell(session, cast):
    far, near = factories.case("DECHET-1"), factories.case("DECHET-1", point=factories.BY_THE_SCHOOL)
    assert far.protection is Protection.PUBLIC_EXACT
    assert near.protection is Protection.PUBLIC_CELL
    observation = near.observations[0]
    assert observation.is_near_protected
    assert (observation.public_lon, observation.public_lat) != (
        factories.BY_THE_SCHOOL.lon,
        factories.BY_THE_SCHOOL.lat,
    )


def test_guard_rail_7_never_public_rows_are_in_no_public_answer(session, cast):
    secret = [factories.case(code) for code in ("DECHET-2", "LIEU-2", "SOUCI")]
    for case in secret:
        triage.accept(case, by=cast.ana, at=LATER)
    session.flush()
    everyone = intake_queries.ObservationFilter(since=MONDAY.date() - timedelta(days=365))
    told = {observation.reference for observation in intake_queries.recent_public_observations(everyone, limit=1000)}
    assert told.isdisjoint({case.reference for case in secret})
    everywhere = cells.cell_counts(cells.CellRange(0, 0, 2**62), everyone, days=90)
    assert sum(count for _, count in everywhere) == len(told)


def test_guard_rail_8_the_code_opens_status_words_and_is_stored_nowhere(session):
    observation = factories.observation()
    session.flush()
    code = factories.code_of(observation)
    assert intake.observation_by_code(code.lower().replace("-", " ")).id == observation.id
    stored = " ".join(
        str(value)
        for value in session.execute(select(Observation.__table__).where(Observation.id == observation.id)).one()
    )
    assert code not in stored and code.replace("-", "") not in stored
    with pytest.raises(Invalid) as refused:
        intake.observation_by_code(codes.code_for(uuid4(), "another key"))
    assert refused.value.reason == "unknown"


def test_guard_rail_9_a_flood_from_one_network_waits_in_quarantine_and_is_never_dropped(session, cast):
    cases = [queries.case_of_observation(factories.observation(network="a").id) for _ in range(8)]
    assert [case.queue.kind for case in cases] == [QueueKind.NORMAL] * 5 + [QueueKind.QUARANTINE] * 3
    assert queries.case_of_observation(factories.observation(network="b").id).queue.kind is QueueKind.NORMAL
    triage.accept(cases[-1], by=cast.ana, at=LATER)
    assert cases[-1].queue.code == "berges"


def test_closing_needs_to_know_what_it_counts_toward_and_tells_the_resident(session, cast):
    case = factories.accepted_case(cast.ana)
    triage.close(case, ClosingReason.NOTHING_FOUND, by=cast.ana, at=LATER)
    session.flush()
    assert case.observations[0].status is Status.DONE
    story = story_of(case.observations[0])
    assert [event.name for event in story.events] == [
        "case.closed",
        "link.confirmed",
        "case.accepted",
        "observation.received",
    ]
    assert [action.code for action in story.actions] == ["BER-1"]


def test_out_of_plan_counts_as_an_answer_unless_an_action_is_confirmed(session, cast):
    outside, inside = factories.case("BIEN-1"), factories.accepted_case(cast.ana, "BIEN-1")
    triage.accept(outside, by=cast.ana, at=LATER)
    triage.mark_out_of_plan(outside, by=cast.ana, at=LATER)
    triage.close(outside, ClosingReason.OUTSIDE_MANDATE, by=cast.ana, at=LATER)
    assert outside.observations[0].status is Status.REDIRECTED
    with pytest.raises(MoveRefused):
        triage.mark_out_of_plan(inside, by=cast.ana, at=LATER)


def test_a_rejected_link_is_kept_and_not_suggested_again(session, cast):
    case = factories.case("DECHET-1")
    triage.reject_link(case, case.links[0].action, by=cast.ana, at=LATER)
    triage.recode(case, catalogue.category_or_refuse("DECHET-3"), reason="Un meuble.", by=cast.ana, at=LATER)
    assert [(link.action.code, link.state) for link in case.links] == [("BER-1", LinkState.REJECTED)]


def test_two_people_do_not_work_on_one_case_unless_the_first_has_been_away(session, cast):
    case = factories.case()
    triage.claim_case(case, by=cast.ana, at=MONDAY)
    with pytest.raises(MoveRefused):
        triage.claim_case(case, by=cast.bea, at=MONDAY + timedelta(minutes=30))
    triage.claim_case(case, by=cast.bea, at=MONDAY + timedelta(hours=3))
    assert case.claimed_by is cast.bea


def test_somebody_who_read_an_older_version_is_told_what_happened_since(session, cast):
    case = factories.case()
    session.flush()
    read = case.version
    triage.accept(case, by=cast.bea, at=LATER)
    session.flush()
    with pytest.raises(Stale) as stale:
        triage.refuse_if_stale(case, read)
    assert stale.value.changes == {"case.accepted": (cast.bea.journal_name, LATER.isoformat())}
    triage.refuse_if_stale(case, case.version)


def test_and_of_nothing_that_had_happened_before(session, cast):
    reference = factories.accepted_case(cast.ana).reference
    session.commit()
    case = queries.case_or_refuse(reference)
    read = case.version
    triage.claim_case(case, by=cast.bea, at=LATER)
    triage.release_case(case, by=cast.bea, at=LATER + timedelta(minutes=1))
    triage.claim_case(case, by=cast.ana, at=LATER + timedelta(minutes=2))
    session.flush()
    with pytest.raises(Stale) as stale:
        triage.refuse_if_stale(case, read)
    assert set(stale.value.changes) == {"case.claimed", "case.released"}
    assert stale.value.changes["case.claimed"][0] == cast.ana.journal_name, "what was done last of each"


def test_merging_a_place_that_may_be_lived_in_locks_the_case_it_joins(session, cast):
    into, possibly_occupied = factories.accepted_case(cast.ana), factories.case(belongings=Belongings.YES)
    triage.merge(possibly_occupied, into=into, by=cast.ana, at=LATER)
    session.flush()
    assert into.works_are_locked and into.state is CaseState.OCCUPANCY_CHECK
    assert into.protection is Protection.NEVER_PUBLIC
    assert all(observation.protection is Protection.NEVER_PUBLIC for observation in into.observations)
    assert possibly_occupied.state is CaseState.MERGED and possibly_occupied.observations == []
    with pytest.raises(MoveRefused) as over:
        triage.record_occupancy(possibly_occupied, in_use=False, on=LATER.date(), note="vu", by=cast.noor, at=LATER)
    assert over.value.why == "over"


def test_a_merged_observation_follows_the_case_it_joined(session, cast):
    into, other = factories.accepted_case(cast.ana), factories.case()
    observation = other.observations[0]
    triage.merge(other, into=into, by=cast.ana, at=LATER)
    triage.close(into, ClosingReason.DONE, by=cast.ana, at=LATER)
    session.flush()
    assert observation.status is Status.DONE
    assert "case.closed" in [event.name for event in story_of(observation).events]


def test_a_resident_may_ask_to_look_again_within_thirty_days(session, cast):
    case = factories.accepted_case(cast.ana)
    observation = case.observations[0]
    with pytest.raises(MoveRefused):
        intake.request_reopening(observation, at=LATER)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=LATER)
    session.flush()
    with pytest.raises(MoveRefused) as late:
        intake.request_reopening(observation, at=LATER + timedelta(days=31))
    assert late.value.why == "late"
    intake.request_reopening(observation, at=LATER + timedelta(days=29))
    assert case.state is CaseState.REOPEN_REQUESTED and observation.status is Status.RECEIVED


def test_taking_an_observation_back_leaves_nothing_of_it(session, cast):
    case = factories.accepted_case(cast.ana, text="Trois sacs près du banc.", point=None, place="quai")
    observation = case.observations[0]
    assert observation.place is not None
    intake.withdraw(observation, at=LATER)
    session.flush()
    session.expire_all()
    assert (observation.text, observation.answers, observation.exact_point, observation.public_lon) == (
        "",
        {},
        None,
        None,
    )
    assert observation.place is None and case.place is not None, "work that goes on still knows where"
    assert not observation.is_public
    assert observation.status is Status.WITHDRAWN


def test_nearby_cases_are_those_within_fifty_metres_and_twelve_weeks(session):
    step = 40 / 111_320
    here = factories.case(point=BANK)
    close = factories.case(point=Point(BANK.lon, BANK.lat + step))
    factories.case(point=Point(BANK.lon, BANK.lat + 2 * step))
    factories.case(point=BANK, at=MONDAY - timedelta(weeks=13))
    session.flush()
    assert [case.reference for case in queries.nearby_cases(here, BANK, at=MONDAY)] == [close.reference]


@given(states=st.lists(st.sampled_from(CaseState), max_size=12))
def test_no_walk_through_the_table_of_moves_leaves_a_merged_case_or_skips_triage(states):
    case = Case(state=CaseState.NEW, occupancy=Occupancy.NONE)
    for wanted in states:
        before = case.state
        if wanted in CASE_MOVES[before]:
            case.move_to(wanted)
            assert before is not CaseState.MERGED
            assert not (wanted is CaseState.CLOSED and before in {CaseState.HANDED_OVER, CaseState.IN_PROGRESS})
        else:
            with pytest.raises(MoveRefused):
                case.move_to(wanted)
            assert case.state is before


def test_every_event_of_a_case_speaks_of_ids_and_never_of_words(session, cast):
    case = factories.case(text="Des bouteilles sous le banc vert.")
    triage.recode(
        case, catalogue.category_or_refuse("DECHET-3"), reason="Un fauteuil abandonné.", by=cast.ana, at=LATER
    )
    triage.accept(case, by=cast.ana, at=LATER)
    session.flush()
    told = " ".join(str(event.facts) + event.actor for event in journal.history(case.reference))
    assert "banc" not in told and "fauteuil" not in told and "Ana" not in told
