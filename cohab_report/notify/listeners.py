"""What notify hears of upstream, after commit: partners to whom a case is offered are told, and residents who asked for it."""

from flask import Flask

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import after_commit
from cohab_report.notify import operations
from cohab_report.notify.residents import operations as residents


def init_app(app: Flask) -> None:
    """From now on a worker tells the partner of each case that is offered to it, and residents of what changes for them."""
    for name in ("handover.offered", "handover.stopped", *residents.HEARD):
        journal.listen_after_commit(app, name, _tell)


def _tell(event: journal.Event) -> None:
    operations.fan_out(event, at=now())
    # Once what is owed is committed, whoever dies while sending is made up for by the next round of the schedule.
    after_commit(_send)


def _send() -> None:
    operations.deliver_due(at=now())
