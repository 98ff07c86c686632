"""Queries for the e-mails to residents: who is to be notified of an event, and which events go into one e-mail."""

from collections.abc import Sequence

from sqlalchemy import CompoundSelect, select

from cohab_report.db import db
from cohab_report.intake.contacts import queries as contacts
from cohab_report.intake.contacts.events import ContactAsked
from cohab_report.intake.contacts.models import Contact
from cohab_report.journal import Event
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.triage.merges.models import Merge, ObservationBeforeMerge
from cohab_report.triage.models import CaseObservation


def contact_of_recipient(recipient: str) -> Contact | None:
    """Returns the contact of a recipient such as `contact:12`, or None when there is none any more."""
    number = recipient.removeprefix("contact:")
    return contacts.contact_by_id(int(number)) if number.isascii() and number.isdigit() else None


def confirmed_contacts(event: Event) -> Sequence[Contact]:
    """Returns the contacts, confirmed when this happened, of the event's observation or of the observations of
    its case.

    Locks them until the transaction ends: two workers with two events then write one delivery of news, not two.
    """
    query = select(Contact).where(Contact.encrypted_address.is_not(None), Contact.confirmed_at <= event.happened_at)
    if "observation" in event.facts:
        query = query.where(Contact.observation_id == event.facts["observation"])
    else:
        query = query.where(Contact.observation_id.in_(_observations_of_case(event.facts.get("case"))))
    return db.session.scalars(query.order_by(Contact.id).with_for_update()).all()


def _observations_of_case(case_id: object) -> CompoundSelect[int]:
    """Selects the ids of a case's observations, and of those that a merge took from it since."""
    present = select(CaseObservation.observation_id).where(CaseObservation.case_id == case_id)
    moved = (
        select(ObservationBeforeMerge.observation_id)
        .join(Merge, Merge.id == ObservationBeforeMerge.merge_id)
        .where(Merge.case_id == case_id, ObservationBeforeMerge.case_id == case_id)
    )
    return present.union(moved)


def unclaimed_news(recipient: str) -> Delivery | None:
    """Returns the delivery of news to this recipient that no worker has claimed yet, or None.

    Locks it until the transaction ends.
    """
    query = (
        select(Delivery)
        .join(Event, Event.id == Delivery.event_id)
        .where(Delivery.recipient == recipient, Event.name != ContactAsked.name)
    )
    untouched = (
        query.where(Delivery.state == DeliveryState.WAITING, Delivery.claimed_at.is_(None))
        .order_by(Delivery.id)
        .limit(1)
    )
    return db.session.scalars(untouched.with_for_update(of=Delivery)).one_or_none()


def events_of_delivery(delivery: Delivery) -> Sequence[Event]:
    """Returns the events of this delivery's e-mail, the oldest first: its own and those of the deliveries that are sent
    with it.
    """
    is_in_email = (Delivery.id == delivery.id) | (Delivery.told_with_id == delivery.id)
    query = select(Event).join(Delivery, Delivery.event_id == Event.id).where(is_in_email)
    return db.session.scalars(query.order_by(Event.happened_at, Event.id)).all()
