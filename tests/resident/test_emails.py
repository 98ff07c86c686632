"""The pages about e-mail, as Rosa, a stranger and a mail scanner meet them, on a phone without scripts."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from lxml.html import HtmlElement
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake import operations as intake
from cohab_report.intake.author_sessions import operations as author_sessions
from cohab_report.intake.author_sessions.models import AuthorPage
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.events import ContactAsked
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.models import Observation
from cohab_report.journal import SYSTEM, Event
from cohab_report.notify.residents.operations import resident_recipients
from cohab_report.resident.draft import PLACE_FIELDS
from cohab_report.resident.emails.email_section import masked_address
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases
from cohab_report.web import throttle
from tests import factories
from tests.cast import Cast
from tests.page import Page, checked_page

pytestmark = pytest.mark.usefixtures("session")
ROSA = "rosa@courriel.example"
MASKED = "r•••@c•••.example"


@pytest.fixture
def observation() -> Observation:
    return factories.observation(at=now() - timedelta(hours=1))


def follows(page: Page, observation: Observation) -> HtmlElement:
    page.post("/suivi", {"code": factories.code_of(observation)})
    return page.get("resident.follow")


def asks(page: Page, observation: Observation, address: str = ROSA) -> Contact:
    page.submit(follows(page, observation), {"email": address}, action="/suivi/courriel")
    return the_contact()


def the_contact() -> Contact:
    return db.session.scalars(select(Contact)).one()


def link(contact: Contact, purpose: str = encryption.CONFIRM) -> str:
    where = {encryption.CONFIRM: "confirmer", encryption.STOP: "arreter"}[purpose]
    return f"/courriel/{where}/{encryption.link_token(purpose, contact.seed or '')}"


def text_of(html: HtmlElement) -> str:
    return str(html.xpath("string(//section[h2/@id='courriel'])"))


def confirms(page: Page, contact: Contact) -> HtmlElement:
    address = link(contact)
    page.submit(page.visit(address), {}, action=address)
    return page.get("resident.confirmed_address")


def test_the_receipt_offers_one_field_and_the_same_page_comes_back(page: Page, observation: Observation) -> None:
    with page.client.session_transaction() as with_address:
        content = {"code": factories.code_of(observation), "joins": "", **dict.fromkeys(PLACE_FIELDS, "")}
        with_address["sent"] = author_sessions.begin_session(observation, AuthorPage.RECEIPT, content=content, at=now())
    receipt = page.get("resident.receipt")
    assert len(receipt.xpath("//main//input[not(@type='hidden' or @type='file')]")) == 1
    wrong = checked_page(page.submit(receipt, {"email": "rosa@"}, action="/recu/courriel", status=422).text)
    assert wrong.xpath("//input[@name='email']/@value") == ["rosa@"] and wrong.xpath("//*[@id='erreurs']//a/@href") == [
        "#email"
    ]
    assert factories.code_of(observation) in wrong.text_content()
    page.submit(wrong, {"email": ROSA}, action="/recu/courriel")
    assert MASKED in text_of(page.get("resident.receipt"))


def test_without_something_sent_or_followed_nothing_is_asked_for(page: Page) -> None:
    page.post("/recu/courriel", {"email": ROSA})
    page.post("/suivi/courriel", {"email": ROSA}, status=404)
    page.post("/suivi/courriel/arreter", {}, status=404)
    assert db.session.scalars(select(Contact)).all() == []


def test_the_follow_page_shows_an_outline_and_never_the_address(page: Page, observation: Observation) -> None:
    contact = asks(page, observation)
    waiting = page.get("resident.follow")
    assert MASKED in text_of(waiting) and "Rien d’autre ne part avant" in text_of(waiting)
    confirms(page, contact)
    html = page.get("resident.follow")
    assert MASKED in text_of(html) and "Changer l’adresse" in text_of(html) and "Ne plus recevoir" in text_of(html)
    assert page.last is not None and ROSA not in page.last.text


def test_whoever_asks_learns_nothing_of_what_was_kept_before(page: Page, observation: Observation) -> None:
    confirms(page, asks(page, observation))
    answers = []
    for address in (ROSA, "another@b.example"):
        page.submit(page.get("resident.follow"), {"email": address}, action="/suivi/courriel")
        assert page.last is not None
        answers.append(
            (
                page.last.headers["Location"],
                str(page.get("resident.follow").xpath("string(//*[@role='status'])")).strip(),
            )
        )
        assert the_contact().is_waiting
    assert answers[0] == answers[1]


def test_the_fourth_email_of_a_day_is_refused_beside_the_field(page: Page, observation: Observation) -> None:
    for _ in range(3):
        asks(page, observation)
    answer = page.submit(page.get("resident.follow"), {"email": ROSA}, action="/suivi/courriel", status=422)
    html = checked_page(answer.text)
    assert "Trois courriels" in html.xpath("string(//*[@id='email-error'])") and html.xpath(
        "//input[@name='email']/@value"
    ) == [ROSA]


def test_one_network_asks_for_ten_emails_an_hour(app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "THROTTLED", True)
    throttle.limiter.reset()
    for number in range(10):
        observation = factories.observation(at=now())
        asks_again = follows(page, observation)
        page.submit(asks_again, {"email": f"{number}{ROSA}"}, action="/suivi/courriel")
    last = page.submit(
        follows(page, factories.observation(at=now())), {"email": ROSA}, action="/suivi/courriel", status=429
    )
    assert ROSA in last.text, "what was typed is given back"
    throttle.limiter.reset()


def test_nobody_is_sent_more_than_six_emails_a_day_and_whoever_asks_for_more_learns_nothing(
    app: Flask, page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "THROTTLED", True)
    throttle.limiter.reset()
    mailbox, _, host = ROSA.partition("@")

    def asks_for(address: str, network: int) -> tuple[str, int]:
        """What the page says afterwards, and to how many somebody sets out to send."""
        observation = factories.observation(at=now())
        page.client.environ_base["REMOTE_ADDR"] = f"198.51.{network}.1"
        page.submit(follows(page, observation), {"email": address}, action="/suivi/courriel")
        section = page.get("resident.follow").xpath("string(//section[@aria-labelledby='courriel'])")
        asked = db.session.scalars(select(Event).order_by(Event.id.desc())).first()
        assert asked is not None and asked.name == ContactAsked.name
        return " ".join(section.split()), len(resident_recipients(asked))

    assert [asks_for(f"{mailbox}+{number}@{host.upper()}", number)[1] for number in range(5)] == [1] * 5
    (sixth, to_sixth), (seventh, to_seventh) = asks_for(ROSA, 6), asks_for(ROSA, 7)
    assert (to_sixth, to_seventh) == (1, 0) and sixth == seventh, "the page of both says the same"
    assert asks_for(f"x{ROSA}", 7)[1] == 1
    throttle.limiter.reset()


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_a_scanner_that_opens_every_link_confirms_and_ends_nothing(
    page: Page, observation: Observation, method: str
) -> None:
    contact = asks(page, observation)
    for purpose in (encryption.CONFIRM, encryption.STOP):
        assert page._ask(method, link(contact, purpose), as_=None).status_code == 200
    assert the_contact().is_waiting
    confirms(page, the_contact())
    page._ask(method, link(the_contact(), encryption.STOP), as_=None)
    assert the_contact().is_confirmed


def test_confirming_takes_a_button_and_tells_where_it_stands_in_one_word(
    page: Page, cast: Cast, observation: Observation
) -> None:
    contact = asks(page, observation)
    triage.accept(cases.case_of_observation(observation.id), by=cast.ana, at=now())
    used = link(contact)
    page.client = page.app.test_client()
    done = confirms(page, contact)
    assert the_contact().is_confirmed and "Pris en charge" in done.xpath("string(//main)")
    text = done.xpath("string(//main)") + page.visit(link(the_contact(), encryption.STOP)).xpath("string(//main)")
    assert [
        word
        for word in (observation.reference, observation.category.name.fr, observation.sector.name.fr)
        if word in text
    ] == []
    assert "ne sert plus" in page.visit(used, status=410).text_content(), "a link serves once"
    page.post(used, {}, status=410)


def test_an_old_or_mangled_link_says_what_to_do(page: Page, observation: Observation) -> None:
    contact = asks(page, observation)
    contact.asked_at -= timedelta(days=8)
    for address in (
        link(contact),
        "/courriel/confirmer/x",
        "/courriel/confirmer/%00",
        "/courriel/confirmer/" + "é" * 500,
    ):
        status = 400 if "%00" in address else 410
        assert page._ask("GET", address, as_=None).status_code == status, address
    assert "demandez un nouveau lien" in page.visit(link(contact), status=410).text_content()


def test_a_mail_program_ends_it_with_one_post_however_often(page: Page, observation: Observation) -> None:
    confirms(page, asks(page, observation))
    address, stranger = link(the_contact(), encryption.STOP), page.app.test_client()
    for _ in range(2):
        answer = stranger.post(address, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200 and not the_contact().has_address
    assert the_contact().ending is Ending.STOPPED


def test_a_link_to_stop_says_the_same_whether_it_is_known_or_not(page: Page, observation: Observation) -> None:
    contact = asks(page, observation)
    valid_link, unknown_link = link(contact, encryption.STOP), "/courriel/arreter/" + "A" * 43
    page.client = page.app.test_client()

    def page_texts(address: str) -> list[str]:
        html = page.visit(address)
        done = checked_page(page.submit(html, {}, action=address, status=200).text)
        return [str(each.xpath("string(//main)")) for each in (html, done)]

    assert page_texts(valid_link) == page_texts(unknown_link) == page_texts(valid_link)
    assert not the_contact().has_address


def test_pages_behind_a_link_speak_the_emails_language_until_their_reader_chooses(
    page: Page, observation: Observation
) -> None:
    contact = asks(page, observation)
    contact.language = "en"
    page.client = page.app.test_client()
    assert page.visit(link(contact)).get("lang") == "en"
    page.post("/langue", {"language": "fr"})
    assert page.visit(link(contact)).get("lang") == "fr"


def test_changing_and_stopping_from_the_follow_page(page: Page, observation: Observation) -> None:
    confirms(page, asks(page, observation))
    page.submit(page.get("resident.follow"), {"email": "Omar.B@ailleurs.example"}, action="/suivi/courriel")
    assert "O•••@a•••.example" in text_of(page.get("resident.follow"))
    page.submit(page.get("resident.follow"), {}, action="/suivi/courriel/arreter")
    assert "Si vous voulez" in text_of(page.get("resident.follow")) and not the_contact().has_address


def test_an_address_that_does_not_exist_and_one_that_lost_its_key_are_told(
    page: Page, observation: Observation
) -> None:
    contact = asks(page, observation)
    contact.encrypted_address = "gAAAAA"
    assert "ne peut plus être lue" in text_of(page.get("resident.follow"))
    contacts.end_contact(contact, Ending.UNDELIVERABLE, by=SYSTEM, at=now())
    assert "n’existe pas ou plus" in text_of(page.get("resident.follow"))


def test_nothing_is_offered_without_a_key_or_once_it_is_taken_back(
    app: Flask, page: Page, observation: Observation, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.submit(follows(page, observation), {"email": ROSA}, action="/suivi/courriel")
    intake.withdraw(observation, at=now())
    assert text_of(follows(page, observation)) == "" and not the_contact().has_address
    page.post("/suivi/courriel", {"email": ROSA}, status=409)
    with_address = factories.observation(at=now())
    page.submit(follows(page, with_address), {"email": ROSA}, action="/suivi/courriel")
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], contact_key=()))
    assert not follows(page, with_address).xpath("//input[@name='email']"), (
        "what is kept may still be erased, and nothing else"
    )
    page.submit(page.get("resident.follow"), {}, action="/suivi/courriel/arreter")
    assert text_of(page.get("resident.follow")) == ""
    assert text_of(follows(page, factories.observation(at=now()))) == ""
    page.post("/suivi/courriel", {"email": ROSA}, status=404)


def test_ones_own_data_say_whether_an_address_is_kept_and_since_when(page: Page, observation: Observation) -> None:
    follows(page, observation)
    assert page.client.get("/suivi/donnees.json").get_json()["email"] == {"address_kept": False}
    confirms(page, asks(page, observation))
    contact = the_contact()
    assert contact.confirmed_at is not None
    assert page.client.get("/suivi/donnees.json").get_json()["email"] == {
        "address_kept": True,
        "since": contact.asked_at.isoformat(),
        "confirmed_at": contact.confirmed_at.isoformat(),
        "language": "fr",
    }


def test_no_log_line_holds_an_address_or_a_token(
    page: Page, observation: Observation, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    contact = asks(page, observation)
    secrets = [ROSA, link(contact).rpartition("/")[2], link(contact, encryption.STOP).rpartition("/")[2]]
    confirms(page, contact)
    page.client.post(link(the_contact(), encryption.STOP))
    ours = " ".join(
        f"{record.getMessage()} {vars(record)}" for record in caplog.records if record.name.startswith("cohab_report")
    )
    assert "resident.confirm_now" in ours and [secret for secret in secrets if secret in ours] == []


@pytest.mark.parametrize(
    ("address", "outline"),
    [("rosa@domaine.ca", "r•••@d•••.ca"), ("r@d.ca", "r•••@d•••.ca"), ("Rosa.T@mail.ville.qc.ca", "R•••@m•••.ca")],
)
def test_an_outline_is_as_long_for_every_address(address: str, outline: str) -> None:
    assert masked_address(address) == outline


def test_privacy_says_what_is_kept_of_an_address(page: Page) -> None:
    text = re.sub(r"\s+", " ", page.get("resident.privacy").text_content())
    assert "Adresse de courriel confirmée" in text and "25 novembre 2026" in text
    assert "Ni nom, ni adresse de courriel" not in text
