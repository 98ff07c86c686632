"""A merge remembers both cases as they were: all that it changed can be set back from its row alone."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import JSON, Date, Text, delete, insert, select, update

from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake import receiving
from cohab_report.intake import rules as intake_rules
from cohab_report.intake.editions.rules import last_public_day
from cohab_report.intake.models import Belongings, Observation
from cohab_report.settings import current_settings
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.merges.models import CaseBeforeMerge, LinkBeforeMerge, Merge, ObservationBeforeMerge
from cohab_report.triage.merges.rules import CaseBefore, cases_before
from cohab_report.triage.models import Case, CaseObservation, ClosingReason, Link, LinkState
from tests import factories
from tests.factories import MONDAY

LATER = MONDAY + timedelta(hours=3)
CASE, LINK, MEMBERSHIP, OBSERVATION = (
    db.metadata.tables[name] for name in ("case", "link", "case_observation", "observation")
)
NOT_SET_BACK = {"case": {"version", "changed_at"}, "link": {"id"}, "observation": {"point"}}
"""What undoing is no less an act than merging for; a link's own number; and the exact point, which nothing moves."""


def rows_of(session) -> dict[str, list[dict[str, Any]]]:
    """Returns every row of cases, links, memberships and observations, as the database holds it."""
    session.flush()
    rows = {}
    for table in (CASE, LINK, MEMBERSHIP, OBSERVATION):
        columns = [column for column in table.columns if column.name not in NOT_SET_BACK.get(table.name, set())]
        found = [dict(row) for row in session.execute(select(*columns)).mappings()]
        rows[table.name] = sorted(found, key=lambda row: [str(value) for value in row.values()])
    return rows


def set_back(session, merge: Merge) -> None:
    """Undoes a merge in the database by what its row says, and by nothing else."""
    for before in cases_before(merge):
        session.execute(update(CASE).where(CASE.c.id == before.case_id).values(**before.columns, merged_into_id=None))
        set_links_back(session, before)
        for number, columns in before.observations.items():
            set_observation_back(session, before.case_id, number, dict(columns))
    session.expire_all()


def set_links_back(session, before: CaseBefore) -> None:
    session.execute(delete(LINK).where(LINK.c.case_id == before.case_id))
    for action, columns in before.links.items():
        session.execute(insert(LINK).values(case_id=before.case_id, action_id=action, **columns))


def set_observation_back(session, case: int, number: int, columns: dict[str, Any]) -> None:
    joined_at, observation = columns.pop("joined_at"), session.get(Observation, number)
    moved = update(MEMBERSHIP).where(MEMBERSHIP.c.observation_id == number)
    session.execute(moved.values(case_id=case, joined_at=joined_at))
    point, part = observation.exact_point, intake_rules.PublicPart(None, None)
    if point is not None:
        part = intake_rules.public_part(columns["public_protection"], point, territory.city_facts().lattice)
    lon, lat = (part.point.lon, part.point.lat) if part.point else (None, None)
    public: dict[str, Any] = {"public_cell": part.cell, "public_lon": lon, "public_lat": lat, "public_until": None}
    if columns["published_at"] is not None:
        published_on = columns["published_at"].astimezone(territory.city_facts().zone).date()
        public["public_until"] = last_public_day(observation.reference, published_on, current_settings().code_key)
    session.execute(update(OBSERVATION).where(OBSERVATION.c.id == number).values(**columns, **public))


def merge_of(session, case):
    """Returns the stored merge of this case, read anew."""
    session.flush()
    session.expire_all()
    return session.scalars(select(Merge).where(Merge.case_id == case.id)).one()


ACTS = ("accept", "claim", "confirm", "reject", "out_of_plan", "join", "join_possible", "check", "withdraw")


