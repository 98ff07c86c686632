"""Answers about contacts. None of them takes an address: nobody can ask whether one is known."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from cohab_report.db import db
from cohab_report.intake.contacts.models import Contact
from cohab_report.intake.models import Observation, Status
from cohab_report.journal import Event


def contact_of(observation: Observation) -> Contact | None:
    """The contact of this observation, ended ones included, or None when nobody ever left an address."""
    return db.session.scalars(select(Contact).where(Contact.observation_id == observation.id)).one_or_none()


def by_number(number: int) -> Contact | None:
    """The contact of this number, with its observation, or None."""
    return db.session.get(Contact, number, options=[joinedload(Contact.observation)])


def by_confirm_hash(token_hash: str) -> Contact | None:
    """The contact that this token may confirm, or None."""
    return db.session.scalars(select(Contact).where(Contact.confirm_hash == token_hash)).one_or_none()


def by_stop_hash(token_hash: str) -> Contact | None:
    """The contact that this token may end, or None."""
    return db.session.scalars(select(Contact).where(Contact.stop_hash == token_hash)).one_or_none()


def askings_since(contact: Contact, instant: datetime) -> int:
    """How many times a letter to confirm was asked for since then."""
    thread = (Event.thread == f"contact:{contact.id}") & (Event.name == "contact.asked") & (Event.happened_at > instant)
    return db.session.scalar(select(func.count()).select_from(Event).where(thread)) or 0


def unconfirmed_before(instant: datetime) -> Sequence[Contact]:
    """Contacts asked for before the instant whose address nobody confirmed."""
    waiting = (Contact.sealed.is_not(None), Contact.confirmed_at.is_(None), Contact.asked_at < instant)
    return db.session.scalars(select(Contact).where(*waiting).order_by(Contact.asked_at)).all()


def kept_of_finished() -> Sequence[Contact]:
    """Contacts with an address whose observation is finished."""
    query = select(Contact).join(Contact.observation).where(Contact.sealed.is_not(None))
    finished = query.where(Observation.status.in_((Status.DONE, Status.REDIRECTED)))
    return db.session.scalars(finished.options(joinedload(Contact.observation)).order_by(Contact.id)).all()


def kept() -> Sequence[Contact]:
    """All contacts with an address."""
    return db.session.scalars(select(Contact).where(Contact.sealed.is_not(None)).order_by(Contact.id)).all()
