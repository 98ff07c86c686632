"""Tells the app what notify gives it."""

from flask import Flask

from cohab_report import jobs, journal
from cohab_report.clock import now
from cohab_report.metrics import provide_metric, provide_metrics
from cohab_report.notify import listeners, operations, queries
from cohab_report.notify.residents.operations import RESIDENT_EVENTS
from cohab_report.routing.events import HandoverOffered, HandoverStopped, PoliceTransferred


def init_app(app: Flask) -> None:
    """Registers the listeners and the schedule by which messages are made and sent."""
    for event in (HandoverOffered, HandoverStopped, PoliceTransferred, *RESIDENT_EVENTS):
        journal.listen_after_commit(app, event, listeners.fan_out_and_deliver)
    provide_metrics(app, "messages", "Messages not sent yet.", label="state", values=queries.unsent_counts)
    provide_metric(
        app, "message_age_seconds", "How long the first of them is due.", lambda: queries.longest_due(at=now())
    )
    jobs.schedule(app, operations.deliver_due_now, every=60, queue=jobs.QueueName.EMAIL)
