"""Rosa reads what triage asks her, first thing, and answers it, or does not."""

from datetime import timedelta

import pytest
import time_machine
from lxml.html import HtmlElement

from cohab_report.clock import now
from cohab_report.intake import operations as intake
from cohab_report.intake import queries as observations
from cohab_report.intake.inquiries import operations, queries
from cohab_report.intake.inquiries.models import Inquiry, InquiryState
from cohab_report.intake.models import Observation
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases
from tests import factories
from tests.cast import Cast
from tests.page import Page, looked_at

pytestmark = pytest.mark.usefixtures("session")
SIDE = "Quel côté du parc ?"


@pytest.fixture
def asked(cast: Cast) -> Inquiry:
    observation = factories.observation(at=now() - timedelta(hours=1))
    return operations.ask(observation, SIDE, by=cast.ana, at=now())


def follows(page: Page, inquiry: Inquiry) -> HtmlElement:
    page.post("/suivi", {"code": intake.code_of(own(inquiry))})
    return page.get("resident.follow")


def own(inquiry: Inquiry) -> Observation:
    return observations.observation_or_refuse(inquiry.observation_id)


def test_the_question_stands_before_everything_else(page: Page, asked: Inquiry) -> None:
    found = follows(page, asked)
    assert found.xpath("//main//h2")[0].text_content() == "L’équipe de tri vous pose une question"
    assert SIDE in found.xpath("string(//blockquote)")
    page.submit(found, {"answer": "Le côté de la rivière"}, action="/suivi/reponse")
    after = page.get("resident.follow")
    assert (
        asked.state is InquiryState.ANSWERED
        and "Votre réponse" in after.text_content()
        and not after.xpath("//blockquote")
    )


@pytest.mark.parametrize(
    ("typed", "words"), [("", "Écrivez votre réponse"), ("x" * 281, "280"), ("a\x07", "invisibles")]
)
def test_an_answer_that_can_not_be_sent_keeps_what_was_typed(
    page: Page, asked: Inquiry, typed: str, words: str
) -> None:
    found = looked_at(page.submit(follows(page, asked), {"answer": typed}, action="/suivi/reponse", status=422).text)
    assert words in found.xpath("string(//*[@id='answer-error'])") and found.xpath("//*[@id='erreurs']//a/@href") == [
        "#answer"
    ]
    assert found.xpath("string(//textarea)").strip() == typed and asked.is_open


def test_words_that_could_point_at_a_person_are_shown_before_they_leave_and_may_still_leave(
    page: Page, asked: Inquiry
) -> None:
    typed = {"answer": "Demandez à rosa@exemple.ca"}
    warned = looked_at(page.submit(follows(page, asked), typed, action="/suivi/reponse", status=422).text)
    assert "une adresse de courriel" in warned.text_content() and asked.is_open
    assert warned.xpath("string(//textarea)").strip() == typed["answer"]
    other = looked_at(
        page.submit(warned, {"answer": "Appelez le 819 555-0100"}, action="/suivi/reponse", status=422).text
    )
    assert "un numéro de téléphone" in other.text_content(), "what was not shown yet is shown"
    page.submit(other, {}, action="/suivi/reponse")
    assert asked.answer == "Appelez le 819 555-0100" and asked.answer_flags == ["phone"]


def test_preferring_not_to_answer_is_one_press(page: Page, asked: Inquiry) -> None:
    page.submit(follows(page, asked), {}, action="/suivi/reponse/non")
    assert (
        asked.state is InquiryState.DECLINED and "préféré ne pas répondre" in page.get("resident.follow").text_content()
    )
    page.post("/suivi/reponse/non", {}, status=409)
    page.post("/suivi/reponse", {"answer": "Le nord"}, status=409)


def test_answering_needs_the_code_first(page: Page, asked: Inquiry) -> None:
    for address in ("/suivi/reponse", "/suivi/reponse/non"):
        page.post(address, {"answer": "Le nord"}, status=404)
    assert asked.is_open


def test_erasing_ones_text_erases_the_answer_too(page: Page, asked: Inquiry) -> None:
    operations.answer(own(asked), "Chez moi", at=now())
    page.submit(follows(page, asked), {}, action="/suivi/texte")
    assert asked.answer == "" and "Votre réponse est effacée" in page.get("resident.follow").text_content()


def test_questions_and_answers_are_in_ones_own_data(page: Page, asked: Inquiry) -> None:
    operations.answer(own(asked), "Le nord", at=now())
    follows(page, asked)
    (record,) = page.client.get("/suivi/donnees.json").get_json()["inquiries"]
    assert (record["question"], record["answer"], record["state"]) == (SIDE, "Le nord", "answered")
    assert len(queries.of([asked.observation_id])) == 1


def test_follow_says_by_when_it_is_taken_up_and_when_that_has_passed(page: Page, cast: Cast, asked: Inquiry) -> None:
    case = cases.case_of(asked.observation_id)
    assert case.due_at is not None
    assert "L’équipe vise à la prendre en charge au plus tard" in follows(page, asked).text_content()
    with time_machine.travel(case.due_at + timedelta(minutes=1), tick=False):
        assert "plus long que prévu" in page.get("resident.follow").text_content()
    triage.accept(case, by=cast.ana, at=now())
    assert "Aucune date de fin n’est promise" in page.get("resident.follow").text_content()


def test_satisfaction_is_asked_only_of_what_is_finished(page: Page, asked: Inquiry) -> None:
    follows(page, asked)
    page.post("/suivi/avis", {"answer": "yes"}, status=409)
