"""Which cases may be merged: those of one purpose, a worry for a person only with another; nothing sinks by it."""

from datetime import timedelta
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Kind
from cohab_report.errors import Invalid
from cohab_report.intake import receiving
from cohab_report.intake.models import Belongings
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage import queries, rules
from cohab_report.triage.merges.models import Merge
from cohab_report.triage.models import Case, CaseObservation, CaseState, ClosingReason
from tests import factories
from tests.factories import MONDAY
from tests.page import checked_page

LATER = MONDAY + timedelta(hours=3)
FORMS = ["DECHET-1", "DECHET-2", "DECHET-3", "LIEU-1", "LIEU-2", "SOUCI", "BIEN-1"]


def partner(session: Session, code: str) -> Partner:
    return session.scalars(select(Partner).where(Partner.code == code)).one()


def refusal_of(act) -> tuple[str, str]:
    with pytest.raises(Invalid) as refused:
        act()
    return refused.value.field, refused.value.reason


# --- Which cases ---


@pytest.mark.parametrize(("one", "other"), list(product(FORMS, FORMS)))
def test_only_cases_of_one_purpose_are_merged_and_a_concern_only_with_a_concern(session, cast, one, other):
    case, into = factories.case(one), factories.case(other)
    may = case.category.purpose is into.category.purpose and (case.kind is Kind.CONCERN) is (into.kind is Kind.CONCERN)
    if may:
        triage.merge(case, into=into, by=cast.ana, at=LATER)
        assert (case.state, len(into.observations)) == (CaseState.MERGED, 2)
        return
    assert refusal_of(lambda: triage.merge(case, into=into, by=cast.ana, at=LATER)) in {
        ("into", "purpose"),
        ("into", "concern"),
    }
    assert (case.state, into.state, len(into.observations)) == (CaseState.NEW, CaseState.NEW, 1)
    assert session.scalars(select(Merge)).all() == []


@pytest.fixture
def shared_purpose(session) -> str:
    """A category of the outreach team's purpose that is no worry for a person, as a trace of fire is."""
    category = catalogue.category_or_refuse("LIEU-2")
    category.purpose = catalogue.category_or_refuse("SOUCI").purpose
    session.flush()
    return category.code


def test_a_concern_is_not_merged_with_what_only_shares_its_purpose(session, cast, shared_purpose):
    concern, place = factories.case("SOUCI"), factories.case(shared_purpose)
    assert refusal_of(lambda: triage.merge(concern, into=place, by=cast.ana, at=LATER)) == ("into", "concern")
    assert refusal_of(lambda: triage.merge(place, into=concern, by=cast.ana, at=LATER)) == ("into", "concern")


# --- What a concern stays ---


@pytest.mark.parametrize("code", [code for code in FORMS if code != "SOUCI"])
def test_what_somebody_sent_as_a_concern_is_recoded_to_nothing_else(session, cast, code):
    concern = factories.case("SOUCI")
    category = catalogue.category_or_refuse(code)
    refused = refusal_of(lambda: triage.recode(concern, category, reason="Non", by=cast.ana, at=LATER))
    assert refused[0] == "category" and concern.category.code == "SOUCI"


def test_what_the_team_called_a_concern_stays_one(session, cast):
    case = factories.case("DECHET-1")
    triage.recode(
        case,
        catalogue.category_or_refuse("SOUCI"),
        reason="Quelqu’un dort là",
        is_confirmed=True,
        by=cast.ana,
        at=LATER,
    )
    sharp = catalogue.category_or_refuse("DECHET-2")
    assert refusal_of(lambda: triage.recode(case, sharp, reason="Seringue", by=cast.ana, at=LATER)) == (
        "category",
        "concern",
    )


@pytest.mark.parametrize(("code", "reason"), [("VOIRIE", "À nettoyer"), ("GARDE", "Une plainte a été déposée")])
def test_a_concern_is_handed_to_neither_works_nor_police(session, cast, code, reason):
    works = partner(session, code)
    works.purposes = [*works.purposes, "wellbeing"]
    concern = factories.accepted_case(cast.ana, "SOUCI")
    refused = refusal_of(lambda: routing.hand_over(concern, works, reason=reason, by=cast.ana, at=LATER))
    assert refused == ("partner", "concern") and concern.is_with_triage


def mixed_case(session, cast) -> Case:
    """A bin that a concern was merged into before such merges were refused."""
    concern, mixed = factories.case("SOUCI"), factories.accepted_case(cast.ana, "DECHET-2")
    session.execute(update(CaseObservation).where(CaseObservation.case_id == concern.id).values(case_id=mixed.id))
    session.expire_all()
    return mixed


def test_a_case_that_holds_a_concern_since_long_ago_goes_to_no_works_and_may_become_a_concern(session, cast):
    mixed = mixed_case(session, cast)
    works = partner(session, "VOIRIE")
    assert refusal_of(lambda: routing.hand_over(mixed, works, by=cast.ana, at=LATER)) == ("partner", "concern")
    assert [each.code for each in rules.recoding_choices(mixed, catalogue.categories())] == ["SOUCI"]


