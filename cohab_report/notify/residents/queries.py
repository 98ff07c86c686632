"""Answers about residents who are to be told: who follows what happened, and what is told in one letter."""

from collections.abc import Sequence

from sqlalchemy import select

from cohab_report.db import db
from cohab_report.intake.contacts import queries as contacts
from cohab_report.intake.contacts.models import Contact
from cohab_report.journal import Event
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.triage.models import CaseObservation

ASKED = "contact.asked"


def contact_of(recipient: str) -> Contact | None:
    """The contact that `contact:12` names, or None when there is none any more."""
    number = recipient.removeprefix("contact:")
    return contacts.by_number(int(number)) if number.isascii() and number.isdigit() else None


def following(event: Event) -> Sequence[int]:
    """Contacts whose owner had confirmed the address when this happened, to their observation or to the case that it belongs to.

    They are held until the transaction ends: two workers with two events then write down one letter, not two.
    """
    query = select(Contact.id).where(Contact.sealed.is_not(None), Contact.confirmed_at <= event.happened_at)
    if "observation" in event.facts:
        query = query.where(Contact.observation_id == event.facts["observation"])
    else:
        theirs = select(CaseObservation.observation_id).where(CaseObservation.case_id == event.facts.get("case"))
        query = query.where(Contact.observation_id.in_(theirs))
    return db.session.scalars(query.order_by(Contact.id).with_for_update()).all()


def letter_in_waiting(recipient: str) -> Delivery | None:
    """The delivery of news to this recipient that nobody has set out to send yet, held so until the transaction ends; or None."""
    query = (
        select(Delivery)
        .join(Event, Event.id == Delivery.event_id)
        .where(Delivery.recipient == recipient, Event.name != ASKED)
    )
    untouched = (
        query.where(Delivery.state == DeliveryState.WAITING, Delivery.claimed_at.is_(None))
        .order_by(Delivery.id)
        .limit(1)
    )
    return db.session.scalars(untouched.with_for_update(of=Delivery)).one_or_none()


def told_in(delivery: Delivery) -> Sequence[Event]:
    """What this delivery's letter tells, the oldest first: its own event and those of the deliveries that joined it."""
    mine = (Delivery.id == delivery.id) | (Delivery.told_with_id == delivery.id)
    query = select(Event).join(Delivery, Delivery.event_id == Event.id).where(mine)
    return db.session.scalars(query.order_by(Event.happened_at, Event.id)).all()
