"""Gives the app its queues, a command and the relay, and its journal somebody who announces events."""

from flask import Flask

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.jobs import commands, log_truncation, monitoring, outbox, queues
from cohab_report.jobs.schedule import schedule
from cohab_report.metrics import provide_metric, provide_metrics
from cohab_report.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Connects the app to its queues; from then on events with listeners after commit are announced."""
    queues.init_app(app, settings)
    journal.listeners(app).announce = outbox.announce
    app.cli.add_command(commands.retry_events)
    schedule(app, outbox.relay_unclaimed, every=60)
    schedule(app, log_truncation.truncate_log, every=60)
    _provide_queue_metrics(app)
    _provide_event_metrics(app)


def _provide_queue_metrics(app: Flask) -> None:
    for name, description, values in (
        ("queue_jobs", "Jobs that wait in this queue.", monitoring.waiting_jobs),
        ("queue_age_seconds", "How long this queue's first job has waited.", lambda: monitoring.queue_ages(at=now())),
        ("queue_failed_jobs", "Jobs of this queue that failed in the last days.", monitoring.failed_jobs),
        ("queue_workers", "Workers that serve this queue.", lambda: monitoring.worker_counts(at=now())),
    ):
        provide_metrics(app, name, description, label="queue", values=values)
    provide_metric(app, "clock_age_seconds", "Since the clock's sign of life.", lambda: monitoring.clock_age(at=now()))


def _provide_event_metrics(app: Flask) -> None:
    provide_metric(app, "events_waiting", "Events whose listeners were not called yet.", journal.waiting_count)
    provide_metric(
        app, "events_age_seconds", "How long the first of these has waited.", lambda: journal.waiting_age(at=now())
    )
    provide_metric(app, "events_set_aside", "Events whose listeners failed too often.", journal.set_aside_count)
