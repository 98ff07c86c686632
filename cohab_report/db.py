"""The database handle, column types and transactions, for SQLite with SpatiaLite and PostgreSQL with PostGIS.

The only place where anything is committed; it knows no feature. It loads SpatiaLite into the embedded database, begins
writing transactions so that SQLite never has to upgrade a read lock, one writer at a time, and runs the callbacks given
to `after_commit`.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    CursorResult,
    DateTime,
    Delete,
    Dialect,
    Enum,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Update,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from cohab_report import engines
from cohab_report.settings import Settings
from cohab_report.writer_lock import writer_lock

log = logging.getLogger(__name__)
NAMING_CONVENTION = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
TRUNCATION_BUSY_MILLISECONDS = 250
"""How long a request waits for readers of the write-ahead log before it leaves truncating to the next minute's job."""
MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Base(DeclarativeBase):
    """The declarative base: its naming convention lets the same scripts migrate both databases."""

    metadata = MetaData(naming_convention=NAMING_CONVENTION)


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
"""The class that every table's class inherits from.

`Base` to mypy, because the extension makes its own class at run time.
"""
_is_writing: ContextVar[bool] = ContextVar("cohab_writing", default=False)

Id = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key: 64 bits on PostgreSQL, SQLite's own rowid on SQLite (where only INTEGER counts by itself)."""


@dataclass(frozen=True)
class Words:
    """A text in French and in English; `str()` gives the French one."""

    fr: str
    en: str

    def __str__(self) -> str:
        return self.fr


class UtcDateTime(TypeDecorator[datetime]):
    """A column type for an aware datetime, stored in UTC; raises ValueError for a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Converts `value` to UTC; SQLite stores no offset, so none is sent to it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime can't be stored")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Returns the stored datetime, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class OrderedEnum(TypeDecorator[IntEnum]):
    """A column type for an IntEnum, stored as a small integer, so that SQL orders it as Python does."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, kind: type[IntEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: IntEnum | int | None, dialect: Dialect) -> int | None:
        """Returns the number of this member."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> IntEnum | None:
        """Returns the member of this number."""
        return None if value is None else self.kind(value)


def enum_column(kind: type[StrEnum], length: int = 24) -> Enum:
    """Returns a column type for a StrEnum, stored as its text on both databases, in at most `length` characters."""
    return Enum(
        kind, native_enum=False, length=length, values_callable=lambda members: [member.value for member in members]
    )


def partial_index(
    name: str, *columns: str | ColumnElement[Any], where: ColumnElement[bool], unique: bool = False
) -> Index:
    """Returns an index of the rows that fit `where`, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


def claim_row(claim: Update) -> bool:
    """Executes a conditional update of one row; True for exactly one of concurrent callers.

    Objects in the session are not changed: read the row anew.
    """
    return updated_rows(claim) == 1


def updated_rows(statement: Update | Delete) -> int:
    """Executes an update or a deletion that leaves the session's objects alone; returns how many rows it changed."""
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return cast(CursorResult[Any], result).rowcount


def init_app(app: Flask, settings: Settings) -> None:
    """Binds the database and its migrations to the app, with the options that its engine needs."""
    url = make_url(settings.database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engines.engine_options(url)
    db.init_app(app)
    app.teardown_appcontext(_end_session)
    migrate.init_app(app, db, directory=str(MIGRATIONS), compare_type=True)
    with app.app_context():
        engines.configure(db.engine, spatialite=settings.spatialite, is_writing=_is_writing.get)


def _end_session(_error: BaseException | None) -> None:
    """Ends the session, before the extension does: a connection that has just ended must not cost a page that is made.

    What was read is not committed; ending the session rolls it back, for which the database may be gone already.
    """
    try:
        db.session.remove()
    except DBAPIError as error:
        log.warning("the database went away before a session ended", extra={"error": type(error.orig).__name__})
        db.session.registry.clear()


@contextmanager
def transaction() -> Iterator[None]:
    """Commits on return and rolls back when an error leaves it; a context manager and a decorator.

    Uncommitted writes from before it are rolled back: a write begins here. A transaction inside another one is a part
    of the outer one. Callables given to `after_commit` inside run after the commit.

    Raises Unavailable when SQLite's writer lock is not obtained within BUSY_MILLISECONDS.
    """
    if db.session.info.get("in_transaction"):
        yield
        return
    with _write_lock():
        before = _is_writing.set(True)
        db.session.info["in_transaction"] = True
        try:
            db.session.rollback()
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            db.session.info.pop("after_commit", None)
            raise
        finally:
            db.session.info.pop("in_transaction", None)
            _is_writing.reset(before)
    for callback in db.session.info.pop("after_commit", []):
        callback()


def end_reading() -> None:
    """Ends the session's transaction, for what takes long between two looks at the database; drops what was written."""
    db.session.rollback()


def refuse_inside_transaction(what: str) -> None:
    """Raises RuntimeError inside a transaction: what is slow on purpose must not make other writers wait."""
    if db.session.info.get("in_transaction"):
        raise RuntimeError(f"{what} inside a transaction")


def _write_lock() -> AbstractContextManager[None]:
    """Returns the writer lock of the SQLite file, or no lock: PostgreSQL has many writers at a time."""
    url = db.engine.engine.url
    if url.get_backend_name() == "sqlite" and url.database:
        return writer_lock(url.database, seconds=engines.BUSY_MILLISECONDS / 1000)
    return nullcontext()


def truncate_log_after_commit() -> None:
    """Truncates SQLite's write-ahead log once the present transaction is committed: call it wherever words, addresses
    or keys are erased.
    """
    callbacks = db.session.info.setdefault("after_commit", [])
    if truncate_write_ahead_log not in callbacks:
        # First, before another callback reads: who reads the log keeps it.
        callbacks.insert(0, truncate_write_ahead_log)


def truncate_write_ahead_log() -> bool:
    """Truncates SQLite's write-ahead log, so that erased rows are in no file any more; returns False while a reader
    still needs it.

    `secure_delete` overwrites them in the tables. Does nothing on PostgreSQL, whose vacuum overwrites dead rows later.
    """
    engine = db.engine.engine
    if engine.dialect.name != "sqlite":
        return True
    with engine.connect() as connection:
        raw = connection.connection
        raw.execute(f"PRAGMA busy_timeout={TRUNCATION_BUSY_MILLISECONDS}")
        try:
            is_busy, _pages, _written_back = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            raw.execute(f"PRAGMA busy_timeout={engines.BUSY_MILLISECONDS}")
    return not is_busy


def after_commit(callback: Callable[[], object]) -> None:
    """Registers a callback that runs after the present transaction is committed, and never when it is rolled back."""
    db.session.info.setdefault("after_commit", []).append(callback)
