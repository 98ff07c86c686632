"""The nightly backup and its rotation: makes what is due, and deletes what is older than the city wants to keep.

Deletes only files that the schedule made, known by their name and their manifest, and never the newest good one.
"""

import fcntl
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from cohab_report.backup import operations
from cohab_report.backup.archive.reading import manifest_without_check
from cohab_report.backup.archive.writing import WORK_SUFFIX, delete_stale_working_folder
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.scheduled_jobs import job_now
from cohab_report.settings import current_settings

log = logging.getLogger(__name__)
NIGHTLY_NAME = re.compile(r"cohab-\d{8}T\d{6}Z\.tar")
DUE_AT = time(9, 0, tzinfo=UTC)
"""After the nightly jobs that erase what has had its time, so that the backup no longer has it."""
LONGEST_SECONDS = 6 * 3600
"""How long a worker may take for a backup before it is stopped."""


def make_due_backup(*, at: datetime) -> bool:
    """Makes the night's backup in the folder of the settings, unless it is made; returns whether it made it.

    A night that was missed, or that failed, is made up for at the next run. Raises BackupRefused, as the operation
    does; then no older backup is deleted.
    """
    settings = current_settings()
    if not settings.backup_folder:
        return False
    folder = Path(settings.backup_folder)
    if not folder.is_dir():
        raise BackupRefused(Refusal.FOLDER_MISSING, folder)
    with _locked(folder) as is_locked:
        if not is_locked or _is_made(folder, at):
            return False
        _delete_stale_work(folder)
        made = folder / f"cohab-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar"
        manifest, size = operations.make_backup(made, is_nightly=True, at=at)
        facts = {"bytes": size, "missing_pictures": len(manifest.missing_pictures)}
        log.info("backup made", extra=facts)
        delete_old_backups(folder, made, kept=settings.backups_kept)
    return True


make_due_backup_now = job_now(make_due_backup, in_transaction=False)
"""Scheduled every hour; all but one of a day find nothing to do."""


def delete_old_backups(folder: Path, newest: Path, *, kept: int) -> list[Path]:
    """Deletes the oldest nightly backups of the folder, so that `kept` stay with the newest; returns the deleted ones.

    A file whose manifest can't be read, or that somebody made by hand, stays and counts for nothing.
    """
    others = sorted((path for path in _nightly_files(folder) if path != newest), reverse=True)
    nightly = [path for path in others if _is_by_schedule(path)]
    deleted = nightly[max(kept - 1, 0) :]
    for path in deleted:
        path.unlink()
    return deleted


def _nightly_files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if NIGHTLY_NAME.fullmatch(path.name) and not path.is_symlink()]


def _is_by_schedule(path: Path) -> bool:
    manifest = manifest_without_check(path)
    if manifest is None:
        log.warning("a file of the backup folder can't be read and stays", extra={"file": path.name})
    return manifest is not None and manifest.is_nightly


def _is_made(folder: Path, at: datetime) -> bool:
    """Tells by the names in the folder whether the night of `at` has its backup: a disk that was changed has none."""
    due = datetime.combine(at.astimezone(UTC).date(), DUE_AT)
    if due > at:
        due -= timedelta(days=1)
    return any(f"cohab-{due:%Y%m%dT%H%M%SZ}.tar" <= path.name for path in _nightly_files(folder))


def _delete_stale_work(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name.endswith(WORK_SUFFIX) and NIGHTLY_NAME.fullmatch(path.name.removesuffix(WORK_SUFFIX)):
            delete_stale_working_folder(path)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Locks the folder for one nightly backup at a time; yields whether it is this one's turn."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
