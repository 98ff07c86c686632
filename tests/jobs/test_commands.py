"""`flask retry-events`, and who puts events back."""

from datetime import datetime

from flask import Flask
from sqlalchemy.orm import Session

from cohab_report import jobs, journal
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.journal import SYSTEM, Event
from tests.cast import Cast
from tests.factories import MONDAY


def failing_event(thread: str, *, set_aside_at: datetime | None = MONDAY, error: str = "KeyError") -> Event:
    event = Event(happened_at=MONDAY, name="bell.rung", thread=thread, actor="system", facts={}, is_public=False)
    event.attempts, event.last_error, event.set_aside_at = 8 if set_aside_at else 2, error, set_aside_at
    event.retry_at = None if set_aside_at else now()
    db.session.add(event)
    db.session.commit()
    return event


def is_set_aside(*events: Event) -> list[bool]:
    db.session.expire_all()
    return [event.set_aside_at is not None for event in events]


def put_back_facts(*events: Event) -> list[dict[str, int]]:
    return [row.facts for event in events for row in journal.history(f"event:{event.id}")]


def test_retry_events_puts_back_those_that_are_named_or_all(app: Flask, session: Session):
    events = [failing_event(thread) for thread in ("A", "B", "C")]
    first = app.test_cli_runner().invoke(args=["retry-events", str(events[0].id)])
    assert first.output == "1 events will be tried again within a minute\n"
    assert is_set_aside(*events) == [False, True, True]
    assert app.test_cli_runner().invoke(args=["retry-events"]).output.startswith("2 events")
    assert is_set_aside(*events) == [False, False, False]
    assert put_back_facts(*events) == [{"event": event.id} for event in events]
    assert app.test_cli_runner().invoke(args=["retry-events"]).output.startswith("0 events")
    assert len(put_back_facts(*events)) == 3, "nothing put back is nothing to write down"


def test_who_put_them_back_is_written_down_and_they_are_due_at_once(session: Session, cast: Cast):
    event, waiting = failing_event("A"), failing_event("B", set_aside_at=None)
    assert jobs.put_events_back([event.id, waiting.id], by=cast.ana, at=MONDAY) == [event.id]
    assert (event.attempts, event.set_aside_at) == (0, None)
    assert event.id in journal.unclaimed_event_ids(at=MONDAY)
    (row,) = journal.history(f"event:{event.id}", f"event:{waiting.id}")
    assert (row.name, row.actor, row.is_public) == ("event.put_back", cast.ana.journal_name, False)


def test_an_event_put_back_by_the_system(session: Session):
    failing_event("A")
    jobs.put_events_back(by=SYSTEM, at=MONDAY)
    assert journal.set_aside_count() == 0
