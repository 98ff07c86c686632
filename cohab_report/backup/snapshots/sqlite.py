"""Snapshots of the embedded database: SQLite's own online copy, in one read transaction, packed with gzip."""

import gzip
import os
import shutil
import zlib
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import text

from cohab_report.backup import queries
from cohab_report.backup.archive.manifest import DATABASE_NAMES, Manifest
from cohab_report.backup.archive.writing import open_private
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.db import db, end_reading
from cohab_report.media import sync_folder

CHUNK = 1024 * 1024
LEVEL = 6
"""gzip's own default: a third of the size, at a fraction of the time of the best."""
SIDE_FILES = ("-wal", "-shm", "-journal")


class SqliteSnapshots:
    """Snapshots of a SQLite file, which other processes go on reading and writing."""

    def begin(self) -> None:
        """Begins the read transaction; the state is that of the first read."""
        database = db.engine.engine.url.database
        if not database or not Path(database).is_file():
            raise BackupRefused(Refusal.NO_DATABASE_FILE)
        end_reading()
        db.session.execute(text("SELECT 1 FROM sqlite_master")).first()

    def size(self) -> int:
        """Returns the bytes of the database file and its write-ahead log."""
        place = Path(str(db.engine.engine.url.database))
        return sum(path.stat().st_size for path in (place, place.with_name(f"{place.name}-wal")) if path.exists())

    def dump(self, folder: Path) -> tuple[Path, int]:
        """Copies the database page by page, erased ones included, which are zeros, and packs the copy."""
        copy = folder / "database.sqlite3"
        source: Any = db.session.connection().connection.driver_connection
        with closing(sqlite.connect(copy)) as target:
            source.backup(target)
            # A file by itself: without the write-ahead log's mark it opens where nothing can be written.
            target.execute("PRAGMA journal_mode=DELETE")
        packed, size = folder / DATABASE_NAMES["sqlite"], copy.stat().st_size
        with (
            copy.open("rb") as plain,
            open_private(packed) as file,
            gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=LEVEL, mtime=0) as pack,
        ):
            shutil.copyfileobj(plain, pack, CHUNK)
        copy.unlink()
        return packed, size

    def check(self, packed: Path, manifest: Manifest) -> None:
        """Unpacks beside the packed file, and asks SQLite whether each page is whole; compares revision and rows."""
        copy = packed.with_name("database.checked")
        try:
            with open_private(copy) as file:
                _unpack(packed, file, manifest.database_size)
            with closing(sqlite.connect(copy)) as connection:
                connection.execute("PRAGMA trusted_schema=OFF")
                _refuse_unlike(connection, manifest)
        except sqlite.DatabaseError as error:
            raise BackupRefused(Refusal.BROKEN_DATABASE, error) from error
        finally:
            copy.unlink(missing_ok=True)

    def refuse_filled(self) -> None:
        """Raises BackupRefused when the file holds a row of any table that is not SpatiaLite's."""
        database = db.engine.engine.url.database
        if not database:
            raise BackupRefused(Refusal.NO_DATABASE_FILE)
        path = Path(database)
        if path.exists() and path.stat().st_size and (filled := queries.filled_tables(queries.own_tables_of_sqlite())):
            raise BackupRefused(Refusal.FULL_DATABASE, ", ".join(filled[:3]))

    def restore(self, packed: Path, manifest: Manifest) -> None:
        """Unpacks beside the database's place and puts the whole file there in one step."""
        place = Path(str(db.engine.engine.url.database))
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = place.with_name(f"{place.name}.restoring")
        draft.unlink(missing_ok=True)
        try:
            with open_private(draft) as file:
                _unpack(packed, file, manifest.database_size)
                file.flush()
                os.fsync(file.fileno())
            db.session.remove()
            db.engine.engine.dispose()
            for ending in SIDE_FILES:
                # The log of the empty file must not be read as the new one's.
                place.with_name(place.name + ending).unlink(missing_ok=True)
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(place.parent)


def _unpack(packed: Path, target: BinaryIO, size: int) -> None:
    """Unpacks exactly `size` bytes; raises BackupRefused when there are fewer or more."""
    left = size
    try:
        with gzip.open(packed, "rb") as plain:
            while left and (chunk := plain.read(min(CHUNK, left))):
                target.write(chunk)
                left -= len(chunk)
            is_longer = bool(plain.read(1))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise BackupRefused(Refusal.BROKEN_DATABASE, error) from error
    if left or is_longer:
        raise BackupRefused(Refusal.BROKEN_DATABASE, "its size")


def _refuse_unlike(connection: Any, manifest: Manifest) -> None:
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        raise BackupRefused(Refusal.BROKEN_DATABASE, answer)
    revisions = [row[0] for row in connection.execute("SELECT version_num FROM alembic_version")]
    if revisions != [manifest.revision]:
        raise BackupRefused(Refusal.BROKEN_DATABASE, queries.REVISION_TABLE)
    for table, count in manifest.rows.items():
        name = '"' + table.replace('"', '""') + '"'
        (found,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608 (a quoted name)
        if found != count:
            raise BackupRefused(Refusal.OTHER_ROWS, table)
