"""Ana asks the author of a case one thing and reads the answer where she works; a partner never does."""

from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from cohab_report.clock import now
from cohab_report.intake import operations as intake
from cohab_report.intake.inquiries import operations
from cohab_report.intake.inquiries import queries as inquiries
from cohab_report.intake.inquiries.models import InquiryState
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage.inquiries.queries import inquiry_state_by_case
from cohab_report.triage.models import Case, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.page import Page, checked_page

SIDE, RIVER = "Quel côté du parc ?", "Le côté de la rivière"


@pytest.fixture
def case(cast: Cast) -> Case:
    return factories.case(at=now() - timedelta(hours=2))


def send_question(page: Page, case: Case, question: str = SIDE, *, status: int = 303) -> str:
    found = page.get("triage.case", as_=page.cast.ana, reference=case.reference)
    return page.submit(found, {"ask-question": question}, action="/demander", as_=page.cast.ana, status=status).text


def test_a_question_reaches_the_author_and_the_answer_reaches_the_case(page: Page, case: Case) -> None:
    send_question(page, case)
    waiting = page.get("triage.case", as_=page.cast.ana, reference=case.reference)
    assert "en attente d’une réponse" in waiting.text_content()
    assert not waiting.xpath("//form[contains(@action, '/demander')]"), "one at a time"
    operations.answer_inquiry(case.observations[0], RIVER, at=now())
    answered = page.get("triage.case", as_=page.cast.ana, reference=case.reference).text_content()
    assert RIVER in answered and "Réponse de la personne qui a écrit" in answered


def test_a_question_about_a_person_is_shown_as_such_before_it_leaves(page: Page, case: Case) -> None:
    warned = checked_page(send_question(page, case, "Est-ce que Marie Tremblay est là ?", status=422))
    assert "un nom de personne" in warned.text_content() and inquiries.inquiries_of([case.observations[0].id]) == []
    page.submit(warned, {}, action="/demander", as_=page.cast.ana)
    assert len(inquiries.inquiries_of([case.observations[0].id])) == 1


@pytest.mark.parametrize("question", ["", "x" * 281])
def test_a_question_that_can_not_be_sent_comes_back_beside_its_error(page: Page, case: Case, question: str) -> None:
    found = checked_page(send_question(page, case, question, status=422))
    assert (
        found.xpath("//*[@id='ask-question-error']")
        and found.xpath("string(//textarea[@name='ask-question'])").strip() == question
    )


def test_the_authors_of_a_merged_case_are_asked_one_by_one(page: Page, cast: Cast, case: Case) -> None:
    other = factories.case(at=now() - timedelta(hours=1))
    second = other.observations[0].reference
    triage.merge(other, into=case, by=cast.ana, at=now())
    found = page.get("triage.case", as_=cast.ana, reference=case.reference)
    page.submit(found, {"ask-author": second, "ask-question": SIDE}, action="/demander", as_=cast.ana)
    page.submit(found, {"ask-author": second, "ask-question": SIDE}, action="/demander", as_=cast.ana, status=409)
    asked = {one.reference: len(inquiries.inquiries_of([one.id])) for one in case.observations}
    assert asked == {case.reference: 0, second: 1}


def test_nobody_is_asked_about_what_is_over_or_taken_back(page: Page, cast: Cast, case: Case) -> None:
    found = page.get("triage.case", as_=cast.ana, reference=case.reference)
    intake.withdraw(case.observations[0], at=now())
    page.submit(found, {"ask-question": SIDE}, action="/demander", as_=cast.ana, status=422)
    assert not page.get("triage.case", as_=cast.ana, reference=case.reference).xpath(
        "//form[contains(@action, '/demander')]"
    )
    closed = factories.accepted_case(cast.ana, at=now() - timedelta(hours=1))
    at = page.get("triage.case", as_=cast.ana, reference=closed.reference)
    triage.close(closed, ClosingReason.DONE, by=cast.ana, at=now())
    page.submit(at, {"ask-question": SIDE}, action="/demander", as_=cast.ana, status=409)


def test_a_list_says_that_an_answer_came_until_somebody_acts_on_it(page: Page, cast: Cast, case: Case) -> None:
    operations.ask_author(case.observations[0], SIDE, by=cast.ana, at=now())
    listed = page.get("triage.queue", as_=cast.ana, code=case.queue.code).text_content()
    assert "en attente d’une réponse" in listed
    operations.answer_inquiry(case.observations[0], RIVER, at=now())
    assert "réponse reçue" in page.get("triage.queue", as_=cast.ana, code=case.queue.code).text_content()
    triage.claim_case(case, by=cast.ana, at=now())
    assert inquiry_state_by_case([case]) == {}


def test_a_list_asks_once_however_many_cases_it_has(session: Session, cast: Cast) -> None:
    cases = [factories.case(at=now() - timedelta(hours=2)) for _ in range(5)]
    for each in cases[:3]:
        operations.ask_author(each.observations[0], SIDE, by=cast.ana, at=now())
    operations.decline_inquiry(cases[0].observations[0], at=now())
    session.flush()
    sent: list[str] = []
    engine = session.get_bind()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        found = inquiry_state_by_case(cases)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(sent) == 1
    assert [found.get(each.id) for each in cases[:4]] == [
        InquiryState.DECLINED,
        InquiryState.OPEN,
        InquiryState.OPEN,
        None,
    ]


def test_a_partner_reads_neither_the_question_nor_the_answer(page: Page, cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, at=now() - timedelta(hours=1))
    operations.ask_author(case.observations[0], SIDE, by=cast.ana, at=now())
    operations.answer_inquiry(case.observations[0], RIVER, at=now())
    assert cast.lin.partner is not None
    handover = routing.hand_over(case, cast.lin.partner, by=cast.ana, at=now())
    routing.accept_handover(handover, by=cast.lin, at=now())
    for endpoint, values in (("partner.inbox", {}), ("partner.handover", {"number": handover.id})):
        found = page.get(endpoint, as_=cast.lin, **values).text_content()
        assert SIDE not in found and RIVER not in found
    page.post(f"/tri/dossiers/{case.reference}/demander", {"ask-question": SIDE}, as_=cast.lin, status=403)
