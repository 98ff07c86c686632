"""The worker's part: figures are counted anew and published now and then. It is asked for by the schedule."""

from flask import current_app

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.insight import operations
from cohab_report.insight.publishing.operations import publish


def count_anew() -> int:
    """The monthly cube says what observations say now, and what may be read of it is published; returns how many quarters were counted.

    Twice at once is harmless. Each quarter is a transaction of its own: where one writer works at a time, residents never wait for long.
    """
    with current_app.app_context():
        at = now()
        quarters = operations.quarters_to_count(at=at)
        with transaction():
            operations.forget_counts_outside(quarters)
        for quarter in quarters:
            with transaction():
                operations.count(quarter, at=at)
        publish(at=at)
        return len(quarters)
