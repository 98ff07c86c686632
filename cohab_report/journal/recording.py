"""Recording events, and the listeners that packages downstream register for them when the app is made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from flask import Flask, current_app

from cohab_report.db import after_commit, db
from cohab_report.journal.declaration import JournalEvent, names_of
from cohab_report.journal.models import Actor, Event

Listener = Callable[[Event], None]


@dataclass(frozen=True)
class _NamedActor:
    journal_name: str


_is_unannounced: ContextVar[bool] = ContextVar("cohab_is_unannounced", default=False)
RESIDENT: Actor = _NamedActor("resident")
SYSTEM: Actor = _NamedActor("system")


@dataclass
class Listeners:
    """The listeners of an app by event name, registered by packages downstream when the app is made."""

    in_transaction: dict[str, list[Listener]] = field(default_factory=dict)
    after_commit: dict[str, list[Listener]] = field(default_factory=dict)
    announce: Callable[[int], object] | None = None


def init_app(app: Flask) -> None:
    """Gives the app a journal without listeners."""
    app.extensions["journal"] = Listeners()


def listeners(app: Flask | None = None) -> Listeners:
    """Returns the listeners of `app`, or of the current app."""
    return cast(Listeners, (app or current_app).extensions["journal"])


def listen_in_transaction(app: Flask, event: type[JournalEvent], listener: Listener) -> None:
    """Registers a listener that does its database work in the same transaction as each event of this class.

    Events of classes that are derived from it are heard too.
    """
    for name in names_of(event):
        listeners(app).in_transaction.setdefault(name, []).append(listener)


def listen_after_commit(app: Flask, event: type[JournalEvent], listener: Listener) -> None:
    """Registers a listener that a worker calls for each event of this class, after its commit, at least once.

    Events of classes that are derived from it are heard too.
    """
    for name in names_of(event):
        listeners(app).after_commit.setdefault(name, []).append(listener)


def record(event: JournalEvent, *, by: Actor, at: datetime) -> Event:
    """Records an event, calls its listeners in this transaction, and announces it to a worker after the commit.

    Returns the row that the journal keeps.
    """
    registered = listeners()
    has_worker_listeners = bool(registered.after_commit.get(event.name)) and not _is_unannounced.get()
    row = Event(
        happened_at=at,
        name=event.name,
        thread=event.thread,
        actor=by.journal_name,
        facts=event.facts(),
        is_public=event.is_public,
        done_at=None if has_worker_listeners else at,
    )
    db.session.add(row)
    for listener in registered.in_transaction.get(event.name, []):
        listener(row)
    if has_worker_listeners and registered.announce is not None:
        db.session.flush()
        announce, event_id = registered.announce, row.id
        after_commit(lambda: announce(event_id))
    return row


@contextmanager
def without_announcement() -> Iterator[None]:
    """Records events inside it as imported history: they are in the journal, and no worker is informed of them."""
    before = _is_unannounced.set(True)
    try:
        yield
    finally:
        _is_unannounced.reset(before)
