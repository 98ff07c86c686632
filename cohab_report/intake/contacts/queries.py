"""Queries of contacts. None of them takes an address: nobody can ask whether an address is stored."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from cohab_report.db import db
from cohab_report.intake.contacts.events import ContactAsked
from cohab_report.intake.contacts.models import Contact
from cohab_report.intake.models import Observation, Status
from cohab_report.journal import Event


def contact_of(observation: Observation) -> Contact | None:
    """Returns the contact of this observation, ended ones included, or None when no address was ever given."""
    return db.session.scalars(select(Contact).where(Contact.observation_id == observation.id)).one_or_none()


def contact_by_id(number: int) -> Contact | None:
    """Returns the contact of this internal number with its observation, or None."""
    return db.session.get(Contact, number, options=[joinedload(Contact.observation)])


def contact_by_confirm_hash(token_hashes: Collection[str]) -> Contact | None:
    """Returns the contact whose confirmation token has one of these hashes, one a code key, or None."""
    return db.session.scalars(select(Contact).where(Contact.confirm_hash.in_(token_hashes))).one_or_none()


def contact_by_stop_hash(token_hashes: Collection[str]) -> Contact | None:
    """Returns the contact whose stop token has one of these hashes, one a code key, or None."""
    return db.session.scalars(select(Contact).where(Contact.stop_hash.in_(token_hashes))).one_or_none()


def confirmation_requests_since(contact: Contact, instant: datetime) -> int:
    """Counts the confirmation requests of this contact since the instant."""
    requests = (
        (Event.thread == f"contact:{contact.id}") & (Event.name == ContactAsked.name) & (Event.happened_at > instant)
    )
    return db.session.scalar(select(func.count()).select_from(Event).where(requests)) or 0


def contacts_unconfirmed_since(instant: datetime) -> Sequence[Contact]:
    """Returns the contacts requested before the instant whose address is still unconfirmed."""
    unconfirmed = (Contact.encrypted_address.is_not(None), Contact.confirmed_at.is_(None), Contact.asked_at < instant)
    return db.session.scalars(select(Contact).where(*unconfirmed).order_by(Contact.asked_at)).all()


def contacts_of_finished_observations() -> Sequence[Contact]:
    """Returns the contacts with an address whose observation is finished."""
    query = select(Contact).join(Contact.observation).where(Contact.encrypted_address.is_not(None))
    finished = query.where(Observation.status.in_((Status.DONE, Status.REDIRECTED)))
    return db.session.scalars(finished.options(joinedload(Contact.observation)).order_by(Contact.id)).all()


def contacts_with_address() -> Sequence[Contact]:
    """Returns all contacts with an address."""
    return db.session.scalars(select(Contact).where(Contact.encrypted_address.is_not(None)).order_by(Contact.id)).all()
