"""When regular work is asked for: read by `rq cron`, which puts each job into the queue at its time.

It names jobs and times. What a job does lives in `cohab_report.jobs`; asking twice must be harmless there.
"""

from rq import cron

from cohab_report import jobs

cron.register(jobs.relay_unclaimed, queue_name=jobs.NAME, interval=60)
