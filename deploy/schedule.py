"""The schedule of recurring jobs: the clock reads it and enqueues each job at its time (UTC).

Makes the app and hands over what its packages registered by `jobs.schedule`; names no job by itself.
"""

from rq import cron

from cohab_report import jobs
from wsgi import app

for job in jobs.job_schedule(app):
    cron.register(job.function, queue_name=job.queue.value, interval=job.every, cron=job.cron, job_timeout=job.timeout)
