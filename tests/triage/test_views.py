"""The triage pages, as Ana sees them: queues, the page of a case, and each act with its refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import lxml.html
import pytest
from lxml.html import HtmlElement
from sqlalchemy import event
from sqlalchemy.engine import Engine

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Kind
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake.models import Belongings
from cohab_report.partners import queries as partners
from cohab_report.routing import operations as routing
from cohab_report.routing import queries as handovers
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.case_page import ONE_TAP_REASONS
from cohab_report.triage.models import Case, CaseState, ClosingReason, LinkState, Occupancy
from cohab_report.triage.waiting.queries import CASES_PER_PAGE
from tests import factories
from tests.cast import Cast
from tests.page import Page

REASON = "Le banc est aussi brisé, la référence de la lampe est fausse."


def case_page(page: Page, cast: Cast, case: Case) -> HtmlElement:
    return page.get("triage.case", as_=cast.ana, reference=case.reference)


def reloaded(case: Case) -> Case:
    return queries.case_or_refuse(case.reference)


def submit_act(page: Page, cast: Cast, case: Case, action: str, *, status: int = 303, **typed: Any) -> str:
    """Ana opens the case, fills in one of its forms and sends it."""
    found = case_page(page, cast, case)
    return page.submit(
        found, {name.replace("_", "-", 1): value for name, value in typed.items()}, action=action, status=status
    ).text


@contextmanager
def counted_selects() -> Iterator[list[str]]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().startswith("SELECT"):
            asked.append(statement)

    db.session.commit()
    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


# Queues


def test_dashboard_tells_how_each_queue_stands_and_what_is_mine(page: Page, cast: Cast) -> None:
    mine = factories.case()
    triage.claim_case(mine, by=cast.ana, at=now())
    factories.case("LIEU-1")
    found = page.get("triage.dashboard", as_=cast.ana)
    rows = {
        row.text.strip(): (row.xpath("string(span)"), row.xpath("string(small)"))
        for row in found.xpath("//ul[@class='counts']//a")
    }
    (berges, note), (light, unclaimed), (_, nobody) = rows["Berges"], rows["Lumière"], rows["Mercis"]
    assert (berges, light) == ("1", "1")
    assert "1 en retard" in note
    assert "sans personne" not in note
    assert "1 sans personne" in unclaimed
    assert "personne n’attend" in nobody
    assert mine.reference in found.xpath("string(//section[@aria-labelledby='mes-dossiers'])")


def test_queue_shows_the_most_pressing_first_and_nobody_elses(page: Page, cast: Cast) -> None:
    usual, pressing = factories.case("DECHET-1"), factories.case("DECHET-2", at=factories.MONDAY + timedelta(hours=1))
    elsewhere = factories.case("LIEU-1")
    found = page.get("triage.queue", as_=cast.ana, code="berges")
    references = found.xpath("//ul[contains(@class,'case-list')]//span[@class='ref']/text()")
    assert references == [pressing.reference, usual.reference]
    assert elsewhere.reference not in found.text_content()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"kind": "cleanliness"}, {"litter", "claimed", "accepted"}),
        ({"kind": "positive"}, set()),
        ({"category": "DECHET-3"}, {"accepted"}),
        ({"state": "accepted"}, {"accepted"}),
        ({"mine": "1"}, {"claimed"}),
        ({"unclaimed": "1"}, {"litter", "accepted"}),
        ({"overdue": "1"}, {"litter", "claimed"}),
        ({"kind": "cleanliness", "state": "new", "unclaimed": "1"}, {"litter"}),
        ({"kind": "nonsense", "state": "nowhere"}, {"litter", "claimed", "accepted"}),
        ({"page": "7"}, set()),
    ],
)
def test_queue_narrows_by_its_address(page: Page, cast: Cast, asked: dict[str, Any], expected: set[str]) -> None:
    cases = {"litter": factories.case(), "claimed": factories.case(), "accepted": factories.case("DECHET-3")}
    triage.claim_case(cases["claimed"], by=cast.ana, at=now())
    triage.accept(cases["accepted"], by=cast.bea, at=now())
    found = page.get("triage.queue", as_=cast.ana, code="berges", **asked)
    shown = set(found.xpath("//ul[contains(@class,'case-list')]//span[@class='ref']/text()"))
    assert shown == {cases[name].reference for name in expected}
    assert expected or "Personne n’attend ici." in found.text_content()


def test_queue_keeps_its_filters_from_page_to_page(page: Page, cast: Cast) -> None:
    for _ in range(CASES_PER_PAGE + 1):
        factories.case()
    first = page.get("triage.queue", as_=cast.ana, code="berges", unclaimed="1")
    (following,) = first.xpath("//a[@rel='next']/@href")
    assert "unclaimed=1" in following and "page=2" in following
    second = page.visit(following, as_=cast.ana)
    assert len(second.xpath("//li[contains(@class,'case-row')]")) == 1
    assert "page" not in second.xpath("//a[@rel='prev']/@href")[0]


def test_queue_that_does_not_exist(page: Page, cast: Cast) -> None:
    page.get("triage.queue", as_=cast.ana, code="nulle-part", status=404)


def test_queue_asks_the_database_as_often_for_thirty_cases_as_for_one(page: Page, cast: Cast) -> None:
    factories.case()
    page.get("triage.queue", as_=cast.ana, code="berges")
    with counted_selects() as for_one:
        page.get("triage.queue", as_=cast.ana, code="berges")
    for _ in range(CASES_PER_PAGE - 1):
        triage.claim_case(factories.case("DECHET-3"), by=cast.bea, at=now())
    with counted_selects() as for_many:
        page.get("triage.queue", as_=cast.ana, code="berges")
    assert len(for_many) == len(for_one)


def test_find_case_opens_the_case_of_a_reference_however_it_is_typed(page: Page, cast: Cast) -> None:
    case = factories.case()
    found = page.visit(f"/tri/dossiers?reference=%20{case.reference.lower()}", as_=cast.ana)
    assert case.reference in found.xpath("string(//h1)")
    page.visit("/tri/dossiers?reference=NULLEPART", as_=cast.ana, status=404)


# One case


def test_case_shows_what_was_sent_what_was_flagged_and_what_is_suggested(page: Page, cast: Cast) -> None:
    case = factories.case(text="Un homme roux dort là. <script>alert(1)</script>")
    text = " ".join(case_page(page, cast, case).text_content().split())
    for expected in (
        "Un homme roux dort là. <script>alert(1)</script>",
        "DECHET-1 · Déchets sur la berge",
        "BER-1",
        "Lieu public",
        "La voirie entretient les berges.",
        "Observation reçue",
        "Équipe de tri",
    ):
        assert expected in text, expected


def test_case_shows_its_neighbours_of_the_last_weeks_and_no_others(page: Page, cast: Cast) -> None:
    at = now()
    case, near, far = (
        factories.case(at=at),
        factories.case("LIEU-1", at=at),
        factories.case(at=at, point=factories.BY_THE_SCHOOL),
    )
    old = factories.case(at=at - timedelta(weeks=13))
    section = case_page(page, cast, case).xpath("string(//section[@aria-labelledby='voisins'])")
    assert near.reference in section
    assert far.reference not in section and old.reference not in section and case.reference not in section


def test_case_asks_the_database_as_often_with_many_neighbours_as_with_one(page: Page, cast: Cast) -> None:
    at = now()
    case = factories.case(at=at)
    factories.case(at=at)
    case_page(page, cast, case)
    with counted_selects() as for_one:
        case_page(page, cast, case)
    for _ in range(15):
        factories.case("DECHET-3", at=at)
    with counted_selects() as for_many:
        case_page(page, cast, case)
    assert len(for_many) == len(for_one)


def test_case_of_nobody(page: Page, cast: Cast) -> None:
    page.get("triage.case", as_=cast.ana, reference="NULLEPART", status=404)


def test_case_speaks_english_to_who_asked_for_it(page: Page, cast: Cast) -> None:
    case = factories.case()
    page.sign_in(cast.ana)
    with page.client.session_transaction() as kept:
        kept["language"] = "en"
    assert "Litter on the bank" in case_page(page, cast, case).text_content()


# Acts


def test_claim_case_then_release_case(page: Page, cast: Cast) -> None:
    case = factories.case()
    submit_act(page, cast, case, "/prendre")
    assert reloaded(case).claimed_by == cast.ana
    submit_act(page, cast, case, "/liberer")
    assert reloaded(case).claimed_by is None


def test_claim_case_is_refused_while_somebody_else_works_on_it(page: Page, cast: Cast) -> None:
    case = factories.case()
    triage.claim_case(case, by=cast.bea, at=now())
    assert "Une autre personne de l’équipe" in submit_act(page, cast, case, "/prendre", status=409)
    assert reloaded(case).claimed_by == cast.bea


def test_accept_says_before_what_will_be_public(page: Page, cast: Cast) -> None:
    case = factories.case()
    assert "Le lieu et la date seront publics" in case_page(page, cast, case).text_content()
    submit_act(page, cast, case, "/accepter")
    assert reloaded(case).state is CaseState.ACCEPTED


def test_accept_is_not_offered_where_somebody_may_live(page: Page, cast: Cast) -> None:
    case = factories.case(belongings=Belongings.UNKNOWN)
    found = case_page(page, cast, case)
    assert "Travaux bloqués" in found.text_content()
    assert not [form for form in found.forms if (form.action or "").endswith("/accepter")]
    answer = page.post(f"/tri/dossiers/{case.reference}/accepter", {"version": case.version}, as_=cast.ana, status=409)
    assert "l’équipe d’intervention vérifie" in answer.text


def test_accept_of_a_case_that_changed_meanwhile_shows_what_changed_and_who_did_it(page: Page, cast: Cast) -> None:
    case = factories.case()
    found = case_page(page, cast, case)
    triage.claim_case(case, by=cast.bea, at=now())
    answer = page.submit(found, {}, action="/accepter", status=409)
    assert "Dossier pris" in answer.text and "Bea" in answer.text
    assert reloaded(case).state is CaseState.NEW


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "\u0663"])
def test_an_act_without_the_version_that_was_read_is_refused(page: Page, cast: Cast, version: str) -> None:
    case = factories.case()
    page.post(f"/tri/dossiers/{case.reference}/accepter", {"version": version}, as_=cast.ana, status=422)
    assert reloaded(case).state is CaseState.NEW


def test_recode_offers_only_what_protects_as_much_and_keeps_the_reason(page: Page, cast: Cast) -> None:
    case = factories.case("DECHET-3")
    offered = case_page(page, cast, case).xpath("//select[@id='recode-category']//option/@value")
    assert "DECHET-1" not in offered and "DECHET-2" in offered and "BIEN-2" not in offered
    submit_act(page, cast, case, "/recoder", recode_category="DECHET-2", recode_reason=REASON)
    assert reloaded(case).category.code == "DECHET-2" and reloaded(case).recode_reason == REASON


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"recode_category": "DECHET-2", "recode_reason": ""}, "Écrivez pourquoi."),
        ({"recode_category": "DECHET-2", "recode_reason": "   "}, "Écrivez pourquoi."),
        ({"recode_category": "DECHET-2", "recode_reason": "a" * 501}, "Gardez au plus"),
        ({"recode_category": "DECHET-1", "recode_reason": REASON}, REASON),
        ({"recode_category": "", "recode_reason": REASON}, REASON),
    ],
)
def test_recode_that_is_refused_gives_the_text_back(page: Page, cast: Cast, typed: dict[str, str], said: str) -> None:
    case = factories.case("DECHET-3")
    values = {name.replace("_", "-", 1): value for name, value in typed.items()} | {"version": case.version}
    answer = page.post(f"/tri/dossiers/{case.reference}/recoder", values, as_=cast.ana, status=422)
    assert said in answer.text and "À corriger" in answer.text
    assert reloaded(case).category.code == "DECHET-3"


def test_recode_of_a_stale_case_gives_the_typed_reason_back(page: Page, cast: Cast) -> None:
    case = factories.case("DECHET-3")
    found = case_page(page, cast, case)
    triage.claim_case(case, by=cast.bea, at=now())
    answer = page.submit(found, {"recode-category": "DECHET-2", "recode-reason": REASON}, action="/recoder", status=409)
    assert REASON in answer.text


def test_links_are_confirmed_rejected_and_added(page: Page, cast: Cast) -> None:
    case = factories.case()
    submit_act(page, cast, case, "/BER-1/ecarter")
    submit_act(page, cast, case, "/liens", link_action="TOI-1")
    states = {link.action.code: link.state for link in reloaded(case).links}
    assert states == {"BER-1": LinkState.REJECTED, "TOI-1": LinkState.CONFIRMED}
    submit_act(page, cast, case, "/BER-1/confirmer")
    assert reloaded(case).links[0].state is LinkState.CONFIRMED


def test_a_link_to_no_action_is_refused(page: Page, cast: Cast) -> None:
    case = factories.case()
    base = f"/tri/dossiers/{case.reference}/liens"
    page.post(f"{base}/NULLE/confirmer", {"version": case.version}, as_=cast.ana, status=404)
    page.post(base, {"version": case.version, "link-action": "NULLE"}, as_=cast.ana, status=422)


def test_a_locked_case_begins_with_its_check(page: Page, cast: Cast) -> None:
    found = case_page(page, cast, factories.case(belongings=Belongings.YES))
    headings = found.xpath("//aside[@id='actes']//h2/@id")
    assert headings.index("verification") < headings.index("plan")


def test_a_closed_case_shows_only_what_it_counts_toward(page: Page, cast: Cast) -> None:
    case = factories.case()
    suggested = [link.action.code for link in case.links]
    submit_act(page, cast, case, "/hors-plan")
    submit_act(page, cast, case, "/fermer", close_reason="done")
    told = case_page(page, cast, case).xpath("string(//section[@aria-labelledby='plan'])")
    assert suggested and "Marqué hors plan" in told
    assert not [code for code in suggested if code in told]


def test_mark_out_of_plan_then_one_tap_closes(page: Page, cast: Cast) -> None:
    case = factories.case()
    found = case_page(page, cast, case)
    assert not [form for form in found.forms if (form.action or "").endswith("/fermer")], (
        "first it is said what the case counts toward"
    )
    submit_act(page, cast, case, "/hors-plan")
    submit_act(page, cast, case, "/fermer", close_reason="nothing_found")
    assert reloaded(case).closing_reason is ClosingReason.NOTHING_FOUND


@pytest.mark.parametrize("category", ["DECHET-2", "SOUCI", "BIEN-1"])
def test_case_shows_beside_each_outcome_what_the_person_will_read(page: Page, cast: Cast, category: str) -> None:
    case = factories.case(category)
    triage.mark_out_of_plan(case, by=cast.ana, at=now())
    found = case_page(page, cast, case)
    for reason in ClosingReason:
        words = catalogue.responses_to(case.category.code, case.kind).get(reason.value)
        choices = found.xpath(f"//*[@name='close-reason' and @value='{reason.value}']")
        assert words and {choice.tag for choice in choices} == (
            {"button", "input"} if reason in ONE_TAP_REASONS else {"input"}
        )
        for choice in choices:
            (said,) = found.xpath(f"//*[@id='{choice.get('aria-describedby')}']")
            assert said.text_content() == f"La personne lira\u00a0: «\u00a0{words.fr}\u00a0»"


def test_case_shows_the_words_of_what_each_person_sent_once(page: Page, cast: Cast) -> None:
    case, litter, again_sharp = factories.case("DECHET-2"), factories.case("DECHET-1"), factories.case("DECHET-2")
    for other in (litter, again_sharp):
        triage.merge(other, into=case, by=cast.ana, at=now())
    triage.mark_out_of_plan(case, by=cast.ana, at=now())
    (said,) = case_page(page, cast, case).xpath("//*[@id='read-done']")
    told = [catalogue.responses_to(code, Kind.CLEANLINESS).get("done") for code in ("DECHET-2", "DECHET-1")]
    assert all(words and said.text_content().count(words.fr) == 1 for words in told)
    assert said.text_content().count("La personne lira") == len(told)


def test_close_without_a_reason_gives_the_note_back(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    values = {"version": case.version, "close-note": REASON}
    answer = page.post(f"/tri/dossiers/{case.reference}/fermer", values, as_=cast.ana, status=422)
    assert "Choisissez une issue." in answer.text and REASON in answer.text
    assert reloaded(case).is_open


def test_close_before_the_plan_is_decided_is_explained(page: Page, cast: Cast) -> None:
    case = factories.case()
    values = {"version": case.version, "close-reason": "done"}
    answer = page.post(f"/tri/dossiers/{case.reference}/fermer", values, as_=cast.ana, status=409)
    assert "à quelle action du plan" in answer.text


def test_recode_to_another_purpose_asks_once_more_and_for_this_category_only(page: Page, cast: Cast) -> None:
    case = factories.case("DECHET-1")
    found = case_page(page, cast, case)
    assert not found.xpath("//input[@name='recode-sure']")
    typed = {"recode-category": "BIEN-1", "recode-reason": REASON}
    asked = lxml.html.fromstring(page.submit(found, typed, action="/recoder", as_=cast.ana, status=422).text)
    assert asked.xpath("//*[@id='recode-sure-error']") and asked.xpath("//*[@id='recode-reason']/@value") == [REASON]
    sure = {"recode-sure": "y"}
    page.submit(asked, sure | {"recode-category": "LIEU-2"}, action="/recoder", as_=cast.ana, status=422)
    page.submit(asked, {}, action="/recoder", as_=cast.ana, status=422)
    assert reloaded(case).category.code == "DECHET-1"
    page.submit(asked, sure, action="/recoder", as_=cast.ana)
    assert reloaded(case).category.code == "BIEN-1"
    text = case_page(page, cast, case).text_content()
    assert "les chiffres comptent encore DECHET-1" in text and "finalité changée" in text


def test_request_occupancy_check_locks_the_works_and_a_dated_note_frees_them(page: Page, cast: Cast) -> None:
    case = factories.case()
    submit_act(page, cast, case, "/verifier")
    assert reloaded(case).works_are_locked
    visit: dict[str, Any] = {
        "occupancy_seen": "cleared",
        "occupancy_on": str(reloaded(case).occupancy_doubted_on),
        "occupancy_note": "Rien n’y reste.",
    }
    submit_act(page, cast, case, "/occupation", **visit)
    assert reloaded(case).occupancy is Occupancy.CLEARED and not reloaded(case).works_are_locked


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ({"occupancy_seen": ""}, "Dites ce qui a été vu."),
        ({"occupancy_on": ""}, "Donnez la date de la visite."),
        ({"occupancy_on": "2026-02-31"}, "occupancy-on-error"),
        ({"occupancy_on": "9999-01-01"}, "La date ne peut pas être dans l’avenir."),
        ({"occupancy_note": ""}, "sans décrire personne"),
        ({"occupancy_note": "a" * 501}, "Gardez au plus"),
    ],
)
def test_record_occupancy_needs_what_was_seen_when_and_in_words(
    page: Page, cast: Cast, missing: dict[str, str], said: str
) -> None:
    case = factories.case(belongings=Belongings.YES)
    typed = {"occupancy_seen": "cleared", "occupancy_on": "2026-11-16", "occupancy_note": "Rien n’y reste."} | missing
    values = {name.replace("_", "-", 1): value for name, value in typed.items()} | {"version": case.version}
    answer = page.post(f"/tri/dossiers/{case.reference}/occupation", values, as_=cast.ana, status=422)
    assert said in answer.text
    assert reloaded(case).works_are_locked


def test_record_occupancy_asks_for_a_day_since_the_last_doubt_and_says_so_beside_it(page: Page, cast: Cast) -> None:
    case = factories.case()
    submit_act(page, cast, case, "/verifier")
    found = case_page(page, cast, case)
    (asked,) = found.xpath("//input[@name='occupancy-on']")
    assert asked.get("min") == str(reloaded(case).occupancy_doubted_on) and not asked.get("value")
    visit = {"occupancy-seen": "cleared", "occupancy-on": "2026-11-17", "occupancy-note": "Rien n’y reste."}
    answer = page.submit(found, visit, action="/occupation", as_=cast.ana, status=422)
    (error,) = lxml.html.fromstring(answer.text).xpath("//*[@id='occupancy-on-error']")
    assert "plus ancienne que le dernier doute" in error.text_content()
    assert reloaded(case).works_are_locked and "Rien n’y reste." in answer.text


def test_merge_by_reference(page: Page, cast: Cast) -> None:
    one, other = factories.case(), factories.case()
    submit_act(page, cast, one, "/fusionner", merge_into=f" {other.reference.lower()} ")
    assert reloaded(one).merged_into is not None and len(reloaded(other).observations) == 2
    assert other.reference in case_page(page, cast, one).text_content()


@pytest.mark.parametrize("typed", ["", "NULLEPART", "a" * 40])
def test_merge_with_nothing_is_refused(page: Page, cast: Cast, typed: str) -> None:
    case = factories.case()
    page.post(
        f"/tri/dossiers/{case.reference}/fusionner",
        {"version": case.version, "merge-into": typed},
        as_=cast.ana,
        status=422,
    )


def test_merge_with_itself_is_explained(page: Page, cast: Cast) -> None:
    case = factories.case()
    values = {"version": case.version, "merge-into": case.reference}
    answer = page.post(f"/tri/dossiers/{case.reference}/fusionner", values, as_=cast.ana, status=422)
    assert "C’est le même dossier." in answer.text


# Partners


def test_hand_over_to_the_suggested_partner_then_take_back(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    chosen = case_page(page, cast, case).xpath("//select[@id='partner-partner']/option[@selected]/@value")
    assert chosen == ["VOIRIE"]
    submit_act(page, cast, case, "/transmettre")
    standing = handovers.standing_handover(reloaded(case))
    assert standing is not None and standing.partner.code == "VOIRIE" and standing.rule_code == "berges"
    submit_act(page, cast, case, "/reprendre")
    assert handovers.standing_handover(reloaded(case)) is None and reloaded(case).state is CaseState.ACCEPTED


def test_hand_over_that_is_refused_gives_the_reason_back(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    values = {"version": case.version, "partner-partner": "MARAUDE", "partner-reason": REASON}
    assert REASON in page.post(f"/tri/dossiers/{case.reference}/transmettre", values, as_=cast.ana, status=422).text
    assert handovers.standing_handover(reloaded(case)) is None


def test_take_back_after_the_partner_accepted_is_explained(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    handover = routing.hand_over(case, partners.partner_or_refuse("VOIRIE"), by=cast.ana, at=now())
    routing.accept_handover(handover, by=cast.lin, at=now())
    db.session.commit()
    found = case_page(page, cast, case)
    assert "Service de voirie" in found.text_content()
    values = {"version": reloaded(case).version}
    assert (
        "déjà accepté" in page.post(f"/tri/dossiers/{case.reference}/reprendre", values, as_=cast.ana, status=409).text
    )


def test_take_back_of_nothing(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana)
    values = {"version": case.version}
    answer = page.post(f"/tri/dossiers/{case.reference}/reprendre", values, as_=cast.ana, status=409)
    assert "Aucun partenaire n’a ce dossier en main." in answer.text
