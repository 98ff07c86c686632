"""What the queue server tells about queues, workers and the clock: how long jobs wait, and who gave a sign of life.

All raise RedisError when it is away.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from rq import Worker
from rq.cron import CronScheduler
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import BaseWorker

from cohab_report.jobs.queues import QueueName, job_queue, job_queues
from cohab_report.jobs.worker import SILENCE_LIMIT

CLOCK_SILENCE_LIMIT = timedelta(minutes=3)
"""The clock gives a sign of life at least once a minute."""


def waiting_jobs() -> Mapping[str, int]:
    """Returns how many jobs wait in each queue, by the queue's name for workers, such as `email`."""
    return {_label(name): len(queue) for name, queue in job_queues().queues.items()}


def failed_jobs() -> Mapping[str, int]:
    """Returns how many jobs of each queue failed in the last days."""
    return {_label(name): queue.failed_job_registry.count for name, queue in job_queues().queues.items()}


def queue_ages(*, at: datetime) -> Mapping[str, float]:
    """Returns how many seconds the first job of each queue has waited; 0 for an empty queue."""
    return {_label(name): _age_of_first_job(name, at) for name in QueueName}


def worker_counts(*, at: datetime) -> Mapping[str, int]:
    """Returns how many workers serve each queue; those that were silent for too long don't count."""
    workers = Worker.all(connection=job_queue(QueueName.CLOCK).connection, serializer=JSONSerializer)
    served = [name for worker in workers if _is_alive(worker, at) for name in worker.queue_names()]
    return {_label(name): served.count(name.value) for name in QueueName}


def unserved_queues(*, at: datetime) -> Sequence[str]:
    """Returns the names of the queues that no worker serves."""
    return [label for label, count in worker_counts(at=at).items() if not count]


def clock_age(*, at: datetime) -> float | None:
    """Returns how many seconds ago the clock gave its last sign of life; None when no clock is known."""
    connection = job_queue(QueueName.CLOCK).connection
    seen_at = [clock.last_heartbeat for clock in CronScheduler.all(connection, cleanup=False)]
    latest = max((each for each in seen_at if each is not None), default=None)
    return None if latest is None else max(0.0, (at - latest).total_seconds())


def is_clock_silent(*, at: datetime) -> bool:
    """Tells whether no clock gave a sign of life lately."""
    age = clock_age(at=at)
    return age is None or age > CLOCK_SILENCE_LIMIT.total_seconds()


def _label(name: QueueName) -> str:
    return name.name.lower()


def _age_of_first_job(name: QueueName, at: datetime) -> float:
    queue = job_queue(name)
    for job_id in queue.get_job_ids(0, 1):
        try:
            enqueued_at = Job.fetch(job_id, connection=queue.connection, serializer=JSONSerializer).enqueued_at
        except NoSuchJobError:  # a worker just took it and is done
            continue
        if enqueued_at is not None:
            return max(0.0, (at - _aware(enqueued_at)).total_seconds())
    return 0.0


def _is_alive(worker: BaseWorker, at: datetime) -> bool:
    return worker.last_heartbeat is not None and at - _aware(worker.last_heartbeat) < SILENCE_LIMIT


def _aware(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
