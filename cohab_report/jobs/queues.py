"""The queues, one a kind of work so that slow work delays only its own kind, and the way into them: `enqueue_once`.

Knows no event and no job by name. A queue server that is away or hangs costs a request one timeout at most. Jobs are
stored as JSON, never as pickles, which run code while they are read.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, cast

import redis
from flask import Flask, current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.exceptions import DuplicateJobError, InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from cohab_report.settings import Settings

log = logging.getLogger(__name__)
CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 1.0
"""How long a request waits for the queue server's answer."""
AVOID_SECONDS = 5.0
"""How long a process does not try the queue server again after it failed: a request may record several events."""
FAILED_JOB_SECONDS = int(timedelta(days=7).total_seconds())


class QueueName(StrEnum):
    """The queues. Their order is the order in which a worker of several of them takes jobs."""

    CLOCK = "cohab-clock"
    """Recurring jobs, first of all the relay."""
    EVENTS = "cohab"
    """Events' listeners: database work only. (The name of the only queue of before, whose jobs are still worked on.)"""
    EMAIL = "cohab-email"
    """Sending e-mails."""
    PICTURES = "cohab-pictures"
    """Re-encoding photos."""


@dataclass
class JobQueues:
    """The queues of one app, where they are, and until when (monotonic seconds) their server is not tried again."""

    url: str
    queues: dict[QueueName, Queue]
    avoided_until: float = 0.0


def init_app(app: Flask, settings: Settings) -> None:
    """Gives the app its queues; connects to none yet."""
    connection = redis.Redis.from_url(
        settings.queue_url,
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    queues = {name: Queue(name.value, connection=connection, serializer=JSONSerializer) for name in QueueName}
    app.extensions["job_queues"] = JobQueues(settings.queue_url, queues)


def job_queues() -> JobQueues:
    """Returns the current app's queues."""
    return cast(JobQueues, current_app.extensions["job_queues"])


def job_queue(name: QueueName) -> Queue:
    """Returns this queue of the current app."""
    return job_queues().queues[name]


def enqueue_once(function: Callable[..., Any], *args: int, queue: QueueName) -> bool:
    """Enqueues a job unless the same function waits already with the same arguments; returns whether it did.

    One that runs does not count, since it may have looked before there was something to do: then one more waits behind
    it. When the queue server is away, only logs it: what is enqueued here must also be found by the schedule.
    """
    present = job_queues()
    if time.monotonic() < present.avoided_until:
        return False
    try:
        return enqueue_unless_waiting(function, *args, queue=queue)
    except redis.RedisError:
        present.avoided_until = time.monotonic() + AVOID_SECONDS
        facts = {"queue": queue.value, "job": _job_id(function, args)}
        log.warning("queue unreachable, a job stays for the schedule", extra=facts)
        return False


def enqueue_unless_waiting(
    function: Callable[..., Any], *args: int, queue: QueueName, timeout: int | None = None
) -> bool:
    """Enqueues a job as `enqueue_once` does; raises RedisError when the queue server is away or hangs.

    `timeout`: seconds after which the worker stops it; None: RQ's three minutes.
    """
    job_id = _job_id(function, args)
    ids = (job_id, f"{job_id}-next")
    return _enqueue_under_free_id(job_queue(queue), function, args, ids, timeout=timeout)


def _job_id(function: Callable[..., Any], args: tuple[int, ...]) -> str:
    return "-".join([f"{function.__module__}.{function.__name__}".replace(".", "-"), *map(str, args)])


def _enqueue_under_free_id(
    queue: Queue,
    function: Callable[..., Any],
    args: tuple[int, ...],
    job_ids: tuple[str, str],
    *,
    timeout: int | None,
) -> bool:
    """Enqueues the job under the first of both ids that is free, unless one of them waits."""
    for _ in range(2):
        for each in job_ids:
            try:
                queue.enqueue(
                    function,
                    *args,
                    job_id=each,
                    unique=True,
                    result_ttl=0,
                    failure_ttl=FAILED_JOB_SECONDS,
                    job_timeout=timeout,
                )
            except DuplicateJobError:
                if queue.get_job_position(each) is not None:
                    return False
            else:
                return True
        # Both are taken and neither waits: a job that failed, or whose worker was killed, must not block for ever.
        for each in job_ids:
            _delete_unless_running(queue, each)
    return False


def _delete_unless_running(queue: Queue, job_id: str) -> None:
    # Reading the registry moves jobs whose worker gave no sign of life for a minute and a half to the failed ones.
    if job_id not in queue.started_job_registry.get_job_ids():
        # Somebody else may delete it meanwhile: before it is fetched, or between that and its deletion here.
        with suppress(NoSuchJobError, InvalidJobOperation):
            Job.fetch(job_id, connection=queue.connection, serializer=JSONSerializer).delete()
