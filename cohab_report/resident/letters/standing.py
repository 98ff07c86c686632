"""How an observation stands with e-mail, as its author reads it. The address is shown only as its outline."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from cohab_report.intake.contacts import queries, sealing
from cohab_report.intake.contacts.models import Contact, Ending
from cohab_report.intake.models import Observation
from cohab_report.resident.letters.forms import AddressForm


class Stage(StrEnum):
    """How far it is."""

    NONE = "none"
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    UNREADABLE = "unreadable"
    UNDELIVERABLE = "undeliverable"


@dataclass(frozen=True)
class Standing:
    """What the section about e-mail says, and its form."""

    stage: Stage
    form: AddressForm
    masked: str = ""
    since: datetime | None = None
    may_ask: bool = True
    """Whether an address may be given at present; one that is kept may always be erased."""


def standing_of(observation: Observation, form: AddressForm | None = None) -> Standing | None:
    """How this observation stands; None where there is nothing to say: once it is withdrawn, or where no address may be asked for."""
    form, contact, may_ask = form or AddressForm(formdata=None), queries.contact_of(observation), sealing.is_possible()
    if observation.is_withdrawn or not (may_ask or (contact and contact.is_kept)):
        return None
    if contact is None or contact.sealed is None:
        refused = contact is not None and contact.ending is Ending.UNDELIVERABLE
        return Standing(Stage.UNDELIVERABLE if refused else Stage.NONE, form)
    try:
        masked = masked_of(sealing.unseal(contact.sealed))
    except sealing.Unreadable:
        return Standing(Stage.UNREADABLE, form, since=contact.asked_at, may_ask=may_ask)
    stage = Stage.CONFIRMED if contact.is_confirmed else Stage.WAITING
    return Standing(stage, form, masked, contact.confirmed_at or contact.asked_at, may_ask)


def kept_of(contact: Contact | None) -> dict[str, object]:
    """What the author takes away of it: whether an address is kept, since when, and whether it is confirmed; never the address."""
    if contact is None or not contact.is_kept:
        return {"address_kept": False}
    confirmed = contact.confirmed_at.isoformat() if contact.confirmed_at else None
    return {
        "address_kept": True,
        "since": contact.asked_at.isoformat(),
        "confirmed_at": confirmed,
        "language": contact.language,
    }


def masked_of(address: str) -> str:
    """The outline of an address, `r•••@d•••.ca`: enough to know one's own, too little to learn another's."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"
