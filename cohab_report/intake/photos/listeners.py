"""Listens to received photos after commit, so that the worker of the pictures queue re-encodes them."""

from cohab_report import journal
from cohab_report.db import after_commit
from cohab_report.intake.photos import jobs
from cohab_report.jobs import QueueName, enqueue_once


def reencode_received_photo(event: journal.Event) -> None:
    """Has the received photo re-encoded once the event is committed."""
    photo_id = int(event.facts["photo"])
    # On a queue of its own, so that no event waits for a picture. If its job gets lost, the schedule tries again.
    after_commit(lambda: enqueue_once(jobs.reencode_photo, photo_id, queue=QueueName.PICTURES))
