"""The attempts to call an event's listeners: which events are due, who claims one, and what follows when it fails.

A failure is followed by a growing pause. After MAX_ATTEMPTS an event is set aside, until an admin puts it back: one
that always fails must neither be tried for ever nor keep others waiting. Commits nothing, and calls nobody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select, update

from cohab_report.db import claim_row, db, updated_rows
from cohab_report.journal.models import Event

CLAIM_LEASE = timedelta(seconds=200)
"""How long a claim lasts; after that another worker may claim the event of one that died.

Longer than a job may run (RQ's three minutes), and short enough that a dead worker's events are done within five.
"""
MAX_ATTEMPTS = 8
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=4)
WORKER_DIED = "WorkerDied"
"""Stands as the error of an attempt whose worker never said how it ended."""


def pause_after(attempts: int) -> timedelta:
    """Returns how long to wait after so many failed attempts: a minute, doubled by each, four hours at most."""
    doubled: int = 2 ** (attempts - 1)
    return min(FIRST_PAUSE * doubled, LONGEST_PAUSE)


def unclaimed_event_ids(*, at: datetime, limit: int = 200) -> Sequence[int]:
    """Returns the ids of events whose listeners are due: not set aside, unclaimed or the claim lapsed, pause over.

    The least tried first and the oldest of these, so that events that always fail keep no fresh one waiting.
    """
    query = select(Event.id).where(_is_claimable(at)).order_by(Event.attempts, Event.id).limit(limit)
    return db.session.scalars(query).all()


def claim_event(event_id: int, *, at: datetime) -> bool:
    """Claims an event for this worker and counts the attempt; returns whether the caller may call its listeners.

    True for at most one of concurrent callers. The claim lapses after CLAIM_LEASE. An event whose workers died
    MAX_ATTEMPTS times is set aside instead.
    """
    lapsed = Event.claimed_at.is_not(None)
    is_worn_out = Event.attempts >= MAX_ATTEMPTS
    changes = {
        "claimed_at": case((is_worn_out, None), else_=at),
        "set_aside_at": case((is_worn_out, at), else_=None),
        "attempts": case((is_worn_out, Event.attempts), else_=Event.attempts + 1),
        "last_error": case((lapsed, WORKER_DIED), else_=Event.last_error),
    }
    if not claim_row(update(Event).where(Event.id == event_id, _is_claimable(at)).values(changes)):
        return False
    return db.session.scalar(select(Event.claimed_at).where(Event.id == event_id)) is not None


def fail_attempt(event_id: int, error: str, *, claimed_at: datetime, at: datetime) -> None:
    """Ends the attempt that was claimed at `claimed_at` and failed: a pause follows, or the event is set aside.

    `error` is the name of the error's type. Does nothing when the event is done or somebody else has claimed it.
    """
    attempts = db.session.scalar(select(Event.attempts).where(Event.id == event_id)) or 1
    is_last = attempts >= MAX_ATTEMPTS
    own_claim = update(Event).where(Event.id == event_id, Event.done_at.is_(None), Event.claimed_at == claimed_at)
    updated_rows(
        own_claim.values(
            claimed_at=None,
            last_error=error,
            retry_at=None if is_last else at + pause_after(attempts),
            set_aside_at=at if is_last else None,
        )
    )


def put_back(event_ids: Sequence[int] | None = None, *, at: datetime) -> Sequence[int]:
    """Makes events that were set aside due at once, with all attempts again: these, or all; returns their ids."""
    chosen = select(Event).where(Event.set_aside_at.is_not(None)).order_by(Event.id).with_for_update()
    if event_ids is not None:
        chosen = chosen.where(Event.id.in_(event_ids))
    events = db.session.scalars(chosen).all()
    for event in events:
        event.attempts, event.retry_at, event.set_aside_at = 0, at, None
    return [event.id for event in events]


def waiting_count() -> int:
    """Returns the number of events whose listeners were not called yet; those set aside don't count."""
    return db.session.scalar(select(func.count()).select_from(Event).where(_is_waiting())) or 0


def waiting_age(*, at: datetime) -> float:
    """Returns how many seconds the longest waiting event has waited; 0 when none waits."""
    oldest = db.session.scalar(select(func.min(Event.happened_at)).where(_is_waiting()))
    return 0.0 if oldest is None else max(0.0, (at - oldest).total_seconds())


def set_aside_count() -> int:
    """Returns the number of events that are set aside."""
    return db.session.scalar(select(func.count()).select_from(Event).where(Event.set_aside_at.is_not(None))) or 0


def set_aside_events(*, limit: int = 50) -> Sequence[Event]:
    """Returns events that are set aside, the latest first."""
    query = select(Event).where(Event.set_aside_at.is_not(None)).order_by(Event.set_aside_at.desc(), Event.id)
    return db.session.scalars(query.limit(limit)).all()


def retried_events(*, limit: int = 50) -> Sequence[Event]:
    """Returns events that failed and will be tried again, the most tried first."""
    query = select(Event).where(_is_waiting(), Event.attempts > 0, Event.last_error.is_not(None))
    return db.session.scalars(query.order_by(Event.attempts.desc(), Event.id).limit(limit)).all()


def _is_waiting() -> ColumnElement[bool]:
    return and_(Event.done_at.is_(None), Event.set_aside_at.is_(None))


def _is_claimable(at: datetime) -> ColumnElement[bool]:
    return and_(
        _is_waiting(),
        or_(Event.retry_at.is_(None), Event.retry_at <= at),
        or_(Event.claimed_at.is_(None), Event.claimed_at < at - CLAIM_LEASE),
    )
