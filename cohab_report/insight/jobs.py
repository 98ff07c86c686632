"""The job that the schedule asks for every hour: counts the months anew and publishes the quarters that are due."""

from flask import current_app

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.insight import operations
from cohab_report.insight.publishing.operations import publish_quarters


def count_and_publish() -> int:
    """Counts every quarter anew and publishes what is due; returns how many quarters were counted.

    Twice at once is harmless. Each quarter is a transaction of its own: where one writer works at a time, residents
    never wait for long.
    """
    with current_app.app_context():
        at = now()
        quarters = operations.quarters_to_count(at=at)
        with transaction():
            operations.keep_only_quarters(quarters)
        for quarter in quarters:
            with transaction():
                operations.count_quarter(quarter, at=at)
        publish_quarters(at=at)
        return len(quarters)
