"""Workers in tests: empties an application's queues, and works on all of them until nothing is left."""

import redis
from flask import Flask
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from cohab_report.jobs import QueueName, job_queues


def empty_queues(app: Flask) -> None:
    """Deletes all jobs, and forgets that the queue server was away."""
    with app.app_context():
        redis.Redis.from_url(job_queues().url).flushdb()
        job_queues().avoided_until = 0.0


def waiting_job_ids(app: Flask) -> dict[QueueName, list[str]]:
    """Returns the ids of the jobs in each queue that is not empty."""
    with app.app_context():
        return {name: queue.job_ids for name, queue in job_queues().queues.items() if queue.job_ids}


def failed_job_count(app: Flask) -> int:
    """Returns how many jobs failed."""
    with app.app_context():
        return sum(queue.failed_job_registry.count for queue in job_queues().queues.values())


def work(app: Flask, *names: QueueName) -> None:
    """Works in this process on these queues, or on all, until they are empty."""
    with app.app_context():
        connection = redis.Redis.from_url(job_queues().url)
        queues = [Queue(name.value, connection=connection, serializer=JSONSerializer) for name in names or QueueName]
        SimpleWorker(queues, connection=connection, serializer=JSONSerializer).work(burst=True, logging_level="WARNING")
