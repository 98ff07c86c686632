"""The queue: it tells a worker of an event once the event is committed, and finds those that nobody was told of.

A queue server that is down loses nothing: events stay unclaimed in the database, and `relay_unclaimed` sends them later.
"""

import logging
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
NAME = "cohab"
CONNECT_SECONDS = 0.5


def init_app(app: Flask, settings: Settings) -> None:
    """Events with listeners after commit are announced on the queue."""
    connection = redis.Redis.from_url(settings.queue_url, socket_connect_timeout=CONNECT_SECONDS)
    app.extensions["queue"] = Queue(NAME, connection=connection)
    journal.listeners(app).announce = announce


def queue() -> Queue:
    """The current app's queue."""
    return cast(Queue, current_app.extensions["queue"])


def announce(event_id: int) -> None:
    """A worker knows of the event, or the relay will find it: a silent queue server is no error of the person who waits."""
    try:
        queue().enqueue(
            "cohab_report.jobs.deliver", event_id, result_ttl=0, failure_ttl=int(timedelta(days=7).total_seconds())
        )
    except redis.RedisError:
        log.warning("queue unreachable, event %s stays for the relay", event_id)


def deliver(event_id: int) -> None:
    """Each listener has done its work for the event; the event is marked done after that, so that a crash repeats and never loses."""
    with current_app.app_context():
        with transaction():
            mine = journal.claim(event_id, at=now())
        if not mine:
            return
        with transaction():
            event = db.session.get_one(journal.Event, event_id)
            for listener in journal.listeners().after_commit.get(event.name, []):
                listener(event)
            event.done_at = now()


def relay_unclaimed() -> int:
    """Events that nobody was told of, or whose worker died, are on the queue again; returns how many."""
    with current_app.app_context():
        waiting = journal.unclaimed(at=now())
        for event_id in waiting:
            announce(event_id)
        return len(waiting)


def work() -> None:
    """Works the queue until it is told to stop. Run in the app's context, so that each forked job finds its app."""
    Worker([queue()], connection=queue().connection).work(logging_level="WARNING")
