"""The routing table, argued with: which rule speaks, and which must not."""

from types import SimpleNamespace as Row
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.catalogue.models import Grain, Protection
from cohab_report.db import Words
from cohab_report.partners.models import HiddenPoint, Purpose
from cohab_report.routing import suggesting
from cohab_report.routing.models import RuleHours, RuleOccupancy
from cohab_report.routing.suggesting import CaseFacts, RuleFault

FACTS = CaseFacts(
    category="DECHET-1", queue="berges", place="jardin", sector="rive-sud", works_are_locked=False, team_is_open=True
)


def partner(number: int = 1, **changes: Any) -> Any:
    known: dict[str, Any] = {"is_retired": False}
    known |= {"is_transfer_only": False, "does_outreach": False, "does_works": False, "code": f"P{number}"}
    known |= {"exact_categories": [], "hidden_point": HiddenPoint.SECTOR, "serves": lambda purpose: True}
    return Row(id=number, **{**known, **changes})


def rule(code: str = "r", to: Any = None, **changes: Any) -> Any:
    to = to or partner()
    known: dict[str, Any] = {"categories": [], "queues": [], "places": [], "sectors": []}
    known |= {"occupancy": RuleOccupancy.ANY, "hours": RuleHours.ANY, "because": Words(f"parce que {code}", "")}
    return Row(code=code, partner=to, partner_id=to.id, **{**known, **changes})


def facts(**changes: Any) -> CaseFacts:
    return CaseFacts(**{**vars(FACTS), **changes})


@pytest.mark.parametrize(
    ("condition", "other"),
    [
        ({"categories": ["DECHET-1", "DECHET-2"]}, {"category": "SOUCI"}),
        ({"queues": ["berges"]}, {"queue": "calme"}),
        ({"places": ["jardin"]}, {"place": None}),
        ({"places": ["jardin"]}, {"place": "pont"}),
        ({"sectors": ["rive-sud"]}, {"sector": "rive-nord"}),
        ({"occupancy": RuleOccupancy.NONE}, {"works_are_locked": True}),
        ({"hours": RuleHours.OPEN}, {"team_is_open": False}),
        ({"categories": ["DECHET-1"], "sectors": ["rive-sud"]}, {"sector": "rive-nord"}),
    ],
)
def test_each_condition_lets_its_cases_through_and_no_other(condition, other):
    assert suggesting.rule_fits(rule(**condition), FACTS)
    assert not suggesting.rule_fits(rule(**condition), facts(**other))


def test_possible_occupation_and_closed_hours_have_rules_of_their_own():
    assert suggesting.rule_fits(rule(occupancy=RuleOccupancy.POSSIBLE), facts(works_are_locked=True))
    assert not suggesting.rule_fits(rule(occupancy=RuleOccupancy.POSSIBLE), FACTS)
    assert suggesting.rule_fits(rule(hours=RuleHours.CLOSED), facts(team_is_open=False)) and not suggesting.rule_fits(
        rule(hours=RuleHours.CLOSED), FACTS
    )


def test_the_first_rule_that_fits_suggests_and_says_why():
    table = [rule("elsewhere", categories=["SOUCI"]), rule("first", partner(2)), rule("second", partner(3))]
    found = suggesting.partner_for(FACTS, table)
    assert found is not None and (found.rule_code, found.partner.id, found.because.fr) == (
        "first",
        2,
        "parce que first",
    )


def test_a_partner_that_refused_is_passed_over_and_nobody_left_means_a_person_chooses():
    table = [rule("first", partner(2)), rule("second", partner(3))]
    found = suggesting.partner_for(FACTS, table, but_not={2})
    assert found is not None and found.rule_code == "second"
    assert suggesting.partner_for(FACTS, table, but_not={2, 3}) is None
    assert suggesting.partner_for(FACTS, []) is None