# --- Who joins ---


def test_a_resident_joins_no_case_that_the_team_works_on_for_another_purpose(session, cast):
    lamp = factories.accepted_case(cast.ana, "DECHET-1")
    triage.recode(
        lamp, catalogue.category_or_refuse("LIEU-1"), reason="La lampe", is_confirmed=True, by=cast.ana, at=LATER
    )
    sent = receiving.receive(factories.submission("DECHET-1", joins=lamp.reference), at=LATER)
    own = queries.case_of_observation(sent.id)
    assert (own.reference, own.queue.code) == (sent.reference, "berges")
    assert [each.reference for each in lamp.observations] == [lamp.reference]


@pytest.mark.parametrize("code", FORMS)
def test_a_concern_joins_no_case_whatever_is_posted(session, cast, code):
    case = factories.accepted_case(cast.ana, code)
    sent = receiving.receive(
        factories.submission("SOUCI", joins=case.reference, belongings=Belongings.NOT_ASKED), at=LATER
    )
    assert queries.case_of_observation(sent.id).id != case.id


# --- Protection, priority and deadline only rise ---

SAME_PURPOSE = ["DECHET-1", "DECHET-2", "DECHET-3"]
some_case = st.tuples(st.sampled_from(SAME_PURPOSE), st.integers(0, 96), st.booleans())


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=some_case, second=some_case)
def test_what_was_promised_of_either_case_is_kept_by_the_merged_one(session, cast, first, second):
    case, into = (
        factories.case(
            code,
            at=MONDAY + timedelta(hours=hours),
            answers={"verre": "yes"} if hazard and code == "DECHET-1" else {},
        )
        for code, hours, hazard in (first, second)
    )
    before = [(each.protection, each.priority, each.due_at) for each in (case, into)]
    triage.merge(case, into=into, by=cast.ana, at=MONDAY + timedelta(hours=97))
    session.flush()
    assert into.protection is max(protection for protection, _, _ in before)
    assert into.priority is min(priority for _, priority, _ in before)
    assert into.due_at == min(due for _, _, due in before if due is not None)
    assert {each.protection for each in into.observations} == {into.protection}


# --- On the page ---


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (
            "SOUCI",
            "DECHET-1",
            "Une inquiétude pour quelqu’un ne se fusionne qu’avec une autre inquiétude pour quelqu’un.",
        ),
        (
            "DECHET-1",
            "SOUCI",
            "Une inquiétude pour quelqu’un ne se fusionne qu’avec une autre inquiétude pour quelqu’un.",
        ),
        ("DECHET-1", "LIEU-1", "Cet autre dossier sert à autre chose"),
    ],
)
def test_a_merge_that_is_refused_says_so_beside_the_field_and_keeps_the_reference(page, cast, one, other, words):
    case, into = factories.case(one), factories.case(other)
    values = {"version": case.version, "merge-into": into.reference}
    answer = page.post(f"/tri/dossiers/{case.reference}/fusionner", values, as_=cast.ana, status=422)
    shown = checked_page(answer.text)
    assert words in shown.xpath("string(//*[@id='merge-into-error'])")
    assert shown.xpath("//input[@id='merge-into']/@value") == [into.reference]
    assert queries.case_or_refuse(case.reference).state is CaseState.NEW


def test_a_concern_offers_no_partner_that_does_works_and_not_the_police(page, cast):
    concern = factories.accepted_case(cast.ana, "SOUCI")
    shown = page.get("triage.case", as_=cast.ana, reference=concern.reference)
    offered = set(shown.xpath("//select[@id='partner-partner']/option/@value"))
    assert "MARAUDE" in offered and offered.isdisjoint({"VOIRIE", "GARDE"})


def test_a_concern_offers_no_empty_list_of_categories(page, cast):
    concern, litter = factories.case("SOUCI"), factories.case("DECHET-1")
    shown = page.get("triage.case", as_=cast.ana, reference=concern.reference)
    assert not [form for form in shown.forms if (form.action or "").endswith("/recoder")]
    assert "Une inquiétude pour quelqu’un le reste." in shown.xpath("string(//aside[@id='actes'])")
    shown = page.get("triage.case", as_=cast.ana, reference=litter.reference)
    assert [form for form in shown.forms if (form.action or "").endswith("/recoder")]


def test_public_works_never_close_a_concern(session, cast):
    """The story that once went wrong, step by step: a worry was merged into a bin, and the works closed both."""
    worry, bin_case = factories.case("SOUCI"), factories.accepted_case(cast.ana, "DECHET-1")
    assert refusal_of(lambda: triage.merge(worry, into=bin_case, by=cast.ana, at=LATER)) == ("into", "concern")
    handover = routing.hand_over(bin_case, partner(session, "VOIRIE"), by=cast.ana, at=LATER)
    routing.accept_handover(handover, by=cast.lin, at=LATER)
    routing.finish_handover(handover, ClosingReason.DONE, by=cast.lin, at=LATER)
    assert bin_case.state is CaseState.CLOSED and worry.state is CaseState.NEW
    assert worry.observations[0].status.value == "received"
