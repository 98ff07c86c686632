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

    @property
    def is_kept(self) -> bool:
        """Whether an address is kept at all, so that it may be changed and erased."""
        return self.stage in (Stage.WAITING, Stage.CONFIRMED, Stage.UNREADABLE)


def standing_of(observation: Observation, form: AddressForm | None = None) -> Standing | None:
    """How this observation stands; None where no address is asked for: without a key, or once it is withdrawn."""
    if not sealing.is_possible() or observation.is_withdrawn:
        return None
    form, contact = form or AddressForm(formdata=None), queries.contact_of(observation)
    if contact is None or contact.sealed is None:
        refused = contact is not None and contact.ending is Ending.UNDELIVERABLE
        return Standing(Stage.UNDELIVERABLE if refused else Stage.NONE, form)
    try:
        masked = masked_of(sealing.unseal(contact.sealed))
    except sealing.Unreadable:
        return Standing(Stage.UNREADABLE, form, since=contact.asked_at)
    return Standing(Stage.CONFIRMED if contact.is_confirmed else Stage.WAITING, form, masked, contact.confirmed_at or contact.asked_at)


def kept_of(contact: Contact | None) -> dict[str, object]:
    """What the author takes away of it: whether an address is kept, since when, and whether it is confirmed; never the address."""
    if contact is None or not contact.is_kept:
        return {"address_kept": False}
    confirmed = contact.confirmed_at.isoformat() if contact.confirmed_at else None
    return {"address_kept": True, "since": contact.asked_at.isoformat(), "confirmed_at": confirmed, "language": contact.language}


def masked_of(address: str) -> str:
    """The outline of an address, `r•••@d•••.ca`: enough to know one's own, too little to learn another's."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"
