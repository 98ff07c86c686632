"""Listens to received photos after commit, so that a worker re-encodes them."""

from flask import Flask

from cohab_report import journal
from cohab_report.db import after_commit
from cohab_report.intake.photos import jobs
from cohab_report.intake.photos.events import PhotoReceived


def init_app(app: Flask) -> None:
    """Registers the listener that has each received photo re-encoded."""
    journal.listen_after_commit(app, PhotoReceived, _queue_reencoding)


def _queue_reencoding(event: journal.Event) -> None:
    photo_id = int(event.facts["photo"])
    # After the event's own transaction, so that no lock is held while a picture is decoded. If the worker dies,
    # the schedule tries again.
    after_commit(lambda: jobs.reencode_photo(photo_id))