@pytest.mark.parametrize(
    ("broken", "why", "case"),
    [
        ({"is_retired": True}, "retired", FACTS),
        ({"is_transfer_only": True}, "transfer_only", FACTS),
        ({"does_works": True}, "works_locked", facts(works_are_locked=True)),
        ({}, "works_locked", facts(works_are_locked=True)),
    ],
)
def test_a_rule_at_fault_alerts_instead_of_letting_the_next_one(broken, why, case):
    with pytest.raises(RuleFault) as alert:
        suggesting.partner_for(
            case, [rule("broken", partner(2, **broken)), rule("sound", partner(3, does_outreach=True))]
        )
    assert (alert.value.code, alert.value.why) == ("broken", why)


def test_permanent_rule_fault_is_known_without_a_case():
    assert suggesting.permanent_rule_fault(rule(to=partner(is_retired=True))) == "retired"
    assert suggesting.permanent_rule_fault(rule(to=partner(is_transfer_only=True))) == "transfer_only"
    assert suggesting.permanent_rule_fault(rule(to=partner(does_works=True))) is None


codes = st.lists(st.sampled_from(["DECHET-1", "SOUCI", "rive-sud", "jardin", "berges", "x"]), max_size=3)


@given(
    table=st.lists(
        st.tuples(
            codes, codes, codes, codes, st.sampled_from(RuleOccupancy), st.sampled_from(RuleHours), st.integers(1, 4)
        ),
        max_size=8,
    ),
    locked=st.booleans(),
    is_open=st.booleans(),
    place=st.sampled_from([None, "jardin"]),
    refused=st.sets(st.integers(1, 4)),
)
def test_whatever_the_table_no_works_no_police_and_no_refuser_is_ever_suggested(table, locked, is_open, place, refused):
    """Partner 1 is retired, 2 the police, 3 works, 4 outreach."""
    people = {
        1: partner(1, is_retired=True),
        2: partner(2, is_transfer_only=True),
        3: partner(3, does_works=True),
        4: partner(4, does_outreach=True),
    }
    made = [
        rule(f"r{number}", people[to], categories=a, queues=b, places=c, sectors=d, occupancy=occupancy, hours=hours)
        for number, (a, b, c, d, occupancy, hours, to) in enumerate(table)
    ]
    case = facts(works_are_locked=locked, team_is_open=is_open, place=place)
    fitting = [each for each in made if suggesting.rule_fits(each, case) and each.partner_id not in refused]
    first = fitting[0] if fitting else None
    if first is not None and (first.partner_id in {1, 2} or (locked and first.partner_id == 3)):
        with pytest.raises(RuleFault, match=first.code):
            suggesting.partner_for(case, made, but_not=refused)
        return
    found = suggesting.partner_for(case, made, but_not=refused)
    assert (found.rule_code if found else None) == (first.code if first else None)
    assert found is None or (found.partner.id in {3, 4} - refused and (found.partner.id == 4 or not locked))


def case(**changes: Any) -> Any:
    category = Row(code="SOUCI", purpose=Purpose.WELLBEING, near_protected=Grain.CELL)
    known = {"category": category, "works_are_locked": False, "protection": Protection.NEVER_PUBLIC, "observations": []}
    known |= {"is_concern": False}
    return Row(**{**known, **changes})


def test_handover_refusal_locked_purpose_and_police():
    works, outreach, police = partner(does_works=True), partner(does_outreach=True), partner(is_transfer_only=True)
    assert suggesting.handover_refusal(case(), works) is None
    assert suggesting.handover_refusal(case(works_are_locked=True), works) == "locked"
    assert suggesting.handover_refusal(case(works_are_locked=True), outreach) is None
    assert suggesting.handover_refusal(case(), police) == "police"
    assert suggesting.handover_refusal(case(), partner(serves=lambda purpose: False)) == "purpose"
    wellbeing = partner(serves=lambda purpose: purpose is Purpose.WELLBEING, does_works=False)
    assert suggesting.handover_refusal(case(), wellbeing) is None
    concern = case(is_concern=True)
    assert suggesting.handover_refusal(concern, wellbeing) is None
    assert suggesting.handover_refusal(concern, works) == "concern"
    assert suggesting.handover_refusal(concern, police) == "concern"
