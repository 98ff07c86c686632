"""Telling residents: which events are worth a letter, when it is due, what it says when its time has come, and what a refusal ends."""

from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts import sealing
from cohab_report.intake.contacts.models import Ending
from cohab_report.intake.inquiries import queries as inquiries
from cohab_report.journal import Event
from cohab_report.notify.channels import Letter
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.notify.residents import letters, queries
from cohab_report.notify.residents.queries import ASKED

NEWS = ("case.accepted", "case.reopening_requested", "case.closed", "handover.accepted", "inquiry.asked")
"""What changes something for whoever follows an observation; nothing else that happens inside is told."""
HEARD = (ASKED, *NEWS)
SETTLES = timedelta(minutes=15)
"""How long news waits for more: what happens within it is told in one letter."""


def recipients(event: Event) -> list[str]:
    """Whom of the residents this event concerns, such as `contact:12`."""
    if event.name == ASKED:
        return [f"contact:{event.facts['contact']}"]
    return [f"contact:{number}" for number in queries.following(event)] if event.name in NEWS else []


def owed(event: Event, recipient: str, *, at: datetime) -> Delivery:
    """The delivery to write down: to confirm at once; news after it has settled, or with the letter that waits already."""
    made = Delivery(
        event_id=event.id, recipient=recipient, channel="email", state=DeliveryState.WAITING, attempts=0, due_at=at
    )
    if event.name == ASKED:
        return made
    waiting = queries.letter_in_waiting(recipient)
    if waiting is None:
        made.due_at = max(at, event.happened_at + SETTLES)
    else:
        made.state, made.told_with_id = DeliveryState.TOGETHER, waiting.id
    return made


def written(delivery: Delivery, *, at: datetime) -> tuple[str, Letter] | str:
    """The address and the letter, or why nothing is owed any more: no_address, no_server, unreadable_address, superseded, unconfirmed."""
    contact = queries.contact_of(delivery.recipient)
    if contact is None or contact.sealed is None:
        return "no_address"
    if not sealing.is_possible():
        return "no_server"
    try:
        address = sealing.unseal(contact.sealed)
    except sealing.Unreadable:
        return "unreadable_address"
    events = queries.told_in(delivery)
    if events[0].name == ASKED:
        is_latest = contact.is_waiting and events[0].happened_at == contact.asked_at
        return (address, letters.to_confirm(contact, number=delivery.id, at=at)) if is_latest else "superseded"
    if not contact.is_confirmed:
        return "unconfirmed"
    events = [event for event in events if _still_matters(event)]
    return (address, letters.news(contact, events, number=delivery.id, at=at)) if events else "superseded"


def address_is_refused(delivery: Delivery, *, at: datetime) -> None:
    """The address does not exist: it is erased, and the follow page says why no message came."""
    contact = queries.contact_of(delivery.recipient)
    if contact is not None:
        contacts.end(contact, Ending.UNDELIVERABLE, by=journal.SYSTEM, at=at)


def _still_matters(event: Event) -> bool:
    """A question that was answered meanwhile is no news; whatever else happened did."""
    if event.name != "inquiry.asked":
        return True
    inquiry = inquiries.by_number(event.facts["inquiry"])
    return inquiry is not None and inquiry.is_open
