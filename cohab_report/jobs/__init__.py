"""Background work on RQ queues: which queues there are, who puts jobs into them, and who works on them.

A queue server that is down loses nothing: what is to be done stands in the database, and the schedule finds it there.
Listeners and jobs belong to the packages that have something to do; none is named here.
"""

from cohab_report.jobs.clock import Clock
from cohab_report.jobs.counters import CounterName, count, counted
from cohab_report.jobs.monitoring import is_clock_silent, unserved_queues
from cohab_report.jobs.operations import put_events_back
from cohab_report.jobs.outbox import announce, deliver, relay_unclaimed
from cohab_report.jobs.queues import QueueName, enqueue_once, job_queue, job_queues
from cohab_report.jobs.schedule import ScheduledJob, job_schedule, schedule
from cohab_report.jobs.wiring import init_app
from cohab_report.jobs.worker import run_worker

__all__ = [
    "Clock",
    "CounterName",
    "QueueName",
    "ScheduledJob",
    "announce",
    "count",
    "counted",
    "deliver",
    "enqueue_once",
    "init_app",
    "is_clock_silent",
    "job_queue",
    "job_queues",
    "job_schedule",
    "put_events_back",
    "relay_unclaimed",
    "run_worker",
    "schedule",
    "unserved_queues",
]
