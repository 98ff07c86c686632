"""Tells the app what notify gives it."""

from flask import Flask

from cohab_report import jobs
from cohab_report.notify import listeners, operations


def init_app(app: Flask) -> None:
    """Registers the listeners and the schedule by which messages are made and sent."""
    listeners.init_app(app)
    jobs.schedule(app, operations.deliver_due_now, every=60)
