"""The engines of the two databases: their options, what each new connection is told, and how long a request waits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pysqlite3
from flask import has_request_context
from sqlalchemy import URL, Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DisconnectionError, OperationalError

BUSY_MILLISECONDS = 5000
"""How long a writer waits for SQLite's writer lock."""
LOG_SIZE_LIMIT = 16 * 1024 * 1024
"""Bytes that SQLite's write-ahead log keeps on disk once it is written back."""
STATEMENT_MILLISECONDS, LOCK_MILLISECONDS = 10_000, 5_000
"""How long PostgreSQL lets one statement of a request run, and wait for a lock. Jobs and commands may take longer."""
MISSING_FILE = "the database file is missing"
KEEPALIVES = {"keepalives_idle": 20, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 15_000}
"""A connection to a machine that has vanished ends within half a minute (seconds, seconds, count, milliseconds)."""

_SPATIALITE_PREFIXES = (
    "idx_",
    "spatial_ref_sys",
    "geometry_columns",
    "views_geometry",
    "virts_geometry",
    "spatialite_",
    "sql_statements",
    "data_licenses",
)
_SPATIALITE_TABLES = ("ElementaryGeometries", "SpatialIndex", "KNN", "KNN2")


def is_spatialite_table(name: str) -> bool:
    """Tells whether a table of the embedded database belongs to SpatiaLite."""
    return name.startswith(_SPATIALITE_PREFIXES) or name in _SPATIALITE_TABLES


def engine_options(url: URL) -> dict[str, Any]:
    """Returns the options of the engine for this database.

    Errors say which statement failed, never its parameters: they may be somebody's words.
    """
    options = _sqlite_options() if url.get_backend_name() == "sqlite" else _postgres_options()
    return {"hide_parameters": True, **options}


def configure(engine: Engine, *, spatialite: str, is_writing: Callable[[], bool]) -> None:
    """Sets up each new connection and each new transaction of the engine.

    `spatialite` is the extension's file or name; `is_writing` tells whether the transaction that begins will write.
    """
    if engine.dialect.name == "sqlite":
        _configure_sqlite(engine, spatialite, is_writing)
        if engine.url.database and not engine.url.database.startswith((":memory:", "file:")):
            _refuse_missing_file(engine, Path(engine.url.database))
    else:
        _limit_requests(engine)


def _sqlite_options() -> dict[str, Any]:
    return {
        "module": pysqlite3.dbapi2,
        "connect_args": {"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    }


def _postgres_options() -> dict[str, Any]:
    # prepare_threshold: a prepared polygon query goes generic after a few runs and becomes forty times slower.
    return {"pool_pre_ping": True, "connect_args": {"prepare_threshold": None, "connect_timeout": 3, **KEEPALIVES}}


def _configure_sqlite(engine: Engine, spatialite: str, is_writing: Callable[[], bool]) -> None:
    """Loads SpatiaLite and sets the pragmas on each new connection, and begins its transactions explicitly."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.enable_load_extension(True)
        connection.load_extension(spatialite)
        connection.enable_load_extension(False)
        # secure_delete: what a resident withdraws is overwritten, not only unlinked.
        pragmas = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "trusted_schema=ON"]
        limits = [f"journal_size_limit={LOG_SIZE_LIMIT}", f"busy_timeout={BUSY_MILLISECONDS}"]
        for pragma in (*pragmas, *limits):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A read lock that becomes a write lock fails at once when somebody wrote in between; BEGIN IMMEDIATE waits
        # instead.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing() else "BEGIN")


def _refuse_missing_file(engine: Engine, path: Path) -> None:
    """Refuses requests while the database file is missing, and follows one that was put in its place.

    A connection that was open goes on with a file that was moved away, and a new one makes an empty file: a receipt
    would be given for what nobody finds again. Commands may make a new file; requests may not.
    """

    @event.listens_for(engine, "do_connect")
    def refuse_to_make(_dialect: object, _record: object, _arguments: object, _options: object) -> None:
        if has_request_context() and not path.exists():
            raise pysqlite3.OperationalError(MISSING_FILE)

    @event.listens_for(engine, "connect")
    def note_file(_connection: object, record: Any) -> None:
        record.info["file"] = _file_identity(path)

    @event.listens_for(engine, "checkout")
    def compare_file(_connection: object, record: Any, _proxy: object) -> None:
        present = _file_identity(path) if has_request_context() else record.info["file"]
        if present is None:
            raise OperationalError(MISSING_FILE, None, pysqlite3.OperationalError(MISSING_FILE))
        if present != record.info["file"]:
            raise DisconnectionError


def _file_identity(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_dev, facts.st_ino


def _limit_requests(engine: Engine) -> None:
    """Gives each transaction of a request PostgreSQL's time limits, so that no lock or plan holds a web thread."""

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if has_request_context():
            limits = f"SET LOCAL statement_timeout={STATEMENT_MILLISECONDS}; SET LOCAL lock_timeout={LOCK_MILLISECONDS}"
            # On the driver's own cursor: it is no query of the page. Its errors are the driver's own, too.
            try:
                connection.connection.cursor().execute(limits)
            except psycopg.Error as error:
                raise OperationalError(limits, None, error) from error
