"""An event whose listener fails: the pause, the next attempts, being set aside and put back, and who must not wait."""

import logging
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from cohab_report import create_app, jobs, journal
from cohab_report.db import db, transaction
from cohab_report.journal import Event, attempts
from tests.conftest import settings_for
from tests.factories import MONDAY

A_SECRET = "Rosa, 12 rue du Quai"


@dataclass(frozen=True, kw_only=True)
class GongStruck(journal.JournalEvent):
    name = "gong.struck"


class Tower:
    """An application whose gong has a listener that fails for some threads, or writes down what it hears."""

    def __init__(self, app: Flask) -> None:
        self.app, self.heard, self.poisoned = app, list[str](), set[str]()
        journal.listen_after_commit(app, GongStruck, self.listen)

    def listen(self, event: Event) -> None:
        journal.record(GongStruck(thread="echo"), by=journal.SYSTEM, at=MONDAY).done_at = MONDAY
        if event.thread in self.poisoned:
            raise LookupError(A_SECRET)
        self.heard.append(event.thread)

    def strike(self, *threads: str) -> list[int]:
        with transaction():
            events = [journal.record(GongStruck(thread=each), by=journal.SYSTEM, at=MONDAY) for each in threads]
            db.session.flush()
            return [event.id for event in events]

    def work(self, at: datetime, event_ids: list[int] | None = None) -> None:
        """A worker takes these events, or those that the relay finds."""
        with time_machine.travel(at, tick=False):
            for event_id in event_ids if event_ids is not None else due_ids(at):
                jobs.deliver(event_id)


@pytest.fixture(params=["sqlite", "postgres"])
def tower(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[Tower]:
    app = create_app(settings_for(new_database(request.param, "tower")))
    with app.app_context():
        yield Tower(app)
        db.session.remove()
        db.engine.dispose()


def due_ids(at: datetime) -> list[int]:
    """Returns what the relay finds, from a new snapshot."""
    db.session.rollback()
    return list(journal.unclaimed_event_ids(at=at))


def set_aside_ids() -> list[int]:
    db.session.rollback()
    events = journal.set_aside_events()
    assert len(events) == journal.set_aside_count()
    return [event.id for event in events]


def row(event_id: int) -> Event:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Event, event_id)


def test_pauses_grow_from_a_minute_to_hours():
    pauses = [attempts.pause_after(number) for number in range(1, 12)]
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses == sorted(pauses)
    assert pauses[7] == timedelta(minutes=128)
    assert pauses[8:] == [timedelta(hours=4)] * 3


def test_a_failure_is_written_down_by_its_type_and_nothing_of_the_listener_stays(
    tower: Tower, caplog: pytest.LogCaptureFixture
):
    tower.poisoned.add("A")
    (event_id,) = tower.strike("A")
    with caplog.at_level(logging.WARNING):
        tower.work(MONDAY)
    event = row(event_id)
    assert (event.attempts, event.last_error, event.claimed_at, event.done_at) == (1, "LookupError", None, None)
    assert event.retry_at == MONDAY + timedelta(minutes=1)
    assert journal.history("echo") == [], "what the listener wrote before it failed is rolled back"
    (line,) = (record for record in caplog.records if record.getMessage() == "a listener failed")
    assert (vars(line)["error"], line.exc_info) == ("LookupError", None)
    assert A_SECRET not in caplog.text


def test_an_error_that_follows_a_listener_s_brings_nothing_of_it_along(tower: Tower, monkeypatch: pytest.MonkeyPatch):
    """The database goes away after the listener failed: the queue server keeps the traceback of a job that fails."""
    tower.poisoned.add("A")
    event_ids = tower.strike("A")

    def goes_away(*_of_attempt: Any, **_of_it: Any) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr(journal, "fail_attempt", goes_away)
    with pytest.raises(ConnectionError) as failure:
        tower.work(MONDAY, event_ids)
    assert A_SECRET not in "".join(traceback.format_exception(failure.value))


