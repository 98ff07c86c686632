"""Routing rules at the edges: the longest code, the first position, every place, the hour that counts, dry runs."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.db import Words
from cohab_report.errors import Invalid
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.routing import queries, suggesting
from cohab_report.routing.models import Rule, RuleHours, RuleOccupancy
from cohab_report.routing.operations import RuleDraft
from cohab_report.territory.models import Place, Sector
from cohab_report.triage.models import Case
from tests import factories
from tests.cast import Cast

DAY = factories.MONDAY
NIGHT = DAY + timedelta(hours=12)
WHY = Words("La nuit, la mairie répond.", "At night, the town hall answers.")
GARDEN = "jardin-des-saules"


def draft(code: str = "nuit", position: int = 35, partner: str = "MAIRIE", **conditions: object) -> RuleDraft:
    return RuleDraft(code, position, partner, WHY, **{"categories": ["SOUCI"], "hours": RuleHours.CLOSED, **conditions})  # type: ignore[arg-type]


def rule(session: Session, code: str) -> Rule:
    return session.scalars(select(Rule).where(Rule.code == code)).one()


def thanks_in_the_garden(at: datetime) -> Case:
    """Thanks at the place of which street works take care in the team's hours, and the town hall at any."""
    return factories.case("BIEN-1", at=at, point=None, place=GARDEN)


@pytest.mark.parametrize(("length", "is_refused"), [(1, False), (40, False), (41, True)])
def test_a_code_has_at_most_forty_characters(session: Session, cast: Cast, length: int, is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(Invalid) as refused:
            routing.save_rule(draft("n" * length), read_version=None, by=cast.admin, at=DAY)
        assert (refused.value.field, refused.value.reason) == ("code", "not_a_code")
    else:
        assert routing.save_rule(draft("n" * length), read_version=None, by=cast.admin, at=DAY).code == "n" * length


@pytest.mark.parametrize(("position", "is_refused"), [(-1, True), (0, False), (1, False)])
def test_a_rule_may_be_the_very_first(session: Session, cast: Cast, position: int, is_refused: bool) -> None:
    if is_refused:
        with pytest.raises(Invalid) as refused:
            routing.save_rule(draft(position=position), read_version=None, by=cast.admin, at=DAY)
        assert (refused.value.field, refused.value.reason) == ("position", "negative")
    else:
        saved = routing.save_rule(draft(position=position), read_version=None, by=cast.admin, at=DAY)
        assert queries.rules_in_force()[0] is saved


def test_a_rule_may_name_every_place_and_every_sector_there_is(session: Session, cast: Cast) -> None:
    places, sectors = list(session.scalars(select(Place.code))), list(session.scalars(select(Sector.code)))
    saved = routing.save_rule(
        draft(places=places, sectors=sectors, queues=["rencontre"]), read_version=None, by=cast.admin, at=DAY
    )
    assert (saved.places, saved.sectors, saved.queues) == (places, sectors, ["rencontre"])


@pytest.mark.parametrize(
    ("queue", "occupancy"), [("verification", RuleOccupancy.POSSIBLE), ("quarantaine", RuleOccupancy.NONE)]
)
def test_a_rule_may_name_the_queue_of_checks_and_the_one_of_floods(
    session: Session, cast: Cast, queue: str, occupancy: RuleOccupancy
) -> None:
    apart = draft("apart", 5, "MARAUDE", queues=[queue], occupancy=occupancy)
    assert routing.save_rule(apart, read_version=None, by=cast.admin, at=DAY).queues == [queue]


# --- The hour that counts ---


@pytest.mark.parametrize(("at", "code"), [(DAY, "mercis-sud"), (NIGHT, "mercis")])
def test_a_suggestion_is_made_for_the_hour_in_which_it_is_asked(session: Session, at: datetime, code: str) -> None:
    assert routing.team_is_open(at) is (at is DAY)
    suggestion = routing.suggest_partner(thanks_in_the_garden(DAY), at=at)
    assert suggestion is not None and suggestion.rule_code == code


def test_a_dry_run_tries_each_case_at_the_hour_it_was_opened(session: Session) -> None:
    for at in (DAY, DAY, NIGHT):
        thanks_in_the_garden(at)
    run = routing.dry_run()
    assert (run.cases, run.cases_by_rule["mercis-sud"], run.cases_by_rule["mercis"]) == (3, 2, 1)


# --- What a dry run counts ---


def test_a_dry_run_counts_cases_that_no_rule_wants(session: Session) -> None:
    rule(session, "souci").is_retired = True
    session.flush()
    for category in ("SOUCI", "SOUCI", "SOUCI", "LIEU-2"):
        factories.case(category)
    run = routing.dry_run()
    assert (run.cases, run.cases_without_rule, run.cases_by_rule["calme"]) == (4, 3, 1)


def test_a_dry_run_counts_rules_that_would_send_works_to_where_somebody_may_live(session: Session) -> None:
    rule(session, "occupe").partner = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    session.flush()
    for _number in range(3):
        factories.case(belongings="yes")
    factories.case()
    run = routing.dry_run()
    assert run.faults == {("occupe", "works_locked"): 3}
    assert (run.cases_by_rule["berges"], run.cases_by_rule["occupe"], run.cases_without_rule) == (1, 0, 0)


@pytest.mark.parametrize(("place", "belongings", "queue"), [(GARDEN, "no", "berges"), (None, "yes", "verification")])
@pytest.mark.parametrize("is_open", [True, False])
def test_rules_look_at_a_cases_own_facts_and_at_the_teams_hours(
    session: Session, place: str | None, belongings: str, queue: str, is_open: bool
) -> None:
    where: dict[str, Any] = {"point": None, "place": place} if place else {}
    facts = suggesting.case_facts(factories.case(belongings=belongings, **where), team_is_open=is_open)
    assert facts == suggesting.CaseFacts(
        category="DECHET-1",
        queue=queue,
        place=place,
        sector="rive-sud" if place else "rive-nord",
        works_are_locked=belongings == "yes",
        team_is_open=is_open,
    )
