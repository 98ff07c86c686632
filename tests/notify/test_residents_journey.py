"""Rosa's e-mails, the whole way: committed, queued on a real server, carried by a real worker, handed to a real mail
server.
"""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml.html import document_fromstring
from sqlalchemy import select, update

from cohab_report import jobs
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.models import Observation
from cohab_report.jobs import QueueName
from cohab_report.journal import CLAIM_LEASE, Event
from cohab_report.notify import operations, queries
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.notify.residents.operations import NEWS_DELAY
from cohab_report.partners.models import Person
from cohab_report.triage import operations as triage
from cohab_report.triage import queries as cases
from cohab_report.triage.models import ClosingReason
from tests import factories
from tests.cast import Cast
from tests.notify.test_email import Sink, sink
from tests.notify.test_journey import town
from tests.workers import empty_queues, work

__all__ = ["sink", "town"]
ROSA = "rosa@courriel.example"


@pytest.fixture
def rosa(town: Flask) -> FlaskClient:
    """Rosa's browser, which follows what she sent."""
    with town.app_context():
        Cast.create(db.session())
        with transaction():
            observation = factories.observation(at=now(), text="Derrière le kiosque")
        code = factories.code_of(observation)
        db.session.remove()
    browser = town.test_client()
    send(browser, "/suivi", {"code": code})
    return browser


def send(browser: FlaskClient, address: str, data: dict[str, str]) -> int:
    """The form of the page of this browser is sent, with its token."""
    page = document_fromstring(browser.get("/suivi").text)
    (token, *_rest) = page.xpath("//input[@name='csrf_token']/@value")
    return browser.post(address, data={"csrf_token": token, **data}).status_code


def link_in(message: EmailMessage, page: str) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    (path,) = re.findall(rf"https?://[^/\s]+(/courriel/{page}/\S+)", body.get_content())
    return str(path)


def acts(app: Flask, act: str) -> None:
    """Ana accepts, or closes, what Rosa sent, as a view would: in one transaction."""
    with app.app_context(), transaction():
        ana = db.session.scalars(select(Person).where(Person.name == "Ana")).one()
        case = cases.case_of_observation(db.session.scalars(select(Observation)).one().id)
        if act == "accept":
            triage.accept(case, by=ana, at=now())
            triage.mark_out_of_plan(case, by=ana, at=now())
        else:
            triage.close(case, ClosingReason.DONE, by=ana, at=now())


def settle(app: Flask) -> None:
    """The quarter of an hour has passed, and the schedule asks for what is due."""
    with app.app_context():
        with transaction():
            db.session.execute(update(Delivery).where(Delivery.state == DeliveryState.WAITING).values(due_at=now()))
        jobs.job_queue(QueueName.EMAIL).enqueue("cohab_report.notify.operations.deliver_due_now")
    work(app)


def contact(app: Flask) -> Contact:
    with app.app_context():
        return db.session.scalars(select(Contact)).one()


def confirmed(app: Flask, rosa: FlaskClient, sink: Sink) -> EmailMessage:
    """Rosa has asked, and confirmed; the e-mail that she confirmed by."""
    assert send(rosa, "/suivi/courriel", {"email": ROSA}) == 303
    work(app)
    (confirmation,) = sink.messages
    assert send(rosa, link_in(confirmation, "confirmer"), {}) == 303
    return confirmation


def test_rosa_asks_confirms_is_told_of_each_change_in_one_thread_and_ends_it(
    town: Flask, rosa: FlaskClient, sink: Sink
) -> None:
    send(rosa, "/langue", {"language": "en"})
    assert send(rosa, "/suivi/courriel", {"email": ROSA}) == 303
    assert sink.messages == [], "nothing is sent inside a request"
    work(town)
    (confirmation,) = sink.messages
    scanner, address = town.test_client(), link_in(confirmation, "confirmer")
    assert [scanner.get(address).status_code, scanner.head(address).status_code] == [200, 200]
    assert not contact(town).is_confirmed
    assert send(rosa, address, {}) == 303 and contact(town).is_confirmed

    acts(town, "accept")
    work(town)
    assert len(sink.messages) == 1, "news waits for more"
    settle(town)
    acts(town, "close")
    work(town)
    settle(town)
    told = sink.messages[1:]
    assert [message["Subject"] for message in told] == ["News about your observation: Litter on the bank"] * 2
    assert (
        len({message["References"] for message in told} | {message["In-Reply-To"] for message in [*told, confirmation]})
        == 1
    )
    assert len({message["Message-ID"] for message in sink.messages}) == 3 and all(
        message["Auto-Submitted"] for message in sink.messages
    )
    assert [part.get_content_type() for part in told[0].iter_parts()] == ["text/plain", "text/html"]

    stop = link_in(told[1], "arreter")
    assert told[1]["List-Unsubscribe"] == f"<http://localhost{stop}>"
    scanner.get(stop)
    assert contact(town).has_address
    assert [town.test_client().post(stop, data={"List-Unsubscribe": "One-Click"}).status_code for _ in range(2)] == [
        200,
        200,
    ]
    assert contact(town).ending is Ending.STOPPED and contact(town).encrypted_address is None
    send(rosa, "/suivi/rouvrir", {})
    work(town)
    settle(town)
    assert len(sink.messages) == 3


