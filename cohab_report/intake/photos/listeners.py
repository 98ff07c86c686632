"""What the darkroom hears of, after commit: a photo that was received is developed by a worker."""

from flask import Flask

from cohab_report import journal
from cohab_report.db import after_commit
from cohab_report.intake.photos import jobs


def init_app(app: Flask) -> None:
    """From now on a worker develops each photo that comes."""
    journal.listen_after_commit(app, "photo.received", _develop)


def _develop(event: journal.Event) -> None:
    photo_id = int(event.facts["photo"])
    # After the event's own transaction, so that no lock is held while a picture is decoded. Whoever dies over it is made up for by the
    # schedule: a photo that is still received has no other way to go.
    after_commit(lambda: jobs.develop(photo_id))
