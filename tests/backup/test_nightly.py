"""The nightly backup: one a night, made up for when it was missed, and rotated without losing what is not its own."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from cohab_report import create_app, jobs
from cohab_report.backup import nightly, queries
from cohab_report.backup.archive.writing import working_folder
from cohab_report.backup.operations import check_backup, make_backup
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.db import db
from tests.conftest import settings_for
from tests.workers import empty_queues, work

NIGHT = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)
A_DAY = timedelta(days=1)
KEPT = 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of nightly backups."""
    path = tmp_path / "backups"
    path.mkdir()
    return path


@pytest.fixture
def city(
    engine: str, folder: Path, new_database: Callable[[str, str], str], queue_url: str, tmp_path: Path
) -> Iterator[Flask]:
    """A small site that keeps three nightly backups."""
    url = new_database(engine, "nightly")
    settings = settings_for(
        url, queue_url, media_dir=str(tmp_path / "media"), backup_folder=str(folder), backups_kept=KEPT
    )
    app = create_app(settings)
    empty_queues(app)
    with app.app_context():
        yield app
        empty_queues(app)
        db.session.remove()
        db.engine.dispose()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_one_backup_a_night_however_often_it_is_asked_for(city: Flask, folder: Path) -> None:
    assert nightly.make_due_backup(at=NIGHT)
    assert names(folder) == ["cohab-20261117T093000Z.tar"]
    for later in (timedelta(minutes=1), timedelta(hours=23)):
        assert not nightly.make_due_backup(at=NIGHT + later)
    assert nightly.make_due_backup(at=NIGHT + A_DAY)
    assert len(names(folder)) == 2
    assert check_backup(folder / "cohab-20261117T093000Z.tar").is_nightly


def test_a_missed_night_is_made_up_for_in_the_morning(city: Flask, folder: Path) -> None:
    assert nightly.make_due_backup(at=NIGHT)
    assert not nightly.make_due_backup(at=NIGHT + timedelta(hours=23))
    assert nightly.make_due_backup(at=NIGHT + timedelta(hours=33))


def test_a_disk_that_was_changed_gets_its_backup_within_the_hour(city: Flask, folder: Path) -> None:
    assert nightly.make_due_backup(at=NIGHT)
    (folder / "cohab-20261117T093000Z.tar").unlink()
    assert nightly.make_due_backup(at=NIGHT + timedelta(hours=1))


def test_rotation_keeps_the_newest_and_touches_nothing_of_others(city: Flask, folder: Path, tmp_path: Path) -> None:
    by_hand = folder / "cohab-20250101T000000Z.tar"
    make_backup(by_hand, at=NIGHT - 9 * A_DAY)
    (folder / "cohab-20250102T000000Z.tar").write_bytes(b"damaged, or somebody's")
    elsewhere = tmp_path / "elsewhere.tar"
    make_backup(elsewhere, is_nightly=True, at=NIGHT - 8 * A_DAY)
    (folder / "cohab-20250103T000000Z.tar").symlink_to(elsewhere)
    (folder / "letter.txt").write_text("own")
    strangers = names(folder)
    for night in range(KEPT + 2):
        assert nightly.make_due_backup(at=NIGHT + night * A_DAY)
    made = [f"cohab-202611{17 + night}T093000Z.tar" for night in range(2, KEPT + 2)]
    assert names(folder) == sorted([*strangers, *made])


def test_a_failed_night_deletes_no_older_backup(city: Flask, folder: Path, tmp_path: Path) -> None:
    for night in range(KEPT):
        nightly.make_due_backup(at=NIGHT + night * A_DAY)
    before = names(folder)
    (folder / f"cohab-{NIGHT + KEPT * A_DAY:%Y%m%dT%H%M%SZ}.tar.part").write_text("in the way")
    with pytest.raises(BackupRefused):
        nightly.make_due_backup(at=NIGHT + KEPT * A_DAY)
    assert [name for name in names(folder) if not name.endswith(".part")] == before


def test_a_clock_that_ran_ahead_costs_no_newest_backup(city: Flask, folder: Path) -> None:
    for ahead in range(KEPT):
        make_backup(folder / f"cohab-2027010{ahead + 1}T093000Z.tar", is_nightly=True, at=NIGHT)
    made = folder / "cohab-20261117T093000Z.tar"
    make_backup(made, is_nightly=True, at=NIGHT)
    deleted = nightly.delete_old_backups(folder, made, kept=KEPT)
    assert [path.name for path in deleted] == ["cohab-20270101T093000Z.tar"] and made.exists()


def test_what_a_killed_night_left_is_cleared_and_what_is_under_way_is_not(city: Flask, folder: Path) -> None:
    left = folder / "cohab-20261110T093000Z.tar.part"
    left.mkdir()
    (left / "archive").write_bytes(b"half a backup")
    with working_folder(folder / "cohab-20261116T093000Z.tar") as under_way:
        (under_way / "archive").write_bytes(b"growing")
        assert nightly.make_due_backup(at=NIGHT)
        assert not left.exists() and (under_way / "archive").read_bytes() == b"growing"


def test_two_workers_make_one_backup(city: Flask, folder: Path) -> None:
    with nightly._locked(folder) as is_first:
        assert is_first and not nightly.make_due_backup(at=NIGHT)
    assert names(folder) == [] and nightly.make_due_backup(at=NIGHT)


def test_a_folder_that_is_not_mounted_is_an_error_and_nothing_is_made_elsewhere(city: Flask, folder: Path) -> None:
    folder.rmdir()
    with pytest.raises(BackupRefused) as refused:
        nightly.make_due_backup(at=NIGHT)
    assert refused.value.reason is Refusal.FOLDER_MISSING and not folder.exists()


def test_without_a_folder_nothing_is_made_and_nothing_is_overdue(own_site) -> None:
    assert not nightly.make_due_backup(at=NIGHT)
    state = queries.backup_state(at=NIGHT)
    assert (state.last_at, state.is_configured, state.is_overdue) == (None, False, False)
    assert own_site.app.test_client().get("/readyz").get_json()["parts"]["backup"] == "ok"


def test_an_overdue_backup_is_named_to_monitoring(city: Flask) -> None:
    state = "none made yet"
    assert city.test_client().get("/readyz").get_json()["parts"]["backup"] == state
    nightly.make_due_backup(at=NIGHT)
    assert queries.last_backup_at() == NIGHT
    assert queries.backup_age(at=NIGHT + timedelta(hours=2)) == 7200
    assert not queries.backup_state(at=NIGHT + timedelta(hours=35)).is_overdue
    assert queries.backup_state(at=NIGHT + timedelta(hours=37)).is_overdue


def test_monitoring_reads_ok_once_a_backup_is_made_and_its_day_once_it_is_late(city: Flask, folder: Path) -> None:
    make_backup(folder / "now.tar", at=datetime.now(UTC))
    assert city.test_client().get("/readyz").get_json()["parts"]["backup"] == "ok"


def test_a_worker_makes_it_and_may_take_its_time(city: Flask, folder: Path) -> None:
    (job,) = [each for each in jobs.job_schedule(city) if each.function is nightly.make_due_backup_now]
    assert job.timeout == nightly.LONGEST_SECONDS
    jobs.queues.enqueue_unless_waiting(job.function, queue=job.queue, timeout=job.timeout)
    (job_id,) = jobs.job_queue(job.queue).job_ids
    waiting = jobs.job_queue(job.queue).fetch_job(job_id)
    assert waiting is not None and waiting.timeout == nightly.LONGEST_SECONDS
    work(city, job.queue)
    assert len(names(folder)) == 1
