"""Requests the confirmation of a resident's e-mail address, confirms it, ends it. Ending always erases the address."""

import re
import secrets
from datetime import datetime, timedelta

from cohab_report import journal
from cohab_report.db import db, truncate_log_after_commit
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake.contacts import encryption, events, queries
from cohab_report.intake.contacts.encryption import CONFIRM, STOP
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.models import Observation

LONGEST_ADDRESS = 254
"""Characters of the longest address that can be delivered (RFC 5321)."""
CONFIRMATION_REQUESTS_A_DAY = 3
DAY = timedelta(days=1)
CONFIRM_WITHIN = timedelta(days=7)
_EMAIL_ADDRESS = re.compile(
    r"(?=[^@]{1,64}@)[!#-'*+/0-9=?A-Z^_`a-z{|}~-]+(?:\.[!#-'*+/0-9=?A-Z^_`a-z{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)


def request_confirmation(
    observation: Observation, address: str, *, language: str, at: datetime, held_back: bool = False
) -> Contact:
    """Stores the address encrypted and unconfirmed; its owner is sent a confirmation request and nothing else.

    No e-mail is sent when it is `held_back`, and all else is the same: whoever asks must not learn from a refusal that
    somebody else uses the address.

    Replaces any address stored before for this observation. Raises Invalid("email", malformed | too_often: three
    requests within a day), and MoveRefused for a withdrawn observation.
    """
    address = address.strip()
    if len(address) > LONGEST_ADDRESS or not _EMAIL_ADDRESS.fullmatch(address):
        raise Invalid("email", "malformed")
    if observation.is_withdrawn:
        raise MoveRefused("contact", "ended", "waiting", "withdrawn")
    contact = queries.contact_of(observation)
    if contact is None:
        contact = Contact(observation=observation)
        db.session.add(contact)
    else:
        _refuse_too_often(contact, at)
        truncate_log_after_commit()
    _store_unconfirmed_address(contact, address, language, at)
    db.session.flush()
    event = events.ContactAsked(thread=_contact_thread(contact), contact=contact.id, held_back=held_back or None)
    journal.record(event, by=journal.RESIDENT, at=at)
    return contact


def contact_to_confirm(token: str, *, at: datetime) -> Contact | None:
    """Returns the contact that this token confirms, or None: unknown, used or older than seven days."""
    contact = queries.contact_by_confirm_hash(encryption.token_hashes(token))
    return contact if contact is not None and at - contact.asked_at <= CONFIRM_WITHIN else None


def confirm(token: str, *, at: datetime) -> Contact:
    """Confirms the address of this token, which is used up. Raises MoveRefused for a token that confirms nothing."""
    contact = contact_to_confirm(token, at=at)
    if contact is None:
        raise MoveRefused("contact", "unknown", "confirmed", "token")
    contact.confirmed_at, contact.confirm_hash = at, None
    event = events.ContactConfirmed(thread=_contact_thread(contact), contact=contact.id)
    journal.record(event, by=journal.RESIDENT, at=at)
    return contact


def stop(token: str, *, at: datetime) -> None:
    """Ends the messages to the address of this token and erases it; an unknown or used token changes nothing."""
    contact = queries.contact_by_stop_hash(encryption.token_hashes(token))
    if contact is not None:
        end_contact(contact, Ending.STOPPED, by=journal.RESIDENT, at=at)


def end_contact_of(observation: Observation, ending: Ending, *, by: journal.Actor, at: datetime) -> None:
    """Erases the address of this observation, if there is one."""
    contact = queries.contact_of(observation)
    if contact is not None:
        end_contact(contact, ending, by=by, at=at)


def end_contact(contact: Contact, ending: Ending, *, by: journal.Actor, at: datetime) -> None:
    """Erases the address and its links for this reason; ended twice, the first reason stays."""
    if not contact.has_address:
        return
    contact.encrypted_address = contact.seed = contact.confirm_hash = contact.stop_hash = None
    truncate_log_after_commit()
    contact.ended_at, contact.ending = at, ending
    event = events.ContactEnded(thread=_contact_thread(contact), contact=contact.id, ending=ending.value)
    journal.record(event, by=by, at=at)


def reencrypt_all() -> tuple[int, int]:
    """Encrypts every address with the present key; returns how many were, and how many no key can decrypt."""
    reencrypted = unreadable = 0
    for contact in queries.contacts_with_address():
        try:
            contact.encrypted_address = encryption.reencrypt(contact.encrypted_address or "")
            reencrypted += 1
        except encryption.UndecryptableAddress:
            unreadable += 1
    truncate_log_after_commit()
    return reencrypted, unreadable


def _store_unconfirmed_address(contact: Contact, address: str, language: str, at: datetime) -> None:
    contact.encrypted_address, contact.language, contact.asked_at = encryption.encrypt(address), language, at
    contact.confirmed_at = contact.ended_at = contact.ending = None
    seed = contact.seed = secrets.token_urlsafe(32)
    contact.confirm_hash, contact.stop_hash = (encryption.new_token_hash(purpose, seed) for purpose in (CONFIRM, STOP))


def _refuse_too_often(contact: Contact, at: datetime) -> None:
    if queries.confirmation_requests_since(contact, at - DAY) >= CONFIRMATION_REQUESTS_A_DAY:
        raise Invalid("email", "too_often")


def _contact_thread(contact: Contact) -> str:
    return f"contact:{contact.id}"
