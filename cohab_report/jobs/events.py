"""What admins do with events that were set aside."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class EventPutBack(JournalEvent):
    """An event whose listeners had failed too often is tried anew."""

    name = "event.put_back"
    has_caption = False
    event: int