def test_the_same_event_twice_and_two_workers_are_one_email(town: Flask, rosa: FlaskClient, sink: Sink) -> None:
    confirmed(town, rosa, sink)
    acts(town, "accept")
    with town.app_context():
        for event in db.session.scalars(select(Event).where(Event.name == "case.accepted")):
            jobs.announce(event.id)
            with transaction():
                operations.fan_out(event, at=now())
                operations.fan_out(event, at=now())
    work(town)
    settle(town)
    settle(town)
    assert len(sink.messages) == 2


def test_two_workers_with_two_events_at_once_write_down_one_email(town: Flask, rosa: FlaskClient, sink: Sink) -> None:
    confirmed(town, rosa, sink)
    acts(town, "accept")
    acts(town, "close")
    empty_queues(town)
    with town.app_context():
        told = db.session.scalars(select(Event.id).where(Event.name.in_(("case.accepted", "case.closed")))).all()

    def tell(event_id: int) -> None:
        with town.app_context():
            with transaction():
                operations.fan_out(db.session.get_one(Event, event_id), at=now())
                time.sleep(0.5)
            db.session.remove()

    with ThreadPoolExecutor(2) as workers:
        assert list(workers.map(tell, told)) == [None, None]
    with town.app_context():
        states = db.session.scalars(select(Delivery.state).join(Event).where(Event.id.in_(told))).all()
    assert sorted(states) == [DeliveryState.TOGETHER, DeliveryState.WAITING]
    settle(town)
    assert len(sink.messages) == 2


def test_a_worker_killed_between_claim_and_telling_is_made_up_for(town: Flask, rosa: FlaskClient, sink: Sink) -> None:
    confirmed(town, rosa, sink)
    acts(town, "accept")
    empty_queues(town)
    with town.app_context():
        with transaction():
            for event in db.session.scalars(select(Event).where(Event.name == "case.accepted")):
                event.claimed_at = now() - CLAIM_LEASE - timedelta(seconds=1)
        assert jobs.relay_unclaimed() == 1
    work(town)
    with town.app_context(), transaction():
        (waiting,) = queries.due_delivery_ids(at=now() + NEWS_DELAY)
        assert operations._claim(waiting, at=now() + NEWS_DELAY), "and whoever claimed the delivery died too"
    with town.app_context():
        assert operations.deliver_due(at=now() + NEWS_DELAY) == 0
        assert operations.deliver_due(at=now() + NEWS_DELAY + operations.DELIVERY_LEASE + timedelta(seconds=1)) == 1
    assert len(sink.messages) == 2


@pytest.mark.parametrize(
    ("answer", "kept"),
    [("550 5.1.1 no such mailbox", False), ("550 no such mailbox", False), ("550 5.7.1 your server is blocked", True)],
)
def test_a_refused_address_is_erased_only_when_it_is_the_address_that_is_refused(
    town: Flask, rosa: FlaskClient, sink: Sink, answer: str, kept: bool
) -> None:
    confirmed(town, rosa, sink)
    acts(town, "accept")
    work(town)
    sink.at_rcpt = answer
    settle(town)
    assert contact(town).has_address is kept and len(sink.messages) == 1
    assert ("n’existe pas ou plus" in rosa.get("/suivi").text) is not kept


def test_ending_it_takes_back_what_was_about_to_be_sent(town: Flask, rosa: FlaskClient, sink: Sink) -> None:
    confirmed(town, rosa, sink)
    acts(town, "accept")
    work(town)
    send(rosa, "/suivi/courriel/arreter", {})
    settle(town)
    assert len(sink.messages) == 1
    with town.app_context():
        assert db.session.scalars(select(Delivery).order_by(Delivery.id.desc())).first().last_problem == "no_address"  # type: ignore[union-attr]
