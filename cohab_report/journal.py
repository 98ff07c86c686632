"""What happened, in one table: audit trail, outbox, the resident's history and the source of trends.

An event is written in the same transaction as what it tells of, and holds ids and small truths only: never a name, an address or
free text. What must travel down the river travels as an event: packages downstream listen, and nobody upstream knows of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from flask import Flask, current_app
from sqlalchemy import JSON, Boolean, Index, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.db import Id, Model, UtcDateTime, after_commit, db

LEASE = timedelta(minutes=5)
"""How long a claim lasts: a worker that died with it is not waited for any longer."""


class Actor(Protocol):
    """Whoever does something: a person of a partner, the resident, or the system itself."""

    @property
    def journal_name(self) -> str:
        """How the journal calls this actor: `person:7`, `resident`, `system`; never a name."""
        ...


@dataclass(frozen=True)
class _Somebody:
    journal_name: str


_told_to_nobody: ContextVar[bool] = ContextVar("cohab_told_to_nobody", default=False)
RESIDENT: Actor = _Somebody("resident")
SYSTEM: Actor = _Somebody("system")


class Event(Model):
    """One thing that happened, in the past tense, on one thread (an observation's or a case's public reference)."""

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    name: Mapped[str] = mapped_column(String(64))
    thread: Mapped[str] = mapped_column(String(32), index=True)
    actor: Mapped[str] = mapped_column(String(32))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_public: Mapped[bool] = mapped_column(Boolean)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_event_unclaimed", "id", sqlite_where=done_at.is_(None), postgresql_where=done_at.is_(None)),
        Index("ix_event_name_happened_at", "name", "happened_at"),
    )


@dataclass
class Listeners:
    """Who listens to what: filled once, when the app is made, by the packages downstream."""

    in_transaction: dict[str, list[Callable[[Event], None]]] = field(default_factory=dict)
    after_commit: dict[str, list[Callable[[Event], None]]] = field(default_factory=dict)
    announce: Callable[[int], None] | None = None


def init_app(app: Flask) -> None:
    """The app has a journal that nobody listens to yet."""
    app.extensions["journal"] = Listeners()


def listeners(app: Flask | None = None) -> Listeners:
    """The listeners of `app`, or of the current one."""
    found: Listeners = (app or current_app).extensions["journal"]
    return found


def in_transaction(app: Flask, name: str, listener: Callable[[Event], None]) -> None:
    """From now on `listener` does its database work in the same transaction as each event of this name."""
    listeners(app).in_transaction.setdefault(name, []).append(listener)


def listen_after_commit(app: Flask, name: str, listener: Callable[[Event], None]) -> None:
    """From now on a worker calls `listener` for each event of this name, after its commit, at least once."""
    listeners(app).after_commit.setdefault(name, []).append(listener)


def record(
    name: str, *, thread: str, by: Actor, at: datetime, public: bool = False, facts: Mapping[str, Any] | None = None
) -> Event:
    """The event is in the journal with what it tells of; listeners in this transaction have done their work, a worker will be told."""
    heard = listeners()
    outbound = bool(heard.after_commit.get(name)) and not _told_to_nobody.get()
    event = Event(
        happened_at=at, name=name, thread=thread, actor=by.journal_name, facts=dict(facts or {}), is_public=public,
        done_at=None if outbound else at,
    )  # fmt: skip
    db.session.add(event)
    for listener in heard.in_transaction.get(name, []):
        listener(event)
    if outbound and heard.announce is not None:
        db.session.flush()
        announce, event_id = heard.announce, event.id
        after_commit(lambda: announce(event_id))
    return event


@contextmanager
def told_to_nobody() -> Iterator[None]:
    """What is recorded inside is history that is brought in: it is in the journal, and no worker is told of it."""
    before = _told_to_nobody.set(True)
    try:
        yield
    finally:
        _told_to_nobody.reset(before)


def history(*threads: str, public_only: bool = False) -> Sequence[Event]:
    """Everything on these threads, the newest first; only what the resident may read when `public_only`."""
    query = select(Event).where(Event.thread.in_(threads)).order_by(Event.happened_at.desc(), Event.id.desc())
    if public_only:
        query = query.where(Event.is_public)
    return db.session.scalars(query).all()


def unclaimed(*, at: datetime, limit: int = 200) -> Sequence[int]:
    """The ids of events that still wait for their listeners, the oldest first: never claimed, or by somebody who did not come back."""
    query = select(Event.id).where(Event.done_at.is_(None), _free(at)).order_by(Event.id).limit(limit)
    return db.session.scalars(query).all()


def claim(event_id: int, *, at: datetime) -> bool:
    """True for exactly one of those who ask at the same time; the claim lapses after `LEASE`."""
    wanted = update(Event).where(Event.id == event_id, Event.done_at.is_(None), _free(at)).values(claimed_at=at)
    return bool(db.session.execute(wanted, execution_options={"synchronize_session": False}).rowcount == 1)  # type: ignore[attr-defined]


def _free(at: datetime) -> Any:
    return or_(Event.claimed_at.is_(None), Event.claimed_at < at - LEASE)
