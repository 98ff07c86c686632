"""The listeners after commit: make and send the deliveries to partners and to residents that an event is owed to."""

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import after_commit
from cohab_report.notify import operations


def fan_out_and_deliver(event: journal.Event) -> None:
    """Writes the deliveries that the event is owed to, and sends what is due once they are committed."""
    operations.fan_out(event, at=now())
    # Once what is owed is committed, whoever dies while sending is made up for by the next round of the schedule.
    after_commit(_deliver_due)


def _deliver_due() -> None:
    operations.deliver_due(at=now())
