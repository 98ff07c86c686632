"""Tells the app what notify gives it."""

from flask import Flask

from cohab_report import jobs, journal
from cohab_report.notify import listeners, operations
from cohab_report.notify.residents.operations import RESIDENT_EVENTS
from cohab_report.routing.events import HandoverOffered, HandoverStopped, PoliceTransferred


def init_app(app: Flask) -> None:
    """Registers the listeners and the schedule by which messages are made and sent."""
    for event in (HandoverOffered, HandoverStopped, PoliceTransferred, *RESIDENT_EVENTS):
        journal.listen_after_commit(app, event, listeners.fan_out_and_deliver)
    jobs.schedule(app, operations.deliver_due_now, every=60, queue=jobs.QueueName.EMAIL)