def perform(session, case: Case, act: str, person, at) -> None:
    """Does one thing with the case, or nothing where it is refused."""
    link = case.links[0] if case.links else None
    try:
        match act:
            case "accept":
                triage.accept(case, by=person, at=at)
            case "claim":
                triage.claim_case(case, by=person, at=at)
            case "confirm" if link:
                triage.confirm_link(case, link.action, by=person, at=at)
            case "reject" if link:
                triage.reject_link(case, link.action, by=person, at=at)
            case "out_of_plan":
                triage.mark_out_of_plan(case, by=person, at=at)
            case "join" | "join_possible":
                belongings = Belongings.NO if act == "join" else Belongings.UNKNOWN
                receiving.receive(factories.submission(joins=case.reference, belongings=belongings), at=at)
            case "check":
                triage.request_occupancy_check(case, by=person, at=at)
            case "withdraw":
                intake.withdraw(case.observations[-1], at=at)
    except MoveRefused:
        pass
    session.flush()
    session.expire_all()


some_case = st.fixed_dictionaries(
    {
        "category": st.sampled_from(["DECHET-1", "DECHET-2", "LIEU-2", "SOUCI", "BIEN-1"]),
        "is_hazard": st.booleans(),
        "acts": st.lists(st.sampled_from(ACTS), max_size=5),
    }
)


def case_of(session, cast, category, is_hazard, acts):
    answers = {"answers": {"verre": "yes"}} if is_hazard and category == "DECHET-1" else {}
    case = factories.case(category, at=MONDAY, **answers)
    for number, act in enumerate(acts, start=1):
        perform(session, case, act, cast.bea, MONDAY + timedelta(minutes=number))
    return case


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=some_case, second=some_case)
def test_whatever_the_two_cases_were_the_row_sets_back_every_column(session, cast, first, second):
    case, into = case_of(session, cast, **first), case_of(session, cast, **second)
    before = rows_of(session)
    try:
        triage.merge(case, into=into, by=cast.ana, at=LATER)
    except (MoveRefused, Invalid):
        session.rollback()
        return
    assert rows_of(session) != before
    set_back(session, merge_of(session, case))
    assert rows_of(session) == before


def test_the_row_says_who_when_and_which_observations_came(session, cast):
    noise = factories.accepted_case(cast.ana)
    case, into = factories.accepted_case(cast.ana), factories.case("DECHET-3")
    joined = receiving.receive(factories.submission(joins=case.reference), at=LATER)
    triage.merge(case, into=into, by=cast.bea, at=LATER)
    merge = merge_of(session, case)
    assert (merge.into_id, merge.merged_by_id, merge.merged_at) == (into.id, cast.bea.id, LATER)
    assert not merge.is_reconstructed
    opener = next(one for one in into.observations if one.reference == case.reference)
    assert merge.moved_observation_ids == sorted([opener.id, joined.id])
    for rows in (merge.cases, merge.links, merge.observations):
        assert {row.case_id for row in rows} == {case.id, into.id}
    assert noise.id not in {row.case_id for row in merge.observations}


def test_links_and_their_decisions_are_those_of_before(session, cast):
    case, into = factories.accepted_case(cast.ana), factories.case("DECHET-3")
    confirmed = case.links[0].action_id
    triage.merge(case, into=into, by=cast.bea, at=LATER)
    assert {link.action_id for link in into.links if link.state is LinkState.CONFIRMED} == {confirmed}
    before_case, before_into = cases_before(merge_of(session, case))
    assert before_case.links[confirmed] == {
        "state": LinkState.CONFIRMED,
        "suggested_by": "category",
        "decided_by_id": cast.ana.id,
        "decided_at": MONDAY,
    }
    assert LinkState.CONFIRMED not in {link["state"] for link in before_into.links.values()}


