"""Telling people what happened: who is owed a message is written down first, and each message leaves outside of any transaction."""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol, cast

from flask import current_app
from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.errors import MoveRefused
from cohab_report.journal import Event
from cohab_report.notify import letters, queries
from cohab_report.notify.channels import ChannelError, Letter, email
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.notify.residents import operations as residents
from cohab_report.partners.models import Person
from cohab_report.routing.models import HandoverState
from cohab_report.settings import Settings

log = logging.getLogger(__name__)
LEASE = timedelta(minutes=5)
"""How long whoever claimed a delivery has to send it; whoever died with it is not waited for any longer."""


class Channel(Protocol):
    """A way out: takes a letter to an address, or raises ChannelError."""

    def __call__(self, address: str, letter: Letter, *, settings: Settings) -> None:
        """The letter has left."""
        ...


CHANNELS: Mapping[str, Channel] = {"email": email.send}


def fan_out(event: Event, *, at: datetime) -> None:
    """Everybody who is owed a message because of this event is written down once, however often this is repeated."""
    for recipient in _recipients(event):
        if queries.delivery_for(event, recipient) is not None:
            continue
        try:
            with db.session.begin_nested():
                db.session.add(_made(event, recipient, at=at))
        except IntegrityError:
            log.info("delivery already written down", extra={"event": event.id})


def deliver_due(*, at: datetime) -> int:
    """Each message whose time has come was sent, put off or given up; returns how many left. Never call it inside a transaction."""
    return sum(_deliver(delivery_id, at=at) for delivery_id in queries.due(at=at))


def deliver_due_now() -> int:
    """`deliver_due` at this instant: what the schedule asks for every minute."""
    with current_app.app_context():
        return deliver_due(at=now())


def retry(delivery: Delivery, *, by: Person, at: datetime) -> None:
    """The message is due at once, with all patience again; raises MoveRefused when it has left already."""
    if delivery.state is DeliveryState.SENT:
        raise MoveRefused("delivery", delivery.state.value, DeliveryState.WAITING.value, "sent")
    delivery.state, delivery.due_at, delivery.attempts = DeliveryState.WAITING, at, 0
    journal.record("delivery.retried", thread=f"delivery:{delivery.id}", by=by, at=at, facts={"delivery": delivery.id})


def _recipients(event: Event) -> list[str]:
    if event.name in residents.HEARD:
        return residents.recipients(event)
    partner = queries.partner_of(f"partner:{event.facts.get('partner')}")
    return [f"partner:{partner.id}"] if partner is not None and partner.email else []


def _made(event: Event, recipient: str, *, at: datetime) -> Delivery:
    if event.name in residents.HEARD:
        return residents.owed(event, recipient, at=at)
    return Delivery(
        event_id=event.id, recipient=recipient, channel="email", state=DeliveryState.WAITING, attempts=0, due_at=at
    )


def _deliver(delivery_id: int, *, at: datetime) -> bool:
    # Three short transactions and none while sending: SQLite has one writer, and a slow mail server would stop every resident.
    with transaction():
        mine = _claim(delivery_id, at=at)
    if not mine:
        return False
    with transaction():
        delivery = db.session.get_one(Delivery, delivery_id)
        channel, owed = CHANNELS[delivery.channel], _owed(delivery, at=at)
        if isinstance(owed, str):
            delivery.give_up(owed)
            return False
    conclude = _sent(channel, *owed, at=at)
    with transaction():
        delivery = db.session.get_one(Delivery, delivery_id)
        conclude(delivery)
        return delivery.state is DeliveryState.SENT


def _claim(delivery_id: int, *, at: datetime) -> bool:
    wanted = update(Delivery).where(
        Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING, Delivery.due_at <= at
    )
    leased = wanted.values(due_at=at + LEASE, claimed_at=func.coalesce(Delivery.claimed_at, at))
    claimed = db.session.execute(leased, execution_options={"synchronize_session": False})
    return bool(cast(int, getattr(claimed, "rowcount", 0)) == 1)


def _owed(delivery: Delivery, *, at: datetime) -> tuple[str, Letter] | str:
    """What has to leave and whereto, or the code of why nothing is owed any more."""
    if delivery.is_to_a_resident:
        return residents.written(delivery, at=at)
    partner = queries.partner_of(delivery.recipient)
    event = db.session.get_one(Event, delivery.event_id)
    handover = queries.handover_of(event)
    if partner is None or not partner.email or partner.is_retired:
        return "no_address"
    if handover is not None and event.name == "handover.stopped":
        return partner.email, letters.handover_stopped(handover, number=delivery.id, at=at)
    if handover is None or handover.state is not HandoverState.OFFERED:
        return "answered"
    return partner.email, letters.handover_offered(handover, number=delivery.id, at=at)


def _sent(channel: Channel, address: str, letter: Letter, *, at: datetime) -> Callable[[Delivery], None]:
    settings = cast(Settings, current_app.config["SETTINGS"])
    try:
        channel(address, letter, settings=settings)
    except ChannelError as error:
        log.warning("message not sent", extra={"reason": error.problem})
        return partial(_refused, error=error, at=at)
    return lambda delivery: delivery.is_sent(at=at)


def _refused(delivery: Delivery, *, error: ChannelError, at: datetime) -> None:
    if not error.permanent:
        delivery.try_again_after(error.problem, at=at)
        return
    delivery.give_up(error.problem)
    if error.no_such_address and delivery.is_to_a_resident:
        residents.address_is_refused(delivery, at=at)
