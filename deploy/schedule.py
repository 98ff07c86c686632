"""The schedule of recurring jobs: `rq cron` reads it and enqueues each job at its time (UTC).

Names jobs and times only; each job lives in its own package, and running it twice must be harmless there.
"""

from rq import cron

from cohab_report import jobs
from cohab_report.insight import jobs as insight
from cohab_report.intake import operations as intake
from cohab_report.intake.cells import operations as cells
from cohab_report.intake.contacts import expiry
from cohab_report.intake.photos import jobs as photos
from cohab_report.notify import operations as notify

cron.register(jobs.relay_unclaimed, queue_name=jobs.QUEUE_NAME, interval=60)
cron.register(insight.count_and_publish, queue_name=jobs.QUEUE_NAME, interval=3600)
cron.register(notify.deliver_due_now, queue_name=jobs.QUEUE_NAME, interval=60)
cron.register(photos.reencode_due_photos_now, queue_name=jobs.QUEUE_NAME, interval=60)
cron.register(photos.delete_orphan_files_now, queue_name=jobs.QUEUE_NAME, interval=3600)
cron.register(photos.delete_expired_photos_now, queue_name=jobs.QUEUE_NAME, cron="29 8 * * *")
cron.register(intake.erase_old_network_hashes_now, queue_name=jobs.QUEUE_NAME, cron="17 8 * * *")
cron.register(cells.recount_cells_now, queue_name=jobs.QUEUE_NAME, cron="7 5 * * *")
cron.register(expiry.erase_expired_contacts_now, queue_name=jobs.QUEUE_NAME, cron="23 8 * * *")
