"""The journal as an outbox: exactly one worker claims an event, and a crash repeats the work and never loses it."""

from dataclasses import dataclass
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from cohab_report import create_app, jobs, journal
from cohab_report.db import db, transaction
from tests.conftest import settings_for
from tests.factories import MONDAY


@dataclass(frozen=True, kw_only=True)
class BellRung(journal.JournalEvent):
    name = "bell.rung"


@dataclass(frozen=True, kw_only=True)
class PublicBellRung(BellRung):
    name = "bell.rung_for_all"
    public = True


@pytest.fixture(params=["sqlite", "postgres"])
def outbox(request, new_database):
    """An application without a queue server, whose `bell.rung` has a listener after commit, on its own database."""
    app = create_app(settings_for(new_database(request.param, "outbox")))
    delivered = []
    journal.listen_after_commit(app, BellRung, lambda event: delivered.append(event.id))
    yield app, delivered
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def record_event(app, *, public=False) -> int:
    with app.app_context(), transaction():
        event = journal.record(
            PublicBellRung(thread="BELL") if public else BellRung(thread="BELL"), by=journal.SYSTEM, at=MONDAY
        )
        db.session.flush()
        return event.id


def deliver(app, event_id: int) -> None:
    with app.app_context():
        jobs.deliver(event_id)


def test_a_queue_server_that_is_down_loses_nothing(outbox):
    app, delivered = outbox
    event_id = record_event(app)
    with app.app_context():
        assert list(journal.unclaimed_event_ids(at=MONDAY)) == [event_id]
    deliver(app, event_id)
    assert delivered == [event_id]
    with app.app_context():
        assert list(journal.unclaimed_event_ids(at=MONDAY + timedelta(days=1))) == []


def test_an_event_that_is_rolled_back_is_never_announced(outbox):
    app, delivered = outbox
    announced: list[int] = []
    journal.listeners(app).announce = announced.append

    @transaction()
    def ring_and_fail():
        journal.record(BellRung(thread="BELL"), by=journal.SYSTEM, at=MONDAY)
        raise ConnectionError

    with app.app_context(), pytest.raises(ConnectionError):
        ring_and_fail()
    with app.app_context():
        assert announced == delivered == []
        assert list(journal.history("BELL")) == []


def test_of_many_workers_exactly_one_claims_an_event(outbox):
    app, _ = outbox
    event_id, ready, claims = record_event(app), Barrier(6), []

    def work():
        with app.app_context():
            ready.wait()
            with transaction():
                is_claimed = journal.claim_event(event_id, at=MONDAY)
            claims.append(is_claimed)

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(claims) == [False] * 5 + [True]


def test_a_worker_that_died_is_not_waited_for_longer_than_its_lease(outbox):
    app, _ = outbox
    event_id = record_event(app)
    with app.app_context():
        with transaction():
            assert journal.claim_event(event_id, at=MONDAY)
        assert list(journal.unclaimed_event_ids(at=MONDAY + journal.CLAIM_LEASE)) == []
        later = MONDAY + journal.CLAIM_LEASE + timedelta(seconds=1)
        assert list(journal.unclaimed_event_ids(at=later)) == [event_id]
        with transaction():
            assert journal.claim_event(event_id, at=later)


def test_a_listener_that_fails_leaves_the_event_for_later(outbox):
    app, delivered = outbox
    event_id = record_event(app)

    def fail(event):
        raise ConnectionError

    journal.listeners(app).after_commit["bell.rung"].insert(0, fail)
    deliver(app, event_id)
    assert delivered == []
    with app.app_context():
        assert db.session.get_one(journal.Event, event_id).done_at is None


def test_the_public_history_holds_public_events_only(outbox):
    app, _ = outbox
    record_event(app)
    public_event_id = record_event(app, public=True)
    with app.app_context():
        assert [event.id for event in journal.history("BELL", public_only=True)] == [public_event_id]
        assert len(journal.history("BELL")) == 2
        assert list(journal.history("OTHER")) == []
