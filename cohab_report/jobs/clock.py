"""The clock: `rq cron`'s scheduler, but a recurring job that nobody took yet is not enqueued a second time."""

from rq.cron import CronJob, CronScheduler
from rq.utils import now as rq_now

from cohab_report.jobs.queues import QueueName, enqueue_once


class Clock(CronScheduler):
    """Enqueues recurring jobs at their times; while no worker takes them, one of each waits.

    Needs the app's context.
    """

    def enqueue_jobs(self) -> list[CronJob]:
        """Enqueues the jobs that are due; returns them."""
        due_jobs = [job for job in self.get_jobs() if job.should_run()]
        for job in due_jobs:
            if job.func is not None:
                enqueue_once(job.func, queue=QueueName(job.queue_name))
            job.set_enqueue_time(rq_now())
        return due_jobs
