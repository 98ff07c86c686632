"""The journal of events, in one table: audit trail, outbox, the resident's history and the source of trends.

An event is written in the same transaction as the change that it records, and holds ids and small facts only: never a
name, an address or free text. Packages downstream are informed by events only: they listen, and nobody upstream knows
of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from flask import Flask, current_app
from sqlalchemy import JSON, Boolean, Index, String, Text, or_, select, update
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.db import Id, Model, UtcDateTime, after_commit, db

CLAIM_LEASE = timedelta(minutes=5)
"""How long a claim lasts; after that another worker may claim the event of one that died."""


class Actor(Protocol):
    """Whoever acts: a person of a partner, a resident, or the system."""

    @property
    def journal_name(self) -> str:
        """Returns the journal's identifier of this actor: `person:7`, `resident`, `system`; never a name."""
        ...


@dataclass(frozen=True)
class _NamedActor:
    journal_name: str


_is_unannounced: ContextVar[bool] = ContextVar("cohab_is_unannounced", default=False)
RESIDENT: Actor = _NamedActor("resident")
SYSTEM: Actor = _NamedActor("system")


class Event(Model):
    """One event: its name in the past tense, its actor, its facts.

    Its thread is the public reference of an observation or a case.
    """

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
    """The listeners of an app by event name, registered by packages downstream when the app is made."""

    in_transaction: dict[str, list[Callable[[Event], None]]] = field(default_factory=dict)
    after_commit: dict[str, list[Callable[[Event], None]]] = field(default_factory=dict)
    announce: Callable[[int], None] | None = None


def init_app(app: Flask) -> None:
    """Gives the app a journal without listeners."""
    app.extensions["journal"] = Listeners()


def listeners(app: Flask | None = None) -> Listeners:
    """Returns the listeners of `app`, or of the current app."""
    return cast(Listeners, (app or current_app).extensions["journal"])


def listen_in_transaction(app: Flask, name: str, listener: Callable[[Event], None]) -> None:
    """Registers a listener that does its database work in the same transaction as each event of this name."""
    listeners(app).in_transaction.setdefault(name, []).append(listener)


def listen_after_commit(app: Flask, name: str, listener: Callable[[Event], None]) -> None:
    """Registers a listener that a worker calls for each event of this name, after its commit, at least once."""
    listeners(app).after_commit.setdefault(name, []).append(listener)


def record(
    name: str, *, thread: str, by: Actor, at: datetime, public: bool = False, facts: Mapping[str, Any] | None = None
) -> Event:
    """Records an event, calls its listeners in this transaction, and announces it to a worker after the commit.

    `public`: residents may read it. Facts are ids and small truths, never a name, an address or free text.
    """
    registered = listeners()
    has_worker_listeners = bool(registered.after_commit.get(name)) and not _is_unannounced.get()
    event = Event(
        happened_at=at,
        name=name,
        thread=thread,
        actor=by.journal_name,
        facts=dict(facts or {}),
        is_public=public,
        done_at=None if has_worker_listeners else at,
    )
    db.session.add(event)
    for listener in registered.in_transaction.get(name, []):
        listener(event)
    if has_worker_listeners and registered.announce is not None:
        db.session.flush()
        announce, event_id = registered.announce, event.id
        after_commit(lambda: announce(event_id))
    return event


@contextmanager
def without_announcement() -> Iterator[None]:
    """Records events inside it as imported history: they are in the journal, and no worker is informed of them."""
    before = _is_unannounced.set(True)
    try:
        yield
    finally:
        _is_unannounced.reset(before)


def history(*threads: str, public_only: bool = False) -> Sequence[Event]:
    """Returns the events of these threads, the newest first; only those that residents may read when `public_only`."""
    query = select(Event).where(Event.thread.in_(threads)).order_by(Event.happened_at.desc(), Event.id.desc())
    if public_only:
        query = query.where(Event.is_public)
    return db.session.scalars(query).all()


def unclaimed_event_ids(*, at: datetime, limit: int = 200) -> Sequence[int]:
    """Returns the ids of events that wait for their listeners, oldest first: unclaimed, or with a lapsed claim."""
    query = select(Event.id).where(Event.done_at.is_(None), _is_claimable(at)).order_by(Event.id).limit(limit)
    return db.session.scalars(query).all()


def claim_event(event_id: int, *, at: datetime) -> bool:
    """Claims an event for this worker.

    True for exactly one of concurrent callers. The claim lapses after CLAIM_LEASE.
    """
    statement = (
        update(Event).where(Event.id == event_id, Event.done_at.is_(None), _is_claimable(at)).values(claimed_at=at)
    )
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return bool(result.rowcount == 1)  # type: ignore[attr-defined]


def _is_claimable(at: datetime) -> Any:
    return or_(Event.claimed_at.is_(None), Event.claimed_at < at - CLAIM_LEASE)
