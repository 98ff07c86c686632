"""Makes a backup of the running site, and checks one.

The photos first, which takes long, then the database, then the photos that came meanwhile: what this state of the
database refers to is in the file. A photo that was deleted meanwhile is never restored. Nothing has the file's name
before it is whole, on the disk and read back.
"""

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from cohab_report import journal
from cohab_report.backup import keys, queries
from cohab_report.backup.archive.manifest import KEYS_NAME, PICTURES_FOLDER, Manifest
from cohab_report.backup.archive.reading import Archive, open_archive
from cohab_report.backup.archive.writing import ArchiveWriter, publish, working_folder
from cohab_report.backup.events import BackupMade
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.backup.snapshots import SNAPSHOTS, Snapshots
from cohab_report.db import db, end_reading, transaction
from cohab_report.errors import NotFound, Unavailable
from cohab_report.intake.photos.queries import all_referenced_files
from cohab_report.media import LEAST_FREE_BYTES, media_store
from cohab_report.settings import current_settings
from cohab_report.version import VERSION

log = logging.getLogger(__name__)
MEGABYTE = 1_000_000
PICTURE_ROUNDS = 10
"""How often the snapshot begins anew because a photo's file was replaced between the two."""


def make_backup(
    target: Path, *, passphrase: str | None = None, is_nightly: bool = False, at: datetime
) -> tuple[Manifest, int]:
    """Makes a backup of the running site, checks it and notes it in the journal; returns its manifest and its size.

    With a passphrase the keys are in it, encrypted. Makes its own transactions. Raises BackupRefused, and leaves no
    file then.
    """
    with failures_refused(), working_folder(target) as folder:
        encrypted_keys = None if passphrase is None else keys.encrypt_keys(current_settings(), passphrase)
        draft = folder / "archive"
        with ArchiveWriter(draft, at=at) as archive:
            path, manifest = _add_pictures_and_dump(archive, folder, at=at)
            archive.add_file(manifest.database_name, path)
            path.unlink()
            if encrypted_keys is not None:
                archive.add_bytes(KEYS_NAME, encrypted_keys)
            archive.finish(replace(manifest, is_nightly=is_nightly))
        manifest, size = _checked(draft, folder), draft.stat().st_size
        publish(draft, target)
    _note(manifest, size)
    return manifest, size


def check_backup(path: Path) -> Manifest:
    """Compares every byte of a backup with its hash, and opens its database; returns its manifest.

    Raises BackupRefused. Unpacks the database into a temporary folder (TMPDIR).
    """
    with failures_refused(), tempfile.TemporaryDirectory(prefix="cohab-backup-") as folder:
        return _checked(path, Path(folder))


def _add_pictures_and_dump(archive: ArchiveWriter, folder: Path, *, at: datetime) -> tuple[Path, Manifest]:
    """Adds the photo files and dumps the database; returns the dump and the manifest, without its members."""
    engine, copied = db.engine.engine.dialect.name, set[str]()
    SNAPSHOTS[engine].begin()
    if not queries.current_revision():
        raise BackupRefused(Refusal.NOT_MIGRATED)
    _refuse_without_room(folder, SNAPSHOTS[engine].size())
    present = all_referenced_files()
    # Copying takes long, and a transaction that reads for long keeps the write-ahead log from being truncated.
    end_reading()
    lost = _add_pictures(archive, present, copied)
    try:
        names, missing = _begin_with_pictures(archive, SNAPSHOTS[engine], copied, lost)
        revision, rows = queries.current_revision(), queries.row_counts()
        path, size = SNAPSHOTS[engine].dump(folder)
    finally:
        end_reading()
    return path, Manifest(
        version=VERSION,
        made_at=at,
        is_nightly=False,
        engine=engine,
        revision=revision,
        database_size=size,
        rows=rows,
        missing_pictures=sorted(missing),
        unreferenced_pictures=sorted(copied - names),
        key_fingerprints=keys.key_fingerprints(current_settings()),
    )


def _refuse_without_room(folder: Path, database_size: int) -> None:
    """Raises BackupRefused when the backup could fill the disk, which may be the site's own."""
    needed = 3 * database_size + media_store().total_size() + LEAST_FREE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise BackupRefused(Refusal.NO_ROOM, f"{needed // MEGABYTE} MB are needed, {free // MEGABYTE} MB are free")


def _begin_with_pictures(
    archive: ArchiveWriter, snapshots: Snapshots, copied: set[str], lost: set[str]
) -> tuple[set[str], set[str]]:
    """Begins the snapshot and adds the photos that it has besides; returns the names of its files and of missing ones.

    A file that is gone was deleted between the two, unless it was lost before: then the snapshot begins anew.
    """
    for _round in range(PICTURE_ROUNDS):
        snapshots.begin()
        names = all_referenced_files()
        missing = _add_pictures(archive, names, copied)
        if missing <= lost:
            break
        lost = missing
    return names, missing


def _add_pictures(archive: ArchiveWriter, names: set[str], copied: set[str]) -> set[str]:
    """Adds the photo files of these names that were not copied yet; returns the names of those that are gone."""
    missing = set()
    for name in sorted(names - copied):
        try:
            archive.add_bytes(PICTURES_FOLDER + name, media_store().get(name))
            copied.add(name)
        except NotFound:
            missing.add(name)
        except Unavailable as error:
            raise BackupRefused(Refusal.PICTURES_AWAY, media_store().root) from error
    return missing


def _checked(path: Path, folder: Path) -> Manifest:
    with open_archive(path) as archive:
        SNAPSHOTS[archive.manifest.engine].check(unpacked_database(archive, folder), archive.manifest)
        return archive.manifest


def unpacked_database(archive: Archive, folder: Path) -> Path:
    """Copies the database's member into the folder, still packed as it is; returns its path."""
    packed = folder / archive.manifest.database_name
    with packed.open("wb") as file:
        archive.copy(archive.manifest.database_name, file)
    return packed


def _note(manifest: Manifest, size: int) -> None:
    """Records the backup in the journal, by which monitoring knows its age; one that can't be recorded is good too."""
    made = BackupMade(
        thread=f"backup:{manifest.made_at:%Y%m%dT%H%M%SZ}",
        nightly=manifest.is_nightly,
        rows=sum(manifest.rows.values()),
        pictures=len(manifest.picture_names),
        missing=len(manifest.missing_pictures),
        size=size,
    )
    try:
        with transaction():
            journal.record(made, by=journal.SYSTEM, at=manifest.made_at)
    except (SQLAlchemyError, Unavailable):
        log.warning("the backup was made and could not be noted in the journal")


@contextmanager
def failures_refused() -> Iterator[None]:
    """Turns an error of the disk, such as a full one, or of the database's server into BackupRefused."""
    try:
        yield
    except DBAPIError as error:
        raise BackupRefused(Refusal.DATABASE_AWAY, type(error.orig).__name__) from error
    except OSError as error:
        raise BackupRefused(Refusal.DISK, error.strerror or type(error).__name__) from error
