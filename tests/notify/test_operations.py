"""Who is owed a message, and what becomes of it: told once, put off, given up, never lost and never sent inside a
transaction.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.errors import MoveRefused
from cohab_report.journal import Event
from cohab_report.notify import operations
from cohab_report.notify.channels import ChannelError
from cohab_report.notify.models import RETRY_DELAYS, Delivery, DeliveryState
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from tests import factories


class Post:
    """A channel that writes down what it was given, and fails when told to."""

    def __init__(self):
        self.sent, self.trouble, self.was_writing = [], None, []

    def __call__(self, address, message, *, settings):
        from cohab_report.db import db

        self.was_writing.append(bool(db.session.info.get("in_transaction")))
        if self.trouble is not None:
            raise self.trouble
        self.sent.append((address, message))


@pytest.fixture
def post(monkeypatch):
    channel = Post()
    monkeypatch.setattr(operations, "SENDING_CHANNELS", {"email": channel})
    return channel


@pytest.fixture
def offer(session, cast):
    """An offer to the works, and the message that is owed because of it."""
    voirie = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    handover = routing.hand_over(factories.accepted_case(cast.ana), voirie, by=cast.ana, at=now())
    event = session.scalars(select(Event).where(Event.name == "handover.offered")).one()
    session.commit()
    with transaction():
        operations.fan_out(event, at=now())
    return handover, session.scalars(select(Delivery)).one(), event


def test_fan_out_repeated_owes_one_message(session, offer):
    with transaction():
        operations.fan_out(offer[2], at=now())
    assert len(session.scalars(select(Delivery)).all()) == 1


def test_works_that_must_stop_are_told_at_once_whatever_was_owed_before(session, cast, offer, post):
    routing.stop_works(offer[0], by=cast.ana, at=now())
    event = session.scalars(select(Event).where(Event.name == "handover.stopped")).one()
    assert event.done_at is None, "a worker is told"
    operations.fan_out(event, at=now())
    session.commit()
    assert operations.deliver_due(at=now()) == 1
    assert [message.subject for _, message in post.sent] == ["Arrêtez les travaux\xa0: un dossier est repris"]


def test_fan_out_owes_nothing_to_a_partner_without_address(session, cast):
    voirie = session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
    voirie.email = ""
    routing.hand_over(factories.accepted_case(cast.ana), voirie, by=cast.ana, at=now())
    operations.fan_out(session.scalars(select(Event).where(Event.name == "handover.offered")).one(), at=now())
    assert session.scalars(select(Delivery)).all() == []


def test_a_message_leaves_once_and_never_inside_a_transaction(session, offer, post):
    assert operations.deliver_due(at=now()) == 1
    assert operations.deliver_due(at=now() + timedelta(days=1)) == 0
    assert [address for address, _ in post.sent] == ["voirie@rivebelle.example"] and post.was_writing == [False]
    assert offer[1].state is DeliveryState.SENT


def test_a_passing_failure_is_tried_again_with_patience_and_then_given_up(session, offer, post):
    post.trouble, at, delivery = ChannelError("smtp_451", permanent=False), now(), offer[1]
    for number, wait in enumerate(RETRY_DELAYS):
        operations.deliver_due(at=at)
        session.expire_all()
        assert (delivery.state, delivery.attempts, delivery.due_at) == (DeliveryState.WAITING, number + 1, at + wait)
        assert operations.deliver_due(at=at + wait - timedelta(seconds=1)) == 0 and delivery.attempts == number + 1
        at += wait
    operations.deliver_due(at=at)
    session.expire_all()
    assert (delivery.state, delivery.last_problem) == (DeliveryState.GIVEN_UP, "smtp_451")
    assert len(post.was_writing) == len(RETRY_DELAYS) + 1


def test_a_lasting_failure_is_given_up_at_once(session, offer, post):
    post.trouble = ChannelError("smtp_550", permanent=True)
    operations.deliver_due(at=now())
    session.expire_all()
    assert (offer[1].state, offer[1].attempts, offer[1].last_problem) == (DeliveryState.GIVEN_UP, 1, "smtp_550")


def test_a_crash_between_sending_and_marking_repeats_and_never_loses(session, offer, post):
    class PowerCut(BaseException):
        pass

    post.trouble, at = PowerCut(), now()
    with pytest.raises(PowerCut):
        operations.deliver_due(at=at)
    post.trouble = None
    assert operations.deliver_due(at=at + timedelta(minutes=1)) == 0, "somebody may still be at it"
    assert operations.deliver_due(at=at + operations.DELIVERY_LEASE) == 1
    session.expire_all()
    assert offer[1].state is DeliveryState.SENT


def test_two_workers_at_once_send_one_message(session, offer, post, monkeypatch):
    delivery_id, at = offer[1].id, now()
    assert operations._deliver(delivery_id, at=at) is True
    assert operations._deliver(delivery_id, at=at) is False
    assert len(post.sent) == 1


def test_nobody_is_told_of_an_offer_that_was_answered_meanwhile(session, cast, offer, post):
    routing.accept_handover(offer[0], by=cast.lin, at=now())
    session.commit()
    operations.deliver_due(at=now())
    session.expire_all()
    assert post.sent == [] and (offer[1].state, offer[1].last_problem) == (DeliveryState.GIVEN_UP, "answered")


def test_retry_makes_it_due_at_once_and_refuses_what_has_left(session, cast, offer, post):
    delivery = offer[1]
    delivery.give_up("smtp_550")
    operations.retry(delivery, by=cast.admin, at=now())
    session.commit()
    assert operations.deliver_due(at=now()) == 1
    session.expire_all()
    with pytest.raises(MoveRefused):
        operations.retry(delivery, by=cast.admin, at=now())
