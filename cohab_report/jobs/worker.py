"""Runs a worker on some of the queues."""

from collections.abc import Sequence
from datetime import timedelta

import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from cohab_report.jobs.queues import QueueName, job_queues

IDLE_SECONDS = 60
"""A worker gives a sign of life at least this often, whether it waits for jobs or works."""
SILENCE_LIMIT = timedelta(seconds=2 * IDLE_SECONDS)
"""After this a worker counts as dead."""


def run_worker(names: Sequence[QueueName]) -> None:
    """Runs a worker on these queues until it is stopped; it takes jobs of the first one first.

    Call it in the app's context, so that each forked job finds its app.
    """
    # A connection of its own: it waits for jobs for minutes, where a request waits for an answer for a second.
    connection = redis.Redis.from_url(job_queues().url)
    queues = [Queue(name.value, connection=connection, serializer=JSONSerializer) for name in names]
    worker = Worker(queues, connection=connection, serializer=JSONSerializer, worker_ttl=IDLE_SECONDS)
    worker.work(logging_level="WARNING")
