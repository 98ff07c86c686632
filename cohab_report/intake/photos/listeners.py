"""Listens to received photos after commit, so that a worker re-encodes them."""

from cohab_report import journal
from cohab_report.db import after_commit
from cohab_report.intake.photos import jobs


def reencode_received_photo(event: journal.Event) -> None:
    """Re-encodes the received photo once the event is committed."""
    photo_id = int(event.facts["photo"])
    # After the event's own transaction, so that no lock is held while a picture is decoded. If the worker dies,
    # the schedule tries again.
    after_commit(lambda: jobs.reencode_photo(photo_id))
