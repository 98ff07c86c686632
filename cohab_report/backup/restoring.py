"""Restores a backup into an empty place: the database and the photo folder of the settings.

Everything is compared before anything is written; the photos come first and the database last, in one step, so that a
restore that was stopped is no site yet, and the same command goes on.
"""

import tempfile
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from flask_migrate import upgrade

from cohab_report.backup import keys, queries
from cohab_report.backup.archive.manifest import PICTURES_FOLDER, Manifest
from cohab_report.backup.archive.reading import Archive, open_archive
from cohab_report.backup.operations import failures_refused, unpacked_database
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.backup.snapshots import SNAPSHOTS
from cohab_report.db import MIGRATIONS, db, end_reading
from cohab_report.errors import Unavailable
from cohab_report.media import PARTIAL_SUFFIX, media_store
from cohab_report.settings import current_settings


def restore_backup(path: Path, *, accepts_other_keys: bool = False) -> tuple[Manifest, str]:
    """Restores a backup into the empty database and photo folder of the settings, and migrates it to this version.

    Returns its manifest and the migration that the database stands at now. Raises BackupRefused, before anything is
    written if the backup can't be believed or the place is not empty. What a restore that was stopped has written is
    no obstacle to the same one again: the database is there only once all of it is.
    """
    with failures_refused(), open_archive(path) as archive:
        manifest = archive.manifest
        _refuse_impossible(manifest, accepts_other_keys=accepts_other_keys)
        with tempfile.TemporaryDirectory(prefix="cohab-backup-") as folder:
            database = unpacked_database(archive, Path(folder))
            SNAPSHOTS[manifest.engine].check(database, manifest)
            _restore_pictures(archive)
            SNAPSHOTS[manifest.engine].restore(database, manifest)
        _refuse_other_rows(manifest)
    if manifest.revision != _head():
        db.session.remove()
        upgrade()
    return manifest, _head()


def _refuse_impossible(manifest: Manifest, *, accepts_other_keys: bool) -> None:
    engine = db.engine.engine.dialect.name
    if manifest.engine != engine:
        raise BackupRefused(Refusal.OTHER_ENGINE, f"{manifest.engine}, not {engine}")
    if not _is_known(manifest.revision):
        raise BackupRefused(Refusal.NEWER, f"{manifest.version}, {manifest.revision}")
    other_keys = keys.missing_keys(manifest.key_fingerprints, current_settings())
    if other_keys and not accepts_other_keys:
        raise BackupRefused(Refusal.OTHER_KEYS, ", ".join(other_keys))
    SNAPSHOTS[engine].refuse_filled()
    # The session read the empty place, and would keep it locked.
    end_reading()
    own_names = set(manifest.picture_names)
    foreign = [name for name in media_store().file_names() if name.removesuffix(PARTIAL_SUFFIX) not in own_names]
    if foreign:
        raise BackupRefused(Refusal.FULL_PICTURES, min(foreign))


def _restore_pictures(archive: Archive) -> None:
    for name in archive.manifest.picture_names:
        try:
            media_store().put(name, archive.read(PICTURES_FOLDER + name))
        except Unavailable as error:
            raise BackupRefused(Refusal.PICTURES_AWAY, media_store().root) from error


def _refuse_other_rows(manifest: Manifest) -> None:
    found = queries.row_counts()
    end_reading()
    other = [table for table, count in manifest.rows.items() if found.get(table) != count]
    if other:
        raise BackupRefused(Refusal.OTHER_ROWS, ", ".join(other[:3]))


def _head() -> str:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""


def _is_known(revision: str) -> bool:
    try:
        return ScriptDirectory(str(MIGRATIONS)).get_revision(revision) is not None
    except CommandError:
        return False
