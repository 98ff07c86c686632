"""The listeners after commit: make and send the deliveries to partners and to residents that an event is owed to."""

from flask import Flask

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import after_commit
from cohab_report.notify import operations
from cohab_report.notify.residents import operations as residents
from cohab_report.routing.events import HandoverOffered, HandoverStopped


def init_app(app: Flask) -> None:
    """Registers the listeners: a worker notifies partners of handovers, and residents of changes and of the address to
    confirm.
    """
    for event in (HandoverOffered, HandoverStopped, *residents.RESIDENT_EVENTS):
        journal.listen_after_commit(app, event, _fan_out)


def _fan_out(event: journal.Event) -> None:
    operations.fan_out(event, at=now())
    # Once what is owed is committed, whoever dies while sending is made up for by the next round of the schedule.
    after_commit(_deliver_due)


def _deliver_due() -> None:
    operations.deliver_due(at=now())
