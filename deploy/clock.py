"""Runs the clock, which enqueues the jobs of `deploy.schedule` at their times (UTC); one a site is enough."""

import os
import time

import redis

from cohab_report.jobs import Clock, job_queues
from wsgi import app


def make_clock() -> Clock:
    """Returns the clock with its jobs, in a process whose time zone is UTC from now on; needs the app's context."""
    os.environ["TZ"] = "UTC"  # RQ reads lines of crontab in the local time of the machine
    time.tzset()
    clock = Clock(redis.Redis.from_url(job_queues().url), logging_level="WARNING")
    clock.load_config_from_file("deploy.schedule")
    return clock


if __name__ == "__main__":
    with app.app_context():
        make_clock().start()  # type: ignore[no-untyped-call]
