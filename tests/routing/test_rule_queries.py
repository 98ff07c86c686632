"""The routing table as it is read: in which order, whose rules, and what of the city promises are weighed against."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cohab_report.catalogue.models import Category
from cohab_report.partners.models import Partner, Purpose
from cohab_report.routing import queries
from cohab_report.routing.models import Rule, RuleHours, RuleOccupancy, RuleOrigin
from cohab_report.routing.rule_table import TableCategory, TablePartner, TableRule
from cohab_report.triage.waiting.models import Queue
from tests import factories
from tests.cast import Cast


def add_rule(session: Session, code: str, position: int, **changes: object) -> Rule:
    """A rule that a profile brought."""
    partner = session.scalars(select(Partner).where(Partner.code == "MAIRIE")).one()
    values: dict[str, object] = {
        "categories": ["SOUCI"],
        "queues": [],
        "places": [],
        "sectors": [],
        "occupancy": RuleOccupancy.ANY,
        "hours": RuleHours.ANY,
        "because_fr": "Parce que",
        "because_en": "Because",
        **changes,
    }
    added = Rule(code=code, position=position, partner=partner, **values)
    session.add(added)
    session.flush()
    return added


def test_rules_of_one_position_are_tried_in_the_order_of_their_codes(session: Session) -> None:
    for code in ("berges-c", "berges-a", "berges-b"):
        add_rule(session, code, 20)
    codes = [rule.code for rule in queries.rules_in_force()]
    assert codes[1:5] == ["berges", "berges-a", "berges-b", "berges-c"]


def test_rules_of_people_are_those_that_a_person_added_or_edited_in_the_order_in_which_they_are_tried(
    session: Session, cast: Cast
) -> None:
    assert queries.rules_of_people() == []
    add_rule(session, "d", 70, origin=RuleOrigin.PERSON)
    add_rule(session, "c", 60, origin=RuleOrigin.PERSON, is_retired=True)
    add_rule(session, "b", 60, edited_at=factories.MONDAY, edited_by=cast.admin)
    add_rule(session, "a", 80)
    add_rule(session, "e", 55, origin=RuleOrigin.PERSON)
    assert [rule.code for rule in queries.rules_of_people()] == ["e", "b", "c", "d"]


def test_a_rule_is_read_anew_though_it_was_read_before(session: Session) -> None:
    rule = queries.rule_by_code("calme")
    assert rule is not None and rule.position == 30
    elsewhere = update(Rule).where(Rule.code == "calme").values(position=33)
    session.execute(elsewhere, execution_options={"synchronize_session": False})
    assert rule.position == 30
    assert queries.rule_by_code("calme") is rule and rule.position == 33
    assert queries.rule_by_code("autre") is None


def test_the_table_has_the_queues_of_checks_and_of_floods_that_are_in_use(session: Session) -> None:
    table = queries.rule_table()
    assert (set(table.occupancy_queues), set(table.quarantine_queues)) == ({"verification"}, {"quarantaine"})
    assert table.sectors == {"rive-nord", "rive-sud"} and "halle" in table.places
    for queue in session.scalars(select(Queue).where(Queue.code.in_(["verification", "quarantaine"]))):
        queue.is_retired = True
    session.flush()
    table = queries.rule_table()
    assert (table.occupancy_queues, table.quarantine_queues) == (frozenset(), frozenset())


def test_the_table_has_every_partner_with_what_it_serves_and_the_rules_in_force(session: Session) -> None:
    table = queries.rule_table()
    assert table.partners["MARAUDE"] == TablePartner(
        "MARAUDE",
        frozenset({Purpose.WELLBEING}) | table.partners["MARAUDE"].purposes,
        is_transfer_only=False,
        does_outreach=True,
        is_retired=False,
    )
    assert table.partners["GARDE"].is_transfer_only and not table.partners["GARDE"].does_outreach
    assert {code: partner.code for code, partner in table.partners.items()} == {code: code for code in table.partners}
    none: list[str] = []
    assert table.rules[2] == TableRule(
        "calme", 30, ["LIEU-2"], none, none, none, RuleOccupancy.ANY, RuleHours.ANY, "MAIRIE"
    )


@pytest.mark.parametrize(
    ("asks", "locks", "may_lock"), [(False, False, False), (True, False, True), (False, True, True), (True, True, True)]
)
def test_works_may_be_locked_where_belongings_are_asked_about_or_the_category_locks_them(
    session: Session, asks: bool, locks: bool, may_lock: bool
) -> None:
    category = session.scalars(select(Category).where(Category.code == "LIEU-2")).one()
    category.asks_belongings, category.locks_works = asks, locks
    session.flush()
    (found,) = [each for each in queries.rule_table().categories if each.code == "LIEU-2"]
    assert found == TableCategory("LIEU-2", "calme", Purpose.MEDIATION, may_lock)


def test_the_table_leaves_out_what_opens_no_form_and_what_is_retired(session: Session) -> None:
    codes = {category.code for category in queries.rule_table().categories}
    assert "SOUCI" in codes and "BIEN-2" not in codes
    session.scalars(select(Category).where(Category.code == "SOUCI")).one().is_retired = True
    session.flush()
    assert {category.code for category in queries.rule_table().categories} == codes - {"SOUCI"}
