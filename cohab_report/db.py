"""The ground floor: one database handle for two engines, and the only place where anything is committed.

It knows no feature. It loads SpatiaLite into the embedded database, opens writing transactions so that SQLite never has to
upgrade a read lock, each when its turn has come, and runs what was asked for `after_commit`.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pysqlite3
from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Enum, Integer, MetaData, SmallInteger, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from cohab_report.settings import Settings
from cohab_report.turns import turn

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BUSY_MILLISECONDS = 5000
MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Base(DeclarativeBase):
    """What every table shares: the naming convention that lets both databases be migrated by the same scripts."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base)
migrate = Migrate()
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
"""What every table's class inherits from; to mypy it is `Base`, because the extension's own class is made at run time."""
_writing: ContextVar[bool] = ContextVar("cohab_writing", default=False)

Id = BigInteger().with_variant(Integer, "sqlite")
"""A surrogate key: 64 bits on PostgreSQL, SQLite's own rowid on SQLite (where only INTEGER counts by itself)."""


@dataclass(frozen=True)
class Words:
    """The same words in French and in English."""

    fr: str
    en: str

    def __str__(self) -> str:
        return self.fr


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; refuses a naive one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store `value` as UTC; SQLite keeps no offset, so none is sent to it."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime can't be stored")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Bring the stored instant back, aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Ordered(TypeDecorator[IntEnum]):
    """An IntEnum stored as a small integer, so that SQL compares it in the same order as Python."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, kind: type[IntEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: IntEnum | int | None, dialect: Dialect) -> int | None:
        """The member's number."""
        return None if value is None else int(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> IntEnum | None:
        """The member of that number."""
        return None if value is None else self.kind(value)


def one_of(kind: type[StrEnum], length: int = 24) -> Enum:
    """A column type for the values of a StrEnum, stored as their text on both databases."""
    return Enum(
        kind, native_enum=False, length=length, values_callable=lambda members: [member.value for member in members]
    )


def init_app(app: Flask, settings: Settings) -> None:
    """The app has its database, opened the way its engine needs."""
    url = make_url(settings.database_url)
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = (
        _sqlite_options() if url.get_backend_name() == "sqlite" else _postgres_options()
    )
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS), compare_type=True)
    with app.app_context():
        if url.get_backend_name() == "sqlite":
            _open_sqlite_well(db.engine, settings.spatialite)


def _sqlite_options() -> dict[str, Any]:
    return {
        "module": pysqlite3.dbapi2,
        "connect_args": {"timeout": BUSY_MILLISECONDS / 1000, "check_same_thread": False},
    }


def _postgres_options() -> dict[str, Any]:
    # prepare_threshold: a prepared polygon query goes generic after a few runs and becomes forty times slower.
    return {"pool_pre_ping": True, "connect_args": {"prepare_threshold": None, "connect_timeout": 3}}


def _open_sqlite_well(engine: Engine, spatialite: str) -> None:
    """Each new connection has SpatiaLite, foreign keys and a write-ahead log, and begins its transactions itself."""

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        connection.enable_load_extension(True)
        connection.load_extension(spatialite)
        connection.enable_load_extension(False)
        # secure_delete: what a resident takes back is overwritten, not only unlinked.
        pragmas = ["journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "trusted_schema=ON"]
        for pragma in (*pragmas, f"busy_timeout={BUSY_MILLISECONDS}"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A read lock that turns into a write lock fails at once when somebody wrote in between; a writer that says so first waits.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


@contextmanager
def transaction() -> Iterator[None]:
    """What happens inside is committed on return and undone when an error leaves it; also usable as a decorator.

    What was written before it began and never committed is undone: a writer begins here. Inside another one it is a part of that one.

    Callables given to `after_commit` inside run once the commit stands.
    """
    if db.session.info.get("in_transaction"):
        yield
        return
    with _turn_to_write():
        before = _writing.set(True)
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
            _writing.reset(before)
    for callback in db.session.info.pop("after_commit", []):
        callback()


def _turn_to_write() -> AbstractContextManager[None]:
    """Many may write to PostgreSQL at a time, and one to a file."""
    url = db.engine.engine.url
    if url.get_backend_name() == "sqlite" and url.database:
        return turn(url.database, seconds=BUSY_MILLISECONDS / 1000)
    return nullcontext()


def shed_old_pages() -> None:
    """What was erased is gone from SQLite's write-ahead log too, unless somebody still reads in it; `secure_delete` saw to the tables.

    PostgreSQL overwrites dead rows when its own vacuum comes by.
    """
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def after_commit(callback: Callable[[], None]) -> None:
    """`callback` runs once the present transaction is committed, and never when it is rolled back."""
    db.session.info.setdefault("after_commit", []).append(callback)
