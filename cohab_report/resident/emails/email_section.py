"""The section about e-mail on the receipt and the follow page. It shows the address only masked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cohab_report.intake.contacts import encryption, queries
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.models import Observation
from cohab_report.resident.emails.forms import AddressForm


class EmailStage(StrEnum):
    """How far the author of an observation is with leaving an address."""

    NONE = "none"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    UNREADABLE = "unreadable"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True)
class EmailSection:
    """The facts of the section about e-mail, and its form."""

    stage: EmailStage
    form: AddressForm
    masked: str = ""
    since: datetime | None = None
    may_ask: bool = True
    """Whether an address may be given at present; a stored one may always be erased."""


def email_section(observation: Observation, form: AddressForm | None = None) -> EmailSection | None:
    """Returns the section about e-mail.

    None once the observation is withdrawn, and where no address is stored or may be asked for.
    """
    form, contact, may_ask = (
        form or AddressForm(formdata=None),
        queries.contact_of(observation),
        encryption.is_configured(),
    )
    if observation.is_withdrawn or not (may_ask or (contact and contact.has_address)):
        return None
    if contact is None or contact.encrypted_address is None:
        is_undeliverable = contact is not None and contact.ending is Ending.UNDELIVERABLE
        return EmailSection(EmailStage.UNDELIVERABLE if is_undeliverable else EmailStage.NONE, form)
    try:
        masked = masked_address(encryption.decrypt(contact.encrypted_address))
    except encryption.UndecryptableAddress:
        return EmailSection(EmailStage.UNREADABLE, form, since=contact.asked_at, may_ask=may_ask)
    stage = EmailStage.CONFIRMED if contact.is_confirmed else EmailStage.WAITING
    return EmailSection(stage, form, masked, contact.confirmed_at or contact.asked_at, may_ask)


def email_record(contact: Contact | None) -> dict[str, object]:
    """Returns the export of a contact for its author: whether an address is stored, since when, when confirmed.

    Never the address.
    """
    if contact is None or not contact.has_address:
        return {"address_kept": False}
    return {
        "address_kept": True,
        "since": contact.asked_at.isoformat(),
        "confirmed_at": contact.confirmed_at.isoformat() if contact.confirmed_at else None,
        "language": contact.language,
    }


def masked_address(address: str) -> str:
    """Returns the address masked, `r•••@d•••.ca`: enough to recognise one's own, too little to learn another's."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"
