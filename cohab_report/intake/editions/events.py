"""What happens to the public list and map at night."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class EditionMade(JournalEvent):
    """A night's edition was made; its thread is `edition:` and the city's day."""

    name = "edition.made"
    has_caption = False
    left: int
    """How many observations left the public list and map with it, for whatever reason."""
