"""The worker's part: figures are counted anew and published now and then. It is asked for by the schedule."""

from flask import current_app

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.insight import operations


def count_anew() -> int:
    """The monthly cube says what observations say now, and what may be read of it is published; returns how many months were counted.

    Twice at once is harmless. Counting is one transaction; publishing writes piece by piece, so that residents never wait for it.
    """
    with current_app.app_context():
        at = now()
        with transaction():
            months = operations.recount(at=at)
        operations.publish(at=at)
        return months
