"""The worker's part: the monthly cube is counted anew now and then, in a transaction of its own. It is asked for by the schedule."""

from flask import current_app

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.insight import operations


def count_anew() -> int:
    """The monthly cube says what observations say now; returns how many months were counted. Twice at once is harmless."""
    with current_app.app_context(), transaction():
        return operations.recount(at=now())
