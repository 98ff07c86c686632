"""The clock: `rq cron`'s scheduler, but a recurring job that nobody took yet is not enqueued a second time.

It outlives a queue server that is away: a job that was due meanwhile is enqueued once the server is back.
"""

import logging
from contextlib import suppress

import redis
from redis.client import Pipeline
from rq.cron import CronJob, CronScheduler
from rq.utils import now as rq_now

from cohab_report.jobs.queues import QueueName, enqueue_unless_waiting

log = logging.getLogger(__name__)
SHORTEST_PAUSE = 1.0
"""Seconds between two looks, also while a job is overdue because the queue server is away."""


class Clock(CronScheduler):
    """Enqueues recurring jobs at their times; while no worker takes them, one of each waits.

    Needs the app's context. Times of crontab are those of the process's time zone.
    """

    def enqueue_jobs(self) -> list[CronJob]:
        """Enqueues the jobs that are due; returns them. One that the queue server could not take stays due."""
        return [job for job in self.get_jobs() if job.should_run() and self._enqueue(job)]

    def calculate_sleep_interval(self) -> float:
        """Returns the seconds until the next look."""
        return max(SHORTEST_PAUSE, super().calculate_sleep_interval())

    def heartbeat(self) -> None:
        """Tells the queue server that the clock lives; a server that is away is told the next time."""
        with suppress(redis.RedisError):
            super().heartbeat()

    def save(self, pipeline: Pipeline | None = None) -> None:
        """Keeps the jobs' times in the queue server; one that is away gets them the next time."""
        with suppress(redis.RedisError):
            super().save(pipeline)

    def _enqueue(self, job: CronJob) -> bool:
        try:
            if job.func is not None:
                seconds = job.job_options.get("job_timeout")
                enqueue_unless_waiting(job.func, queue=QueueName(job.queue_name), timeout=seconds)
        except redis.RedisError:
            log.warning("queue unreachable, a recurring job stays due", extra={"queue": job.queue_name})
            return False
        job.set_enqueue_time(rq_now())
        return True
