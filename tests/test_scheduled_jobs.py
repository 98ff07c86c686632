"""Scheduled jobs: an operation, run at the present time, that a worker finds by its name."""

from datetime import datetime
from importlib import import_module

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.scheduled_jobs import job_now

JOBS = (
    "intake.floods.erase_old_network_hashes_now",
    "intake.editions.operations.make_due_edition_now",
    "intake.contacts.expiry.erase_expired_contacts_now",
    "intake.photos.jobs.reencode_due_photos_now",
    "intake.photos.jobs.delete_expired_photos_now",
    "intake.photos.jobs.delete_orphan_files_now",
    "notify.operations.deliver_due_now",
    "backup.nightly.make_due_backup_now",
)


@pytest.mark.parametrize("dotted_name", JOBS)
def test_a_worker_imports_each_job_by_the_name_that_it_is_enqueued_under(dotted_name: str) -> None:
    module, _, name = f"cohab_report.{dotted_name}".rpartition(".")
    job = getattr(import_module(module), name)
    assert (job.__module__, job.__name__, job.__qualname__) == (module, name, name)


@pytest.mark.parametrize("in_transaction", [True, False])
def test_a_job_runs_its_operation_at_the_present_time(session: Session, app: Flask, in_transaction: bool) -> None:
    def note_time(*, at: datetime) -> tuple[datetime, bool]:
        return at, bool(db.session.info.get("in_transaction"))

    before = now()
    at, was_in_transaction = job_now(note_time, in_transaction=in_transaction)()
    assert before <= at <= now() and was_in_transaction == in_transaction
