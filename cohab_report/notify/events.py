"""What admins do with deliveries."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class DeliveryRetried(JournalEvent):
    """A delivery that waited or was given up is tried anew."""

    name = "delivery.retried"
    has_caption = False
    delivery: int
