"""When regular work is asked for: read by `rq cron`, which puts each job into the queue at its time.

It names jobs and times. What a job does lives in the packages that know it; asking twice must be harmless there.
"""

from rq import cron

from cohab_report import jobs
from cohab_report.insight import counting
from cohab_report.intake import operations as intake
from cohab_report.intake.cells import operations as cells
from cohab_report.intake.contacts import expiry
from cohab_report.intake.photos import jobs as photos
from cohab_report.notify import operations as notify

cron.register(jobs.relay_unclaimed, queue_name=jobs.NAME, interval=60)
cron.register(counting.count_anew, queue_name=jobs.NAME, interval=3600)
cron.register(notify.deliver_due_now, queue_name=jobs.NAME, interval=60)
cron.register(photos.develop_due_now, queue_name=jobs.NAME, interval=60)
cron.register(photos.sweep_now, queue_name=jobs.NAME, interval=3600)
cron.register(photos.forget_photos_now, queue_name=jobs.NAME, cron="29 8 * * *")
cron.register(intake.forget_networks_now, queue_name=jobs.NAME, cron="17 8 * * *")
cron.register(cells.recount_now, queue_name=jobs.NAME, cron="7 5 * * *")
cron.register(expiry.forget_contacts_now, queue_name=jobs.NAME, cron="23 8 * * *")
