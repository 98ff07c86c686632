"""The schedule of recurring jobs, which packages register when the app is made; the clock follows it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import cast

from flask import Flask

from cohab_report.jobs.queues import QueueName

SCHEDULE_EXTENSION = "cohab.schedule"


@dataclass(frozen=True)
class ScheduledJob:
    """A recurring job: a function that RQ finds by its dotted name, its queue, and its time.

    `every` is in seconds; `cron` is a line of crontab, in UTC; one of them is None. After `timeout`, in seconds
    too, the worker stops it; None: RQ's three minutes.
    """

    function: Callable[[], object]
    queue: QueueName
    every: int | None
    cron: str | None
    timeout: int | None = None


def schedule(
    app: Flask,
    function: Callable[[], object],
    *,
    every: int | None = None,
    cron: str | None = None,
    queue: QueueName = QueueName.CLOCK,
    timeout: int | None = None,
) -> None:
    """Registers a recurring job, every so many seconds or by a line of crontab (UTC); it must bear running twice."""
    if (every is None) == (cron is None):
        raise ValueError(f"{function.__name__}: say either every or cron")
    app.extensions.setdefault(SCHEDULE_EXTENSION, []).append(ScheduledJob(function, queue, every, cron, timeout))


def job_schedule(app: Flask) -> Sequence[ScheduledJob]:
    """Returns the recurring jobs that packages registered, in the order of the river."""
    return cast(Sequence[ScheduledJob], app.extensions[SCHEDULE_EXTENSION])
