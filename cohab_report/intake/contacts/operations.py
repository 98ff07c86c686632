"""What may be done with a resident's address: ask for its confirmation, confirm it, end it. Whoever ends it erases it."""

import re
import secrets
from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake.contacts import queries, sealing
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.contacts.sealing import CONFIRM, STOP
from cohab_report.intake.models import Observation

LONGEST = 254
"""Signs of an address that can be delivered at all (RFC 5321)."""
ASKINGS_A_DAY = 3
DAY = timedelta(days=1)
CONFIRM_WITHIN = timedelta(days=7)
_ADDRESS = re.compile(
    r"(?=[^@]{1,64}@)[!#-'*+/0-9=?A-Z^_`a-z{|}~-]+(?:\.[!#-'*+/0-9=?A-Z^_`a-z{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)


def ask(observation: Observation, address: str, *, language: str, at: datetime) -> Contact:
    """The address is kept, encrypted, and its owner will be asked to confirm it; nothing else is sent to it before.

    Asked again it is the same, whatever was kept before. Raises Invalid("email", malformed | too_often: three times within a day), and
    MoveRefused for an observation that was withdrawn.
    """
    address = address.strip()
    if len(address) > LONGEST or not _ADDRESS.fullmatch(address):
        raise Invalid("email", "malformed")
    if observation.is_withdrawn:
        raise MoveRefused("contact", "ended", "waiting", "withdrawn")
    contact = queries.contact_of(observation)
    if contact is None:
        contact = Contact(observation_id=observation.id, observation=observation)
        db.session.add(contact)
    else:
        _refuse_too_often(contact, at)
    _wait(contact, address, language, at)
    db.session.flush()
    facts = {"contact": contact.id}
    journal.record("contact.asked", thread=_thread(contact), by=journal.RESIDENT, at=at, facts=facts)
    return contact


def to_confirm(token: str, *, at: datetime) -> Contact | None:
    """The contact that this token would confirm now; None for one that is unknown, used or older than seven days."""
    contact = queries.by_confirm_hash(sealing.hash_of(token))
    return contact if contact is not None and at - contact.asked_at <= CONFIRM_WITHIN else None


def confirm(token: str, *, at: datetime) -> Contact:
    """The owner of the address wants the messages; the token is used up. Raises MoveRefused for a token that confirms nothing."""
    contact = to_confirm(token, at=at)
    if contact is None:
        raise MoveRefused("contact", "unknown", "confirmed", "token")
    contact.confirmed_at, contact.confirm_hash = at, None
    journal.record(
        "contact.confirmed", thread=_thread(contact), by=journal.RESIDENT, at=at, facts={"contact": contact.id}
    )
    return contact


def stop(token: str, *, at: datetime) -> None:
    """No message is sent to the address of this token any more, and it is erased; a token that is unknown or used changes nothing."""
    contact = queries.by_stop_hash(sealing.hash_of(token))
    if contact is not None:
        end(contact, Ending.STOPPED, by=journal.RESIDENT, at=at)


def end_of(observation: Observation, ending: Ending, *, by: journal.Actor, at: datetime) -> None:
    """No address is kept of this observation."""
    contact = queries.contact_of(observation)
    if contact is not None:
        end(contact, ending, by=by, at=at)


def end(contact: Contact, ending: Ending, *, by: journal.Actor, at: datetime) -> None:
    """The address and its links are erased for this reason; ended twice, the first reason stays."""
    if not contact.is_kept:
        return
    contact.sealed = contact.seed = contact.confirm_hash = contact.stop_hash = None
    contact.ended_at, contact.ending = at, ending
    facts = {"contact": contact.id, "ending": ending.value}
    journal.record("contact.ended", thread=_thread(contact), by=by, at=at, facts=facts)


def reseal_all() -> tuple[int, int]:
    """Each address is encrypted with the present key; returns how many were, and how many no key can read any more."""
    done = unreadable = 0
    for contact in queries.kept():
        try:
            contact.sealed = sealing.reseal(contact.sealed or "")
            done += 1
        except sealing.Unreadable:
            unreadable += 1
    return done, unreadable


def _wait(contact: Contact, address: str, language: str, at: datetime) -> None:
    contact.sealed, contact.language, contact.asked_at = sealing.seal(address), language, at
    contact.confirmed_at = contact.ended_at = contact.ending = None
    seed = contact.seed = secrets.token_urlsafe(32)
    contact.confirm_hash, contact.stop_hash = (
        sealing.hash_of(sealing.token_for(purpose, seed)) for purpose in (CONFIRM, STOP)
    )


def _refuse_too_often(contact: Contact, at: datetime) -> None:
    if queries.askings_since(contact, at - DAY) >= ASKINGS_A_DAY:
        raise Invalid("email", "too_often")


def _thread(contact: Contact) -> str:
    return f"contact:{contact.id}"
