"""Values that a process keeps in memory until a table that they were read from changes, in whichever process.

A cache names its tables. Every insert, update or delete of one of them, whoever sends it (a flush, a bulk statement,
plain SQL), adds a row to `cache_stamp` in the same transaction; a cache's stamp is the sum of its rows. One small query
a request reads the stamps of all caches. It knows no feature.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from secrets import randbits
from typing import Any, Generic, TypeVar, cast

from flask import Flask, current_app, g, has_app_context
from sqlalchemy import BigInteger, String, delete, event, func, insert, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.db import Id, Model, db, transaction

NO_STAMPS = {"cache_stamps": False}
"""Execution options of a connection whose writes add no stamp: a migration's, whose tables may be older than stamps."""
STAMPS_KEY = "cache_stamps"
HAS_OWN_WRITES_KEY = "cache_stamps_of_own_writes"
TOKEN_BITS = 40
"""Few enough that the sum of millions of tokens fits in 64 bits, and many enough that no two sums are the same."""
WRITING_STATEMENT = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+(?:ONLY\s+)?"?(\w+)', re.IGNORECASE)

Value = TypeVar("Value")


class CacheStamp(Model):
    """One change of what a cache was read from. Rows are only added, so that nobody waits for another's."""

    __tablename__ = "cache_stamp"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    noun: Mapped[str] = mapped_column(String(24))
    token: Mapped[int] = mapped_column(BigInteger)
    """A random number: a sum that was read before a rollback never comes back with other rows."""


_nouns_by_table: dict[str, set[str]] = {}


@dataclass(frozen=True)
class StampedCache(Generic[Value]):
    """A value that `read` returns, kept in each process while `tables`, which it reads, stay the same."""

    noun: str
    tables: Sequence[str]
    read: Callable[[], Value]

    def __post_init__(self) -> None:
        for table in self.tables:
            _nouns_by_table.setdefault(table, set()).add(self.noun)

    def value(self) -> Value:
        """Returns the value from memory, or reads it anew if one of its tables has changed."""
        # The stamp is read before the value: a write in between is at worst read twice, and never missed.
        stamp = _stamps_of_request().get(self.noun, 0)
        key = f"cache:{self.noun}"
        cached = cast("tuple[int, Value] | None", current_app.extensions.get(key))
        if cached is None or cached[0] != stamp:
            cached = current_app.extensions[key] = (stamp, self.read())
        return cached[1]


def init_app(app: Flask) -> None:
    """Makes the app's database connections add a stamp for every write to a table that a cache was read from."""
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", _stamp_write)
        event.listen(db.engine, "rollback", _forget_stamps_of_own_writes)
        event.listen(db.engine, "rollback_savepoint", _forget_stamps_of_own_writes)


def sum_up_stamps() -> None:
    """Replaces the rows of each cache by one with their sum, so that the table stays small: its stamp is the same.

    A job of the schedule: it makes its own transaction.
    """
    with current_app.app_context(), transaction():
        stamps_by_noun = defaultdict[str, list[CacheStamp]](list)
        for stamp in db.session.scalars(select(CacheStamp)):
            stamps_by_noun[stamp.noun].append(stamp)
        for noun, stamps in stamps_by_noun.items():
            _replace_by_sum(noun, stamps)


def _replace_by_sum(noun: str, stamps: Sequence[CacheStamp]) -> None:
    """Should two jobs do so at once, a stamp changes and each process reads its cache anew, once."""
    ids, total = [stamp.id for stamp in stamps], sum(stamp.token for stamp in stamps)
    db.session.execute(delete(CacheStamp).where(CacheStamp.id.in_(ids)))
    db.session.execute(insert(CacheStamp).values(noun=noun, token=total))


def _stamps_of_request() -> Mapping[str, int]:
    """Returns the stamp of each cache that has one, read once a request, and again after this request's own writes."""
    stamps = cast("Mapping[str, int] | None", g.get(STAMPS_KEY))
    if stamps is None:
        rows = db.session.execute(select(CacheStamp.noun, func.sum(CacheStamp.token)).group_by(CacheStamp.noun))
        stamps = {noun: int(total) for noun, total in rows}
        setattr(g, STAMPS_KEY, stamps)
    return stamps


def _stamp_write(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    writing = WRITING_STATEMENT.match(statement)
    nouns = _nouns_by_table.get(writing[1]) if writing else None
    if nouns and connection.get_execution_options().get(STAMPS_KEY, True):
        _add_stamps(connection, nouns)


def _add_stamps(connection: Connection, nouns: Iterable[str]) -> None:
    """Adds a row for each of these caches, in the transaction or savepoint of the write: a rollback takes both back.

    A row of its own locks nothing, so that two transactions never wait for each other's stamps, nor in a circle.
    """
    stamps = [{"noun": noun, "token": randbits(TOKEN_BITS)} for noun in sorted(nouns)]
    connection.execute(insert(CacheStamp), stamps)
    if has_app_context():
        setattr(g, HAS_OWN_WRITES_KEY, True)
        g.pop(STAMPS_KEY, None)


def _forget_stamps_of_own_writes(*_of_event: Any) -> None:
    if has_app_context() and g.get(HAS_OWN_WRITES_KEY):
        g.pop(STAMPS_KEY, None)
