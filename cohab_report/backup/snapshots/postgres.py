"""Snapshots of PostgreSQL: `pg_dump` and `pg_restore` of the client tools, on the very state that the session reads.

An ordinary role is enough. The extension PostGIS is not in the file: it is there before, or made first.
"""

import re
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cohab_report.backup import queries
from cohab_report.backup.archive.manifest import DATABASE_NAMES, Manifest
from cohab_report.backup.archive.writing import open_private
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.backup.snapshots.postgres_programs import run_program
from cohab_report.db import db, end_reading, transaction

LOCK_WAIT = "--lock-wait-timeout=60000"
"""Milliseconds that a dump waits for a migration that holds a table."""
NOBODY_IN_PARTICULAR = ("--no-owner", "--no-privileges")
LEFT_OUT = re.compile(
    r"\d+; \d+ \d+ (SCHEMA|EXTENSION|ACL|DEFAULT ACL|COMMENT - (SCHEMA|EXTENSION)|TABLE DATA \S+ spatial_ref_sys) "
)
"""Lines of the list of contents that an ordinary role may not restore, and that an empty database has already."""
TABLES = text(
    "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')"
    " AND NOT EXISTS (SELECT FROM pg_depend"
    " WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e') ORDER BY relname"
)
"""The tables of the present schema that belong to no extension."""


class PostgresSnapshots:
    """Snapshots of a PostgreSQL database, which others go on reading and writing."""

    def begin(self) -> None:
        """Begins a transaction that reads one state, however long the dump takes."""
        end_reading()
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True})
        db.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))

    def size(self) -> int:
        """Returns the bytes of the database on the server's disk."""
        return db.session.scalar(text("SELECT pg_database_size(current_database())")) or 0

    def dump(self, folder: Path) -> tuple[Path, int]:
        """Dumps the present schema as of the session's state, in the custom format."""
        snapshot, schema = db.session.execute(text("SELECT pg_export_snapshot(), current_schema()")).one()
        packed = folder / DATABASE_NAMES["postgresql"]
        options = ["--format=custom", *NOBODY_IN_PARTICULAR, LOCK_WAIT, f"--snapshot={snapshot}"]
        with open_private(packed) as file:
            run_program("pg_dump", [*options, f'--schema="{schema}"'], output=file, is_connected=True)
        return packed, packed.stat().st_size

    def check(self, packed: Path, manifest: Manifest) -> None:
        """Lets `pg_restore` list the dump and read all of its data, into nothing."""
        if packed.stat().st_size != manifest.database_size:
            raise BackupRefused(Refusal.BROKEN_DATABASE, "its size")
        try:
            listed = run_program("pg_restore", ["--list", str(packed)])
            run_program("pg_restore", ["--file=/dev/null", str(packed)])
        except BackupRefused as refused:
            if refused.reason is not Refusal.PROGRAM_FAILED:
                raise
            raise BackupRefused(Refusal.BROKEN_DATABASE, refused.detail) from refused
        missing = [table for table in manifest.rows if not re.search(rf" TABLE DATA \S+ {re.escape(table)} ", listed)]
        if missing:
            raise BackupRefused(Refusal.OTHER_ROWS, missing[0])

    def refuse_filled(self) -> None:
        """Raises BackupRefused when a table of the present schema has a row."""
        if filled := queries.filled_tables(list(db.session.scalars(TABLES))):
            raise BackupRefused(Refusal.FULL_DATABASE, ", ".join(filled[:3]))

    def restore(self, packed: Path, manifest: Manifest) -> None:
        """Makes the extension unless it is there, drops empty tables, and restores all in one transaction."""
        _make_extension()
        _drop_empty_tables()
        db.session.remove()
        contents = run_program("pg_restore", ["--list", str(packed)]).splitlines()
        chosen = packed.with_name("database.list")
        chosen.write_text("\n".join(line for line in contents if not LEFT_OUT.match(line)) + "\n", encoding="utf-8")
        options = ["--exit-on-error", "--single-transaction", *NOBODY_IN_PARTICULAR, f"--use-list={chosen}"]
        run_program("pg_restore", [*options, str(packed)], is_connected=True)


def _make_extension() -> None:
    try:
        with transaction():
            db.session.execute(text("CREATE EXTENSION IF NOT EXISTS postgis"))
    except DBAPIError as error:
        raise BackupRefused(Refusal.NO_EXTENSION) from error


def _drop_empty_tables() -> None:
    """Drops the tables that a migration left, all of them empty: the dump makes them as they were."""
    with transaction():
        quoted = [db.engine.dialect.identifier_preparer.quote(name) for name in db.session.scalars(TABLES)]
        if quoted:
            db.session.execute(text(f"DROP TABLE {', '.join(quoted)} CASCADE"))
