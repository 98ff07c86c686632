"""Runs the clock, which enqueues the jobs of `deploy.schedule` at their times; one a site is enough."""

import redis

from cohab_report.jobs import Clock, job_queues
from wsgi import app

if __name__ == "__main__":
    with app.app_context():
        clock = Clock(redis.Redis.from_url(job_queues().url), logging_level="WARNING")
        clock.load_config_from_file("deploy.schedule")
        clock.start()  # type: ignore[no-untyped-call]
