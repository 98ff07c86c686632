"""Background work on RQ queues: which queues there are, who puts jobs into them, and who works on them.

A queue server that is down loses nothing: what is to be done stands in the database, and the schedule finds it there.
Listeners and jobs belong to the packages that have something to do; none is named here.
"""

from cohab_report.jobs.clock import Clock
from cohab_report.jobs.operations import put_events_back
from cohab_report.jobs.outbox import announce, deliver, relay_unclaimed
from cohab_report.jobs.queues import QueueName, enqueue_once, job_queue, job_queues
from cohab_report.jobs.schedule import ScheduledJob, job_schedule, schedule
from cohab_report.jobs.wiring import init_app
from cohab_report.jobs.worker import run_worker

__all__ = [
    "Clock",
    "QueueName",
    "ScheduledJob",
    "announce",
    "deliver",
    "enqueue_once",
    "init_app",
    "job_queue",
    "job_queues",
    "job_schedule",
    "put_events_back",
    "relay_unclaimed",
    "run_worker",
    "schedule",
]
