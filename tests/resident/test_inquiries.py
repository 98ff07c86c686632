"""Rosa reads what triage asks her, first thing, and answers it, or does not."""

from datetime import timedelta

import pytest
import time_machine
from lxml.html import HtmlElement

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake.inquiries import operations, queries
from cohab_report.intake.inquiries.models import Inquiry, InquiryState
from cohab_report.intake.models import Observation
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases
from tests import factories
from tests.cast import Cast
from tests.page import Page, checked_page

pytestmark = pytest.mark.usefixtures("session")
SIDE = "Quel côté du parc ?"


@pytest.fixture
def inquiry(cast: Cast) -> Inquiry:
    observation = factories.observation(at=now() - timedelta(hours=1))
    return operations.ask_author(observation, SIDE, by=cast.ana, at=now())


def follows(page: Page, inquiry: Inquiry) -> HtmlElement:
    page.post("/suivi", {"code": factories.code_of(own(inquiry))})
    return page.get("resident.follow")


def own(inquiry: Inquiry) -> Observation:
    return db.session.get_one(Observation, inquiry.observation_id)


def test_the_question_stands_before_everything_else(page: Page, inquiry: Inquiry) -> None:
    html = follows(page, inquiry)
    assert html.xpath("//main//h2")[0].text_content() == "L’équipe de tri vous pose une question"
    assert SIDE in html.xpath("string(//blockquote)")
    page.submit(html, {"answer": "Le côté de la rivière"}, action="/suivi/reponse")
    after = page.get("resident.follow")
    assert (
        inquiry.state is InquiryState.ANSWERED
        and "Votre réponse" in after.text_content()
        and not after.xpath("//blockquote")
    )


@pytest.mark.parametrize(
    ("typed", "words"), [("", "Écrivez votre réponse"), ("x" * 281, "280"), ("a\x07", "invisibles")]
)
def test_an_answer_that_can_not_be_sent_keeps_what_was_typed(
    page: Page, inquiry: Inquiry, typed: str, words: str
) -> None:
    html = checked_page(
        page.submit(follows(page, inquiry), {"answer": typed}, action="/suivi/reponse", status=422).text
    )
    assert words in html.xpath("string(//*[@id='answer-error'])") and html.xpath("//*[@id='erreurs']//a/@href") == [
        "#answer"
    ]
    assert html.xpath("string(//textarea)").strip() == typed and inquiry.is_open


def test_words_that_could_point_at_a_person_are_shown_before_they_leave_and_may_still_leave(
    page: Page, inquiry: Inquiry
) -> None:
    typed = {"answer": "Demandez à rosa@exemple.ca"}
    warned = checked_page(page.submit(follows(page, inquiry), typed, action="/suivi/reponse", status=422).text)
    assert "une adresse de courriel" in warned.text_content() and inquiry.is_open
    assert warned.xpath("string(//textarea)").strip() == typed["answer"]
    other = checked_page(
        page.submit(warned, {"answer": "Appelez le 819 555-0100"}, action="/suivi/reponse", status=422).text
    )
    assert "un numéro de téléphone" in other.text_content(), "what was not shown yet is shown"
    page.submit(other, {}, action="/suivi/reponse")
    assert inquiry.answer == "Appelez le 819 555-0100" and inquiry.answer_flags == ["phone"]


def test_preferring_not_to_answer_is_one_press(page: Page, inquiry: Inquiry) -> None:
    page.submit(follows(page, inquiry), {}, action="/suivi/reponse/non")
    assert (
        inquiry.state is InquiryState.DECLINED
        and "préféré ne pas répondre" in page.get("resident.follow").text_content()
    )
    page.post("/suivi/reponse/non", {}, status=409)
    page.post("/suivi/reponse", {"answer": "Le nord"}, status=409)


def test_answering_needs_the_code_first(page: Page, inquiry: Inquiry) -> None:
    for address in ("/suivi/reponse", "/suivi/reponse/non"):
        page.post(address, {"answer": "Le nord"}, status=404)
    assert inquiry.is_open


def test_erasing_ones_text_erases_the_answer_too(page: Page, inquiry: Inquiry) -> None:
    operations.answer_inquiry(own(inquiry), "Chez moi", at=now())
    page.submit(follows(page, inquiry), {}, action="/suivi/texte")
    assert inquiry.answer == "" and "Votre réponse est effacée" in page.get("resident.follow").text_content()


def test_questions_and_answers_are_in_ones_own_data(page: Page, inquiry: Inquiry) -> None:
    operations.answer_inquiry(own(inquiry), "Le nord", at=now())
    follows(page, inquiry)
    (record,) = page.client.get("/suivi/donnees.json").get_json()["inquiries"]
    assert (record["question"], record["answer"], record["state"]) == (SIDE, "Le nord", "answered")
    assert len(queries.inquiries_of([inquiry.observation_id])) == 1


def test_follow_says_by_when_it_is_taken_up_and_when_that_has_passed(page: Page, cast: Cast, inquiry: Inquiry) -> None:
    case = cases.case_of_observation(inquiry.observation_id)
    assert case.due_at is not None
    assert "L’équipe vise à la prendre en charge au plus tard" in follows(page, inquiry).text_content()
    with time_machine.travel(case.due_at + timedelta(minutes=1), tick=False):
        assert "plus long que prévu" in follows(page, inquiry).text_content()
    triage.accept(case, by=cast.ana, at=now())
    assert "Aucune date de fin n’est promise" in follows(page, inquiry).text_content()


def test_satisfaction_is_asked_only_of_what_is_finished(page: Page, inquiry: Inquiry) -> None:
    follows(page, inquiry)
    page.post("/suivi/avis", {"answer": "yes"}, status=409)
