"""Which residents are told of what, when, and what no e-mail to them may hold."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.models import Belongings, Observation
from cohab_report.journal import Event
from cohab_report.notify import operations
from cohab_report.notify.channels import ChannelError
from cohab_report.notify.channels.email import mime_message
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.notify.residents.operations import NEWS_DELAY, NEWS_EVENTS, RESIDENT_EVENTS
from cohab_report.routing import operations as routing
from cohab_report.settings import Settings
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases
from cohab_report.triage.events import CaseAccepted
from cohab_report.triage.models import Case, ClosingReason
from tests import factories
from tests.cast import Cast
from tests.notify.test_operations import Post, post

__all__ = ["post"]
ROSA = "rosa@courriel.example"
PLACE, TEXT = "halle", "Derrière le kiosque vert"
SETTINGS = Settings(
    secret_key="s" * 40, code_key="c" * 40, base_url="https://cohab.example", mail_from="tri@rivebelle.example"
)
MINUTE = timedelta(minutes=1)


def leaves_address(observation: Observation, *, language: str = "fr", at: datetime, address: str = ROSA) -> Contact:
    contact = contacts.request_confirmation(observation, address, language=language, at=at)
    return contacts.confirm(encryption.link_token(encryption.CONFIRM, contact.seed or ""), at=at)


@pytest.fixture
def start() -> datetime:
    return now() - timedelta(hours=3)


@pytest.fixture
def case(cast: Cast, start: datetime) -> Case:
    """A case whose author confirmed an address a minute after sending."""
    new_case = factories.case(at=start, text=TEXT, place=PLACE, point=None)
    leaves_address(new_case.observations[0], at=start + MINUTE)
    return new_case


def fan_out() -> None:
    """A worker hears of all that happened, as `jobs.deliver` would have it do."""
    db.session.commit()
    for event in db.session.scalars(
        select(Event).where(Event.name.in_(journal.names_of(*RESIDENT_EVENTS))).order_by(Event.id)
    ).all():
        with transaction():
            operations.fan_out(event, at=event.happened_at)


def deliveries(state: DeliveryState | None = None) -> list[Delivery]:
    rows = db.session.scalars(
        select(Delivery).where(Delivery.recipient.startswith("contact:")).order_by(Delivery.id)
    ).all()
    return [delivery for delivery in rows if state in (None, delivery.state)]


def news(post: Post, *, at: datetime | None = None) -> list[EmailMessage]:
    """The e-mails with news that have left, as they travel."""
    fan_out()
    operations.deliver_due(at=at or now())
    db.session.expire_all()
    return [
        read(address, outgoing)
        for address, outgoing in post.sent
        if "nouveau" in outgoing.subject or "News" in outgoing.subject
    ]


def read(address: str, outgoing: Any) -> EmailMessage:
    return message_from_bytes(bytes(mime_message(address, outgoing, SETTINGS)), EmailMessage, policy=default)


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\xa0", " ").replace("\r\n", "\n")


def everything(message: EmailMessage) -> str:
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    return "\n".join([headers, body(message), body(message, "html")])


def test_an_email_to_confirm_leaves_at_once_and_holds_nothing_of_the_observation(
    cast: Cast, post: Post, start: datetime
) -> None:
    observation = factories.observation(at=start, text=TEXT, place=PLACE, point=None)
    contact = contacts.request_confirmation(observation, ROSA, language="en", at=start)
    link = encryption.link_token(encryption.CONFIRM, contact.seed or "")
    fan_out()
    assert operations.deliver_due(at=start) == 1
    message = read(*post.sent[0])
    assert message["Subject"] == "Confirm your e-mail address" and message["To"] == ROSA
    assert re.findall(r"https?://\S+/courriel/confirmer/(\S+)", body(message)) == [link] and link in body(
        message, "html"
    )
    assert sent_secrets(message, observation) == [] and observation.category.name.en not in everything(message)


def test_an_unconfirmed_address_hears_of_nothing_else(cast: Cast, post: Post, start: datetime) -> None:
    new_case = factories.case(at=start)
    contacts.request_confirmation(new_case.observations[0], ROSA, language="fr", at=start)
    triage.accept(new_case, by=cast.ana, at=start + MINUTE)
    assert news(post) == [] and len(post.sent) == 1


def test_what_happened_before_the_confirmation_is_not_told(cast: Cast, post: Post, start: datetime) -> None:
    new_case = factories.case(at=start)
    contact = contacts.request_confirmation(new_case.observations[0], ROSA, language="fr", at=start)
    triage.accept(new_case, by=cast.ana, at=start + MINUTE)
    contacts.confirm(encryption.link_token(encryption.CONFIRM, contact.seed or ""), at=start + 2 * MINUTE)
    assert news(post) == []


def test_each_change_that_matters_is_told_once_and_the_emails_make_one_thread(
    cast: Cast, post: Post, case: Case, start: datetime
) -> None:
    assert cast.lin.partner is not None
    hours = [start + timedelta(minutes=20 * number) for number in range(1, 7)]
    triage.accept(case, by=cast.ana, at=hours[0])
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=hours[0])
    handover = routing.hand_over(case, cast.lin.partner, by=cast.ana, at=hours[0])
    news(post, at=hours[0] + NEWS_DELAY)
    routing.accept_handover(handover, by=cast.lin, at=hours[1])
    routing.start_handover(handover, by=cast.lin, at=hours[1])
    news(post, at=hours[1] + NEWS_DELAY)
    inquiries.ask_author(case.observations[0], "Quel côté ?", by=cast.ana, at=hours[2])
    news(post, at=hours[2] + NEWS_DELAY)
    routing.finish_handover(handover, ClosingReason.DONE, by=cast.lin, at=hours[3])
    news(post, at=hours[3] + NEWS_DELAY)
    intake.request_reopening(case.observations[0], at=hours[4])
    news(post, at=hours[4] + NEWS_DELAY)
    triage.accept(case, by=cast.ana, at=hours[5])
    emails = news(post)
    told = [re.findall(r"^- (.*)$", body(message), re.MULTILINE) for message in emails]
    assert [len(lines) for lines in told] == [1] * 6
    assert (
        "prend en charge" in told[0][0]
        and "partenaire" in told[1][0]
        and "question" in told[2][0]
        and "rouvert" in told[4][0]
    )
    assert told[3][0] == catalogue.responses_to("DECHET-1", case.kind)["done"].fr.replace("\xa0", " ")
    assert "Quel côté" not in "".join(map(everything, emails)), "what is asked is read on the follow page only"
    assert len({message["References"] for message in emails} | {message["In-Reply-To"] for message in emails}) == 1
    assert (
        len({message["Message-ID"] for message in emails}) == 6 and len({message["Subject"] for message in emails}) == 1
    )
    assert len(news(post)) == 6, "told once however often it is heard of"


def test_a_question_that_was_answered_meanwhile_is_no_news(cast: Cast, post: Post, case: Case, start: datetime) -> None:
    inquiries.ask_author(case.observations[0], "Quel côté ?", by=cast.ana, at=start + 2 * MINUTE)
    inquiries.answer_inquiry(case.observations[0], "Le nord", at=start + 3 * MINUTE)
    assert news(post) == []
    assert [delivery.last_problem for delivery in deliveries(DeliveryState.GIVEN_UP)][-1] == "superseded"


def test_what_happens_within_a_quarter_of_an_hour_is_one_email(
    cast: Cast, post: Post, case: Case, start: datetime
) -> None:
    first = start + timedelta(hours=1)
    triage.accept(case, by=cast.ana, at=first)
    triage.mark_out_of_plan(case, by=cast.ana, at=first)
    triage.close(case, ClosingReason.NOTHING_FOUND, by=cast.ana, at=first + NEWS_DELAY - MINUTE)
    assert news(post, at=first + NEWS_DELAY - MINUTE) == [], "more may come"
    (message,) = news(post, at=first + NEWS_DELAY)
    assert len(re.findall(r"^- ", body(message), re.MULTILINE)) == 2
    assert [delivery.state for delivery in deliveries()][-2:] == [DeliveryState.SENT, DeliveryState.TOGETHER]
    intake.request_reopening(case.observations[0], at=first + NEWS_DELAY + MINUTE)
    assert len(news(post, at=first + 2 * NEWS_DELAY + MINUTE)) == 2, (
        "what comes after the e-mail has left is another one"
    )


def test_nothing_is_added_to_an_email_once_somebody_set_out_to_send_it(
    cast: Cast, post: Post, case: Case, start: datetime
) -> None:
    first = start + timedelta(hours=1)
    triage.accept(case, by=cast.ana, at=first)
    post.trouble = ChannelError("smtp_451", permanent=False)
    news(post, at=first + NEWS_DELAY)
    triage.mark_out_of_plan(case, by=cast.ana, at=first)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=first + NEWS_DELAY + MINUTE)
    post.trouble = None
    told = [len(re.findall(r"^- ", body(message), re.MULTILINE)) for message in news(post, at=first + 3 * NEWS_DELAY)]
    assert told == [1, 1]


def test_a_case_that_was_closed_by_a_slip_is_said_to_be_open_again(
    cast: Cast, post: Post, case: Case, start: datetime
) -> None:
    triage.mark_out_of_plan(case, by=cast.ana, at=start + MINUTE)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=start + MINUTE)
    triage.reopen(case, reason="Rien n’est fait", by=cast.bea, at=start + 3 * MINUTE)
    for message in news(post, at=start + 3 * NEWS_DELAY):
        told = body(message)
        assert told.index("Le dossier est fermé") < told.index("Le dossier est rouvert"), "in the order it happened"
        assert "Rien n’est fait" not in told


def test_a_merged_observation_follows_the_case_it_was_merged_into(
    cast: Cast, post: Post, case: Case, start: datetime
) -> None:
    into, noise = factories.case(at=start), factories.case(at=start)
    leaves_address(noise.observations[0], at=start, address="noise@b.example")
    leaves_address(into.observations[0], at=start, language="en", address="second@b.example")
    triage.merge(case, into=into, by=cast.ana, at=start + 2 * MINUTE)
    triage.accept(into, by=cast.ana, at=start + 3 * MINUTE)
    assert {message["To"]: message["Subject"].split(":")[0].strip() for message in news(post)} == {
        ROSA: "Du nouveau pour votre observation",
        "second@b.example": "News about your observation",
    }


def test_an_email_can_be_ended_with_one_click_and_says_that_no_person_wrote_it(
    cast: Cast, post: Post, case: Case
) -> None:
    triage.accept(case, by=cast.ana, at=now() - timedelta(hours=1))
    (message,) = news(post)
    (link,) = re.findall(r"<(http\S+)>", message["List-Unsubscribe"])
    assert link in body(message) and link in body(message, "html")
    assert (
        message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        and message["Auto-Submitted"] == "auto-generated"
    )
    assert message["List-Id"] == "Suivi <suivi.cohab.example>"
    contacts.stop(link.rpartition("/")[2], at=now())
    triage.mark_out_of_plan(case, by=cast.ana, at=now())
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=now() - timedelta(minutes=30))
    assert len(news(post)) == 1, "nothing after that"


def test_two_emails_of_one_delivery_are_the_same_email(cast: Cast, post: Post, case: Case) -> None:
    triage.accept(case, by=cast.ana, at=now() - timedelta(hours=1))
    fan_out()

    class PowerCutError(BaseException):
        pass

    post.trouble = PowerCutError()
    with pytest.raises(PowerCutError):
        operations.deliver_due(at=now())
    post.trouble = None
    assert (
        operations.deliver_due(at=now() + operations.DELIVERY_LEASE) == 1
        and operations.deliver_due(at=now() + 2 * operations.DELIVERY_LEASE) >= 0
    )
    assert len([outgoing for _address, outgoing in post.sent if "nouveau" in outgoing.subject]) == 1


@pytest.mark.parametrize(("problem", "blames", "kept"), [("smtp_550", True, False), ("smtp_554", False, True)])
def test_an_address_that_does_not_exist_is_erased_and_one_that_is_only_refused_is_kept(
    cast: Cast, post: Post, case: Case, problem: str, blames: bool, kept: bool
) -> None:
    triage.accept(case, by=cast.ana, at=now() - timedelta(hours=1))
    post.trouble = ChannelError(problem, permanent=True, no_such_address=blames)
    news(post)
    contact = db.session.scalars(select(Contact)).one()
    assert contact.has_address is kept and contact.ending is (None if kept else Ending.UNDELIVERABLE)
    assert deliveries(DeliveryState.GIVEN_UP)[-1].last_problem in (problem, "no_address")


def test_an_address_without_its_key_ends_no_worker(cast: Cast, post: Post, case: Case) -> None:
    db.session.scalars(select(Contact)).one().encrypted_address = "gAAAAA"
    triage.accept(case, by=cast.ana, at=now() - timedelta(hours=1))
    assert news(post) == []
    assert deliveries(DeliveryState.GIVEN_UP)[-1].last_problem == "unreadable_address"


def test_no_email_to_a_resident_lies_readable_in_the_mailbox_of_a_live_house(
    app: Flask, cast: Cast, post: Post, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], env="production"))
    triage.accept(case, by=cast.ana, at=now() - timedelta(hours=1))
    assert news(post) == [] and deliveries(DeliveryState.GIVEN_UP)[-1].last_problem == "no_server"


def sent_secrets(message: EmailMessage, observation: Observation) -> list[str]:
    """What a shared mailbox must not give away, as far as the e-mail holds it."""
    point, place = observation.exact_point, observation.place
    secrets = [
        TEXT,
        "kiosque",
        factories.code_of(observation),
        factories.code_of(observation).replace("-", ""),
        observation.reference,
    ]
    secrets += [
        observation.sector.name.fr,
        observation.sector.name.en,
        str(observation.client_hash),
        observation.category.code,
    ]
    secrets += [place.name.fr, place.name.en] if place else []
    secrets += [f"{point.lon:.3f}", f"{point.lat:.3f}"] if point else []
    whole = everything(message)
    return [secret for secret in secrets if secret in whole]


def stories(cast: Cast, observation: Observation, at: datetime) -> Iterator[str]:
    """Everything that residents are told of, happening to one observation; yields the name of each event."""
    case = cases.case_of_observation(observation.id)
    if case.works_are_locked:
        visited_on = at.astimezone(territory.city_facts().zone).date()
        triage.record_occupancy(case, in_use=False, on=visited_on, note="Rien", by=cast.ana, at=at)
    else:
        triage.accept(case, by=cast.ana, at=at)
    yield "case.accepted"
    triage.confirm_link(case, case.links[0].action, by=cast.ana, at=at)
    serving = (
        person.partner
        for person in (cast.lin, cast.noor)
        if person.partner and person.partner.serves(case.category.purpose)
    )
    handover = routing.hand_over(case, next(serving), by=cast.ana, at=at)
    routing.accept_handover(handover, by=cast.lin, at=at)
    yield "handover.accepted"
    routing.give_back(handover, reason="Autre", by=cast.lin, at=at)
    inquiries.ask_author(observation, TEXT, by=cast.ana, at=at)
    yield "inquiry.asked"
    triage.close(case, ClosingReason.HELP_OFFERED, by=cast.ana, at=at)
    yield "case.closed"
    triage.reopen(case, reason=TEXT, by=cast.ana, at=at)
    yield "case.reopened"
    triage.close(case, ClosingReason.HELP_OFFERED, by=cast.ana, at=at)
    intake.request_reopening(observation, at=at)
    yield "case.reopening_requested"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("category", "belongings", "named"),
    [
        ("DECHET-1", Belongings.NO, True),
        ("DECHET-1", Belongings.UNKNOWN, False),
        ("DECHET-2", Belongings.NO, False),
        ("SOUCI", Belongings.NOT_ASKED, False),
    ],
)
def test_no_email_gives_away_what_a_shared_mailbox_must_not_hold(
    session: Session, cast: Cast, post: Post, category: str, belongings: Belongings, named: bool, language: str
) -> None:
    began = now() - timedelta(days=1)
    observation = factories.observation(category, at=began, text=TEXT, place=PLACE, point=None, belongings=belongings)
    leaves_address(observation, at=began, language=language)
    told = list(stories(cast, observation, began + MINUTE))
    assert set(told) == journal.names_of(*NEWS_EVENTS)
    emails = news(post)
    assert emails
    for message in emails:
        assert sent_secrets(message, observation) == [], told
        name = observation.category.name.en if language == "en" else observation.category.name.fr
        assert (name in message["Subject"]) is named and (name in body(message)) is named
        outcomes = {words.fr for words in catalogue.responses_to(category, observation.kind).values()}
        outcomes |= {words.en for words in catalogue.responses_to(category, observation.kind).values() if words.en}
        assert named or not [words for words in outcomes if words in everything(message)]
        assert "<img" not in body(message, "html") and "url(" not in body(message, "html"), (
            "nothing is loaded from afar"
        )
        links = set(re.findall(r"https?://[^\s<>\"]+", everything(message)))
        assert {re.sub(r"(arreter/).*", r"\1", link.split("/", 3)[3]) for link in links} == {
            "suivi",
            "courriel/arreter/",
        }
        assert ("Bonjour" in body(message)) is (language == "fr") and ("Hello" in body(message)) is (language == "en")


def test_the_journal_never_holds_an_address(session: Session, cast: Cast, case: Case) -> None:
    told = " ".join(f"{event.thread} {event.facts} {event.actor}" for event in session.scalars(select(journal.Event)))
    assert ROSA not in told and "rosa" not in told


def test_news_of_a_case_reaches_its_authors_though_it_was_merged_before_a_worker_came_to_it(
    cast: Cast, case: Case, start: datetime
) -> None:
    """A listener may fail for hours: whose news it was then is still known, and it is nobody else's."""
    observation, other = case.observations[0], factories.case(at=start, text=TEXT, place=PLACE, point=None)
    leaves_address(other.observations[0], at=start + MINUTE)
    triage.accept(case, by=cast.ana, at=start + 2 * MINUTE)
    triage.merge(case, into=other, by=cast.ana, at=start + 3 * MINUTE)
    fan_out()
    accepted = next(event for event in journal.history(case.reference) if event.name == CaseAccepted.name)
    contact = db.session.scalars(select(Contact).where(Contact.observation_id == observation.id)).one()
    recipients = [delivery.recipient for delivery in deliveries() if delivery.event_id == accepted.id]
    assert recipients == [f"contact:{contact.id}"]
