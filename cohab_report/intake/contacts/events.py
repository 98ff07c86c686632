"""What happens to the e-mail address that an author leaves; no page shows it, and no event holds the address."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent, optional_fact


@dataclass(frozen=True, kw_only=True)
class ContactEvent(JournalEvent):
    """Something happened to a contact."""

    has_caption = False
    contact: int


@dataclass(frozen=True, kw_only=True)
class ContactAsked(ContactEvent):
    """An author left an address, which is to be confirmed; `held_back` when its mailbox was sent enough for a day."""

    name = "contact.asked"
    held_back: bool | None = optional_fact()


@dataclass(frozen=True, kw_only=True)
class ContactConfirmed(ContactEvent):
    """The address was confirmed by its link."""

    name = "contact.confirmed"


@dataclass(frozen=True, kw_only=True)
class ContactEnded(ContactEvent):
    """The address was erased."""

    name = "contact.ended"
    ending: str
    """The code of the reason, as in `Ending`."""