def test_a_chain_of_merges_is_read_as_each_was(session, cast):
    first, second, third = (factories.case("DECHET-1") for _ in range(3))
    started = rows_of(session)
    triage.merge(first, into=second, by=cast.ana, at=LATER)
    session.flush()
    after_first = rows_of(session)
    rebuilt = cases_before(merge_of(session, first))
    triage.merge(second, into=third, by=cast.ana, at=LATER + timedelta(hours=1))
    assert cases_before(merge_of(session, first)) == rebuilt, "what is merged on later keeps the earlier row readable"
    came = merge_of(session, second).moved_observation_ids
    assert came == sorted(one for before in rebuilt for one in before.observations)
    set_back(session, merge_of(session, second))
    assert rows_of(session) == after_first
    set_back(session, merge_of(session, first))
    assert rows_of(session) == started


def test_a_refused_merge_stores_nothing(session, cast):
    case, into = factories.case("DECHET-1"), factories.case("DECHET-1")
    triage.mark_out_of_plan(into, by=cast.ana, at=LATER)
    triage.close(into, ClosingReason.DONE, by=cast.ana, at=LATER)
    for other in (case, into):
        with pytest.raises(Invalid):
            triage.merge(case, into=other, by=cast.ana, at=LATER)
    assert session.scalars(select(Merge)).all() == []


def test_a_reconstructed_merge_is_not_taken_for_a_whole_one(session, cast):
    case, into = factories.case("DECHET-1"), factories.case("DECHET-1")
    merge = Merge(case_id=case.id, into_id=into.id, is_reconstructed=True)
    with pytest.raises(MoveRefused) as refused:
        cases_before(merge)
    assert refused.value.why == "reconstructed"


def test_no_word_and_no_place_is_stored_and_a_withdrawal_leaves_none_to_set_back(session, cast):
    names = ("merge", "case_before_merge", "link_before_merge", "observation_before_merge")
    columns = [column for name in names for column in db.metadata.tables[name].columns]
    days_of_the_team = ("occupancy_doubted_on",)
    assert not [
        column
        for column in columns
        if isinstance(column.type, Text | JSON | Date) and column.name not in days_of_the_team
    ]
    assert not [
        column.name for column in columns if column.name in ("point", "public_lon", "public_lat", "public_cell")
    ]
    assert max(getattr(column.type, "length", None) or 0 for column in columns) <= 24, "codes only"
    case, into = factories.case("DECHET-1"), factories.case("DECHET-1")
    observation = case.observations[0]
    triage.merge(case, into=into, by=cast.ana, at=LATER)
    intake.withdraw(observation, at=LATER)
    before, _ = cases_before(merge_of(session, case))
    assert set(before.observations[observation.id]) == {
        "joined_at",
        "protection",
        "status",
        "published_at",
        "public_protection",
    }


def test_a_case_that_is_deleted_takes_its_merges_along(session, cast):
    case, into = factories.case("DECHET-1"), factories.case("DECHET-1")
    triage.merge(case, into=into, by=cast.ana, at=LATER)
    kept = merge_of(session, case).id
    other, other_into = factories.case("DECHET-1"), factories.case("DECHET-1")
    triage.merge(other, into=other_into, by=cast.ana, at=LATER)
    gone = merge_of(session, other).id
    numbers = [other.id, other_into.id]
    session.execute(delete(Link).where(Link.case_id.in_(numbers)))
    session.execute(delete(CaseObservation).where(CaseObservation.case_id.in_(numbers)))
    session.execute(delete(Case).where(Case.id.in_(numbers)))
    assert [row.id for row in session.scalars(select(Merge))] == [kept] != [gone]
    for model in (CaseBeforeMerge, LinkBeforeMerge, ObservationBeforeMerge):
        assert set(session.scalars(select(model.merge_id))) <= {kept}


def test_a_merged_case_is_found_by_its_observations(session, cast):
    case, into = factories.case("DECHET-1"), factories.case("DECHET-1")
    triage.merge(case, into=into, by=cast.ana, at=LATER)
    assert queries.case_of_observation(merge_of(session, case).moved_observation_ids[0]).id == into.id
