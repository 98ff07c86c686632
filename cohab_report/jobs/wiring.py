"""Gives the app its queues, a command and the relay, and its journal somebody who announces events."""

from flask import Flask

from cohab_report import journal
from cohab_report.jobs import commands, log_truncation, outbox, queues
from cohab_report.jobs.schedule import schedule
from cohab_report.settings import Settings


def init_app(app: Flask, settings: Settings) -> None:
    """Connects the app to its queues; from then on events with listeners after commit are announced."""
    queues.init_app(app, settings)
    journal.listeners(app).announce = outbox.announce
    app.cli.add_command(commands.retry_events)
    schedule(app, outbox.relay_unclaimed, every=60)
    schedule(app, log_truncation.truncate_log, every=60)
