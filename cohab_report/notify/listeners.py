"""What notify hears of upstream, after commit: a partner to whom a case was offered is told."""

from flask import Flask

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import after_commit
from cohab_report.notify import operations


def init_app(app: Flask) -> None:
    """From now on a worker tells the partner of each case that is offered to it."""
    journal.listen_after_commit(app, "handover.offered", _tell)


def _tell(event: journal.Event) -> None:
    operations.fan_out(event, at=now())
    # Once what is owed is committed, whoever dies while sending is made up for by the next round of the schedule.
    after_commit(_send)


def _send() -> None:
    operations.deliver_due(at=now())
