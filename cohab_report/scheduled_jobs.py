"""Makes the jobs of operations that the schedule runs at the present time; the operations know no clock."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import TypeVar

from flask import current_app

from cohab_report.clock import now
from cohab_report.db import transaction

Result = TypeVar("Result")


def job_now(operation: Callable[..., Result], *, in_transaction: bool = True) -> Callable[[], Result]:
    """Returns the job that runs `operation(at=now())` in a context and, unless it makes its own, in a transaction.

    Assign it in the operation's module to the operation's name and `_now`: by that name, workers import it.
    """

    def job() -> Result:
        with current_app.app_context(), transaction() if in_transaction else nullcontext():
            return operation(at=now())

    job.__module__, job.__doc__ = operation.__module__, f"Runs `{operation.__name__}` at the present time."
    job.__name__ = job.__qualname__ = f"{operation.__name__}_now"
    return job
