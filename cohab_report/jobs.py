"""The job queue (RQ): announces committed events to a worker, and relays those that no worker was informed of.

A queue server that is down loses nothing: events stay unclaimed in the database, and `relay_unclaimed` enqueues them
later.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

import redis
from flask import Flask, current_app
from rq import Queue, Worker

from cohab_report import journal
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.settings import Settings

log = logging.getLogger(__name__)
QUEUE_NAME = "cohab"
CONNECT_SECONDS = 0.5
SCHEDULE_EXTENSION = "cohab.schedule"


@dataclass(frozen=True)
class ScheduledJob:
    """A recurring job: a function that RQ finds by its dotted name, its queue, and its time.

    `every` is in seconds; `cron` is a line of crontab, in UTC; one of them is None.
    """

    function: Callable[[], object]
    queue: str
    every: int | None
    cron: str | None


def init_app(app: Flask, settings: Settings) -> None:
    """Connects the app to its queue; from then on events with listeners after commit are announced on it."""
    connection = redis.Redis.from_url(settings.queue_url, socket_connect_timeout=CONNECT_SECONDS)
    app.extensions["queue"] = Queue(QUEUE_NAME, connection=connection)
    journal.listeners(app).announce = announce
    app.extensions[SCHEDULE_EXTENSION] = []
    schedule(app, relay_unclaimed, every=60)


def schedule(
    app: Flask,
    function: Callable[[], object],
    *,
    every: int | None = None,
    cron: str | None = None,
    queue: str = QUEUE_NAME,
) -> None:
    """Registers a recurring job, every so many seconds or by a line of crontab (UTC); it must bear running twice."""
    if (every is None) == (cron is None):
        raise ValueError(f"{function.__name__}: say either every or cron")
    app.extensions[SCHEDULE_EXTENSION].append(ScheduledJob(function, queue, every, cron))


def job_schedule(app: Flask) -> Sequence[ScheduledJob]:
    """Returns the recurring jobs that packages registered, in the order of the river."""
    return cast(Sequence[ScheduledJob], app.extensions[SCHEDULE_EXTENSION])


def job_queue() -> Queue:
    """Returns the current app's queue."""
    return cast(Queue, current_app.extensions["queue"])


def announce(event_id: int) -> None:
    """Enqueues the delivery of an event.

    When the queue server is away, only logs it: the relay finds the event later.
    """
    try:
        job_queue().enqueue(
            "cohab_report.jobs.deliver", event_id, result_ttl=0, failure_ttl=int(timedelta(days=7).total_seconds())
        )
    except redis.RedisError:
        log.warning("queue unreachable, event %s stays for the relay", event_id)


def deliver(event_id: int) -> None:
    """Claims an event, calls its listeners, then marks it done, so that a crash repeats the work and never loses it."""
    with current_app.app_context():
        with transaction():
            is_claimed = journal.claim_event(event_id, at=now())
        if not is_claimed:
            return
        with transaction():
            event = db.session.get_one(journal.Event, event_id)
            for listener in journal.listeners().after_commit.get(event.name, []):
                listener(event)
            event.done_at = now()


def relay_unclaimed() -> int:
    """Enqueues again the events that no worker was informed of, or whose worker died; returns how many."""
    with current_app.app_context():
        event_ids = journal.unclaimed_event_ids(at=now())
        for event_id in event_ids:
            announce(event_id)
        return len(event_ids)


def run_worker() -> None:
    """Runs a worker on the queue until it is stopped.

    Call it in the app's context, so that each forked job finds its app.
    """
    Worker([job_queue()], connection=job_queue().connection).work(logging_level="WARNING")
