"""Notifying residents: which events make an e-mail, when it is due, its content when it is sent, and what a refused
address ends.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.intake.contacts import encryption
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.events import ContactAsked
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.inquiries import queries as inquiries
from cohab_report.intake.inquiries.events import InquiryAsked
from cohab_report.intake.stories import queries as stories
from cohab_report.intake.stories.queries import AuthorStory
from cohab_report.intake.stories.telling import ToldEvent
from cohab_report.journal import Event
from cohab_report.notify.channels import OutgoingMessage
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.notify.residents import messages, queries
from cohab_report.routing.events import HandoverAccepted
from cohab_report.triage.events import CaseAccepted, CaseClosed, CaseReopened, CaseReopeningRequested

NEWS_EVENTS = (CaseAccepted, CaseReopeningRequested, CaseReopened, CaseClosed, HandoverAccepted, InquiryAsked)
"""The events that residents are notified of, since they change something for them; no other one is."""
RESIDENT_EVENTS = (ContactAsked, *NEWS_EVENTS)
NEWS_DELAY = timedelta(minutes=15)
"""How long news waits for more: what happens within it is sent in one e-mail."""


def resident_recipients(event: Event) -> list[str]:
    """Returns the residents to notify of this event, such as `contact:12`."""
    if event.name == ContactAsked.name:
        return [] if event.facts.get("held_back") else [f"contact:{event.facts['contact']}"]
    if event.name not in journal.names_of(*NEWS_EVENTS):
        return []
    contacts_to_tell = (contact for contact in queries.confirmed_contacts(event) if _news_of(contact, [event])[1])
    return [f"contact:{contact.id}" for contact in contacts_to_tell]


def new_resident_delivery(event: Event, recipient: str, *, at: datetime) -> Delivery:
    """Makes the delivery: to confirm an address, due at once.

    Of news, due after the delay or with one that waits already.
    """
    delivery = Delivery(
        event_id=event.id, recipient=recipient, channel="email", state=DeliveryState.WAITING, attempts=0, due_at=at
    )
    if event.name == ContactAsked.name:
        return delivery
    waiting = queries.unclaimed_news(recipient)
    if waiting is None:
        delivery.due_at = max(at, event.happened_at + NEWS_DELAY)
    else:
        delivery.state, delivery.told_with_id = DeliveryState.TOGETHER, waiting.id
    return delivery


def resident_message(delivery: Delivery, *, at: datetime) -> tuple[str, OutgoingMessage] | str:
    """Returns the address and the message, or the code of the reason why nothing is owed any more.

    Reasons: no_address, no_server, unreadable_address, superseded, unconfirmed.
    """
    contact = queries.contact_of_recipient(delivery.recipient)
    if contact is None or contact.encrypted_address is None:
        return "no_address"
    if not encryption.is_configured():
        return "no_server"
    try:
        address = encryption.decrypt(contact.encrypted_address)
    except encryption.UndecryptableAddress:
        return "unreadable_address"
    events = queries.events_of_delivery(delivery)
    if events[0].name == ContactAsked.name:
        is_latest = contact.is_waiting and events[0].happened_at == contact.asked_at
        return (
            (address, messages.confirmation_message(contact, number=delivery.id, at=at)) if is_latest else "superseded"
        )
    if not contact.is_confirmed:
        return "unconfirmed"
    story, news = _news_of(contact, [event for event in events if _still_matters(event)])
    return (address, messages.news_message(contact, news, story, number=delivery.id, at=at)) if news else "superseded"


def erase_refused_address(delivery: Delivery, *, at: datetime) -> None:
    """Erases an address that does not exist; the follow page says why no message came."""
    contact = queries.contact_of_recipient(delivery.recipient)
    if contact is not None:
        contacts.end_contact(contact, Ending.UNDELIVERABLE, by=journal.SYSTEM, at=at)


def _news_of(contact: Contact, events: Sequence[Event]) -> tuple[AuthorStory, Sequence[ToldEvent]]:
    """Returns the story of the contact's observation, and what these events are in it: nothing where it is silent.

    That its case is to be looked at again is no part of the story, and told to who does not share it.
    """
    story = stories.story_of(contact.observation)
    told = {event.id: event for event in story.events}
    if not story.shares_a_case:
        reopening = journal.names_of(CaseReopeningRequested)
        again = [ToldEvent(event.id, event.name, event.happened_at) for event in events if event.name in reopening]
        told |= {event.id: event for event in again}
    return story, [told[event.id] for event in events if event.id in told]


def _still_matters(event: Event) -> bool:
    """Whether the event is still news: a question that was answered or ended meanwhile is none."""
    if event.name != InquiryAsked.name:
        return True
    inquiry = inquiries.inquiry_by_id(event.facts["inquiry"])
    return inquiry is not None and inquiry.is_open
