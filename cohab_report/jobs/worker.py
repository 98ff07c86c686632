"""Runs a worker on some of the queues."""

from collections.abc import Sequence

import redis
from rq import Queue, Worker
from rq.serializers import JSONSerializer

from cohab_report.jobs.queues import QueueName, job_queues


def run_worker(names: Sequence[QueueName]) -> None:
    """Runs a worker on these queues until it is stopped; it takes jobs of the first one first.

    Call it in the app's context, so that each forked job finds its app.
    """
    # A connection of its own: it waits for jobs for minutes, where a request waits for an answer for a second.
    connection = redis.Redis.from_url(job_queues().url)
    queues = [Queue(name.value, connection=connection, serializer=JSONSerializer) for name in names]
    Worker(queues, connection=connection, serializer=JSONSerializer).work(logging_level="WARNING")