def test_the_pause_rules_and_not_the_lease_of_the_claim(tower: Tower):
    tower.poisoned.add("A")
    (event_id,) = tower.strike("A")
    tower.work(MONDAY)
    soon, due = MONDAY + timedelta(seconds=59), MONDAY + timedelta(minutes=1)
    assert due < MONDAY + journal.CLAIM_LEASE
    tower.poisoned.clear()
    tower.work(soon, [event_id])
    assert (tower.heard, due_ids(soon)) == ([], [])
    tower.work(due)
    assert tower.heard == ["A"]
    assert row(event_id).done_at == due


def test_after_its_last_attempt_it_is_set_aside_and_can_be_put_back(tower: Tower):
    tower.poisoned |= {"A", "B"}
    first, second = tower.strike("A", "B")
    at = MONDAY
    for _ in range(journal.MAX_ATTEMPTS):
        assert set_aside_ids() == []
        tower.work(at)
        at += timedelta(hours=5)
    last = at - timedelta(hours=5)
    assert set_aside_ids() == [first, second]
    assert (row(first).set_aside_at, row(first).attempts, row(first).retry_at) == (last, journal.MAX_ATTEMPTS, None)
    tower.work(at + timedelta(days=9), [first, second])
    assert row(first).attempts == journal.MAX_ATTEMPTS, "nobody tries it any more"
    tower.poisoned.clear()
    with transaction():
        assert journal.put_back([first, 99], at=at) == [first]
    tower.work(at)
    assert (tower.heard, row(first).attempts, row(first).done_at) == (["A"], 1, at)
    with transaction():
        assert journal.put_back(at=at) == [second]
        assert journal.put_back(at=at) == []
    tower.work(at)
    assert tower.heard == ["A", "B"]
    assert set_aside_ids() == []


def test_an_event_that_kills_its_worker_each_time_is_set_aside_too(tower: Tower):
    (event_id,) = tower.strike("A")
    at = MONDAY
    for number in range(1, journal.MAX_ATTEMPTS + 1):
        with transaction():
            assert journal.claim_event(event_id, at=at), "and the worker dies"
        assert row(event_id).attempts == number
        assert row(event_id).last_error == (journal.WORKER_DIED if number > 1 else None)
        at += journal.CLAIM_LEASE + timedelta(seconds=1)
    with transaction():
        assert not journal.claim_event(event_id, at=at)
    event = row(event_id)
    assert (event.set_aside_at, event.attempts, event.claimed_at) == (at, journal.MAX_ATTEMPTS, None)
    assert event.last_error == journal.WORKER_DIED


def test_who_lost_the_claim_ends_nobody_else_s_attempt(tower: Tower):
    (event_id,) = tower.strike("A")
    later = MONDAY + journal.CLAIM_LEASE + timedelta(seconds=1)
    for at in (MONDAY, later):
        with transaction():
            assert journal.claim_event(event_id, at=at)
    with transaction():
        journal.fail_attempt(event_id, "TimeoutError", claimed_at=MONDAY, at=later)
    assert (row(event_id).claimed_at, row(event_id).retry_at) == (later, None)


def test_two_hundred_events_that_always_fail_keep_no_fresh_one_waiting(tower: Tower):
    poison = [f"P{number}" for number in range(200)]
    tower.poisoned |= set(poison)
    bad = tower.strike(*poison)
    with transaction():
        for event_id in bad:
            db.session.get_one(Event, event_id).attempts = 1
    tower.strike("GOOD")
    assert len(due_ids(MONDAY)) == 200, "one round holds no more"
    tower.work(MONDAY, due_ids(MONDAY)[:3])
    assert tower.heard == ["GOOD"]
    rest = set(due_ids(MONDAY))
    assert rest == set(bad[2:]), "and those that failed longest ago follow before those that failed now"


def test_events_that_will_be_tried_again_are_listed_apart_from_those_set_aside(tower: Tower):
    tower.poisoned |= {"A", "B"}
    first, second, _fresh = tower.strike("A", "B", "C")
    tower.work(MONDAY)
    with transaction():
        db.session.get_one(Event, second).set_aside_at = MONDAY
    assert set_aside_ids() == [second]
    assert [event.id for event in journal.retried_events()] == [first]
