"""A visit says whether somebody lives at a place only if nobody had a reason to doubt it since."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from cohab_report.catalogue import queries as catalogue
from cohab_report.errors import Invalid
from cohab_report.intake import receiving
from cohab_report.intake.models import Belongings, Channel
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage import queries, rules
from cohab_report.triage.models import Case, CaseState
from tests import factories
from tests.factories import MONDAY

VISIT_AT, DOUBT_AT, NOW = (MONDAY + timedelta(days=days) for days in (1, 5, 5))


def doubted_by_the_team(session, cast) -> Case:
    case = factories.accepted_case(cast.ana)
    triage.request_occupancy_check(case, by=cast.ana, at=DOUBT_AT)
    return case


def reported_late(session, cast) -> Case:
    return factories.case(at=DOUBT_AT, observed_on=MONDAY.date(), belongings=Belongings.YES)


def joined_by_a_resident(session, cast) -> Case:
    case = factories.accepted_case(cast.ana)
    triage.request_occupancy_check(case, by=cast.ana, at=MONDAY)
    triage.record_occupancy(case, in_use=False, on=VISIT_AT.date(), note="Rien", by=cast.noor, at=VISIT_AT)
    other = factories.accepted_case(cast.ana)
    joining = factories.submission(joins=other.reference, observed_on=MONDAY.date(), belongings=Belongings.UNKNOWN)
    sent = receiving.receive(joining, at=DOUBT_AT)
    return queries.case_of_observation(sent.id)


def works_stopped(session, cast) -> Case:
    case = factories.accepted_case(cast.ana)
    works = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    handover = routing.hand_over(case, works, by=cast.ana, at=MONDAY)
    routing.accept_handover(handover, by=cast.lin, at=MONDAY)
    routing.stop_works(handover, by=cast.ana, at=DOUBT_AT)
    return case


def seen_in_use(session, cast) -> Case:
    case = factories.case(belongings=Belongings.YES)
    triage.record_occupancy(case, in_use=True, on=DOUBT_AT.date(), note="Une tente", by=cast.noor, at=DOUBT_AT)
    return case


def merged_with_a_doubt(session, cast) -> Case:
    into = factories.case(belongings=Belongings.YES)
    case = factories.case(belongings=Belongings.YES)
    triage.merge(case, into=into, by=cast.ana, at=DOUBT_AT)
    return into


def recoded_to_what_nobody_was_asked_about(session, cast) -> Case:
    case = factories.case("LIEU-2", observed_on=MONDAY.date())
    category = catalogue.category_or_refuse("DECHET-2")
    triage.recode(case, category, reason="Ce sont des déchets.", is_confirmed=True, by=cast.ana, at=DOUBT_AT)
    return case


DOUBTS: list[Callable[..., Case]] = [
    doubted_by_the_team,
    reported_late,
    joined_by_a_resident,
    works_stopped,
    seen_in_use,
    merged_with_a_doubt,
    recoded_to_what_nobody_was_asked_about,
]


@pytest.mark.parametrize("doubt", DOUBTS)
@pytest.mark.parametrize("in_use", [False, True])
def test_a_visit_older_than_the_last_doubt_neither_frees_nor_locks_the_place(session, cast, doubt, in_use):
    case = doubt(session, cast)
    assert case.works_are_locked
    before: dict[str, Any] = {"occupancy": case.occupancy, "on": case.occupancy_on, "note": case.occupancy_note}
    for on in (VISIT_AT.date(), DOUBT_AT.date() - timedelta(days=1)):
        with pytest.raises(Invalid) as refused:
            triage.record_occupancy(case, in_use=in_use, on=on, note="Vu", by=cast.noor, at=NOW)
        assert (refused.value.field, refused.value.reason) == ("on", "before")
    assert {"occupancy": case.occupancy, "on": case.occupancy_on, "note": case.occupancy_note} == before


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_visit_on_the_day_of_the_last_doubt_frees_the_place(session, cast, doubt):
    case = doubt(session, cast)
    triage.record_occupancy(case, in_use=False, on=DOUBT_AT.date(), note="Rien", by=cast.noor, at=NOW)
    assert not case.works_are_locked and case.state is CaseState.ACCEPTED


@pytest.mark.parametrize(
    ("note", "reason"), [("", "missing"), (" \n", "missing"), ("x" * 500, None), ("x" * 501, "too_long")]
)
def test_a_visit_says_in_a_few_words_what_was_seen(session, cast, note, reason):
    case = doubted_by_the_team(session, cast)
    if reason is None:
        triage.record_occupancy(case, in_use=True, on=DOUBT_AT.date(), note=f" {note}\n", by=cast.noor, at=NOW)
        assert (case.occupancy_note, case.occupancy_on) == (note, DOUBT_AT.date())
        return
    with pytest.raises(Invalid) as refused:
        triage.record_occupancy(case, in_use=True, on=DOUBT_AT.date(), note=note, by=cast.noor, at=NOW)
    assert (refused.value.field, refused.value.reason, case.occupancy_on) == ("note", reason, None)


def test_what_is_cleared_was_accepted_at_that_moment_or_when_it_was_accepted_first(session, cast):
    unread, known = reported_late(session, cast), doubted_by_the_team(session, cast)
    assert (unread.accepted_at, known.accepted_at) == (None, MONDAY)
    for case in (unread, known):
        triage.record_occupancy(case, in_use=False, on=DOUBT_AT.date(), note="Rien", by=cast.noor, at=NOW)
    assert (unread.accepted_at, known.accepted_at) == (NOW, MONDAY)


def test_the_visit_of_an_outreach_partner_is_held_to_the_same_day(session, cast):
    case = doubted_by_the_team(session, cast)
    outreach = session.scalars(select(Partner).where(Partner.code == "MARAUDE")).one()
    handover = routing.hand_over(case, outreach, by=cast.ana, at=NOW)
    routing.accept_handover(handover, by=cast.noor, at=NOW)
    with pytest.raises(Invalid) as refused:
        routing.record_visit(handover, in_use=False, on=VISIT_AT.date(), note="Rien", by=cast.noor, at=NOW)
    assert refused.value.reason == "before" and case.works_are_locked


def test_two_doubts_that_are_merged_must_both_be_looked_at(session, cast):
    """Outreach saw one of the two places; of the other it knows nothing."""
    into = factories.case(belongings=Belongings.YES)
    triage.record_occupancy(into, in_use=True, on=VISIT_AT.date(), note="Une tente", by=cast.noor, at=VISIT_AT)
    triage.merge(factories.case(belongings=Belongings.YES), into=into, by=cast.ana, at=DOUBT_AT)
    assert into.works_are_locked and into.occupancy_doubted_on == DOUBT_AT.date()


def test_an_observation_of_another_system_is_as_old_as_its_receipt_there(session, cast):
    long_ago = MONDAY - timedelta(days=400)
    case = factories.case(at=long_ago, channel=Channel.IMPORT, belongings=Belongings.UNKNOWN)
    with pytest.raises(Invalid):
        triage.record_occupancy(case, in_use=False, on=date(2025, 10, 1), note="Rien", by=cast.noor, at=NOW)
    triage.request_occupancy_check(case, by=cast.ana, at=DOUBT_AT)
    with pytest.raises(Invalid):
        triage.record_occupancy(case, in_use=False, on=MONDAY.date(), note="Rien", by=cast.noor, at=NOW)
    assert case.works_are_locked


DAYS = st.dates(date(2026, 1, 1), date(2026, 12, 31))


@given(doubts=st.lists(DAYS, min_size=1, max_size=6), visited_on=DAYS)
def test_the_day_that_counts_is_the_latest_of_all_doubts_in_whatever_order_they_came(doubts, visited_on):
    doubted_on = None
    for day in doubts:
        doubted_on = rules.latest_doubt(doubted_on, day)
    assert rules.is_older_than_doubt(visited_on, doubted_on) == any(visited_on < day for day in doubts)
