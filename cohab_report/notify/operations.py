"""Sending notifications: a delivery is written for each recipient first, and each message is sent outside of any
transaction.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from sqlalchemy import func, update
from sqlalchemy.exc import IntegrityError

from cohab_report import journal
from cohab_report.db import claim_row, db, transaction
from cohab_report.errors import MoveRefused
from cohab_report.journal import Event
from cohab_report.notify import messages, queries
from cohab_report.notify.channels import ChannelError, OutgoingMessage, email
from cohab_report.notify.events import DeliveryRetried
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.notify.residents import operations as residents
from cohab_report.partners.models import Person
from cohab_report.routing.events import HandoverStopped
from cohab_report.routing.models import HandoverState
from cohab_report.scheduled_jobs import job_now
from cohab_report.settings import Settings, current_settings

log = logging.getLogger(__name__)
DELIVERY_LEASE = timedelta(seconds=200)
"""How long the worker that claimed a delivery has to send it; then another one may claim it."""


class SendingChannel(Protocol):
    """A channel: sends a message to an address, or raises ChannelError."""

    def __call__(self, address: str, message: OutgoingMessage, *, settings: Settings) -> None:
        """Sends the message."""
        ...


SENDING_CHANNELS: Mapping[str, SendingChannel] = {"email": email.send_email}


def fan_out(event: Event, *, at: datetime) -> None:
    """Writes a delivery for each recipient of this event, once however often this is repeated."""
    for recipient in _recipients(event):
        if queries.delivery_for(event, recipient) is not None:
            continue
        try:
            with db.session.begin_nested():
                db.session.add(_new_delivery(event, recipient, at=at))
        except IntegrityError:
            log.info("delivery exists already", extra={"event": event.id})


def deliver_due(*, at: datetime) -> int:
    """Sends, postpones or gives up each message that is due; returns how many were sent.

    Never call it inside a transaction.
    """
    return sum(_deliver(delivery_id, at=at) for delivery_id in queries.due_delivery_ids(at=at))


deliver_due_now = job_now(deliver_due, in_transaction=False)
"""Scheduled every minute."""


def retry(delivery: Delivery, *, by: Person, at: datetime) -> None:
    """Makes the message due at once, with all retries again; raises MoveRefused for a sent one."""
    if delivery.state is DeliveryState.SENT:
        raise MoveRefused("delivery", delivery.state.value, DeliveryState.WAITING.value, "sent")
    delivery.state, delivery.due_at, delivery.attempts = DeliveryState.WAITING, at, 0
    event = DeliveryRetried(thread=f"delivery:{delivery.id}", delivery=delivery.id)
    journal.record(event, by=by, at=at)


def _recipients(event: Event) -> list[str]:
    if event.name in journal.names_of(*residents.RESIDENT_EVENTS):
        return residents.resident_recipients(event)
    partner = queries.partner_of(f"partner:{event.facts.get('partner')}")
    return [f"partner:{partner.id}"] if partner is not None and partner.email else []


def _new_delivery(event: Event, recipient: str, *, at: datetime) -> Delivery:
    if event.name in journal.names_of(*residents.RESIDENT_EVENTS):
        return residents.new_resident_delivery(event, recipient, at=at)
    return Delivery(
        event_id=event.id, recipient=recipient, channel="email", state=DeliveryState.WAITING, attempts=0, due_at=at
    )


def _deliver(delivery_id: int, *, at: datetime) -> bool:
    # Three short transactions and none while sending: SQLite has one writer, and a slow mail server would stop every
    # resident.
    with transaction():
        is_claimed = _claim(delivery_id, at=at)
    if not is_claimed:
        return False
    with transaction():
        delivery = db.session.get_one(Delivery, delivery_id)
        channel, message = SENDING_CHANNELS[delivery.channel], _message_or_reason(delivery, at=at)
        if isinstance(message, str):
            delivery.give_up(message)
            return False
    conclude = _send_and_conclude(channel, *message, at=at)
    with transaction():
        delivery = db.session.get_one(Delivery, delivery_id)
        conclude(delivery)
        return delivery.state is DeliveryState.SENT


def _claim(delivery_id: int, *, at: datetime) -> bool:
    claimable = update(Delivery).where(
        Delivery.id == delivery_id, Delivery.state == DeliveryState.WAITING, Delivery.due_at <= at
    )
    return claim_row(claimable.values(due_at=at + DELIVERY_LEASE, claimed_at=func.coalesce(Delivery.claimed_at, at)))


def _message_or_reason(delivery: Delivery, *, at: datetime) -> tuple[str, OutgoingMessage] | str:
    """Returns address and message, or the code of the reason why nothing is owed any more."""
    if delivery.is_to_a_resident:
        return residents.resident_message(delivery, at=at)
    partner = queries.partner_of(delivery.recipient)
    event = db.session.get_one(Event, delivery.event_id)
    handover = queries.handover_of(event)
    if partner is None or not partner.email or partner.is_retired:
        return "no_address"
    if handover is not None and event.name == HandoverStopped.name:
        return partner.email, messages.handover_stopped_message(handover, number=delivery.id, at=at)
    if handover is None or handover.state is not HandoverState.OFFERED:
        return "answered"
    return partner.email, messages.handover_offered_message(handover, number=delivery.id, at=at)


def _send_and_conclude(
    channel: SendingChannel, address: str, message: OutgoingMessage, *, at: datetime
) -> Callable[[Delivery], None]:
    try:
        channel(address, message, settings=current_settings())
    except ChannelError as error:
        log.warning("message not sent", extra={"reason": error.problem})
        return partial(_conclude_refusal, error=error, at=at)
    return lambda delivery: delivery.is_sent(at=at)


def _conclude_refusal(delivery: Delivery, *, error: ChannelError, at: datetime) -> None:
    if not error.permanent:
        delivery.try_again_after(error.problem, at=at)
        return
    delivery.give_up(error.problem)
    if error.no_such_address and delivery.is_to_a_resident:
        residents.erase_refused_address(delivery, at=at)
