"""The listeners after commit: write the deliveries to partners and to residents that an event is owed to, and have them
sent by the worker of the e-mail queue.
"""

from cohab_report import jobs, journal
from cohab_report.clock import now
from cohab_report.db import after_commit
from cohab_report.notify import operations, queries


def fan_out_and_deliver(event: journal.Event) -> None:
    """Writes the deliveries that the event is owed to, and has what is due sent once they are committed."""
    at = now()
    operations.fan_out(event, at=at)
    if queries.due_delivery_ids(at=at, limit=1):
        after_commit(_queue_sending)


def _queue_sending() -> None:
    jobs.enqueue_once(operations.deliver_due_now, queue=jobs.QueueName.EMAIL)
