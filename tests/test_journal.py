"""The journal is an outbox: whoever claims an event is alone with it, and a crash repeats and never loses."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from cohab_report import create_app, jobs, journal
from cohab_report.db import db, transaction
from tests.conftest import settings_for
from tests.factories import MONDAY


@pytest.fixture(params=["sqlite", "postgres"])
def outbox(request, new_database):
    """An application whose `bell.rung` has a listener after commit, on a database of its own, with no queue server in reach."""
    app = create_app(settings_for(new_database(request.param, "outbox")))
    heard = []
    journal.listen_after_commit(app, "bell.rung", lambda event: heard.append(event.id))
    yield app, heard
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def ring(app, *, public=False) -> int:
    with app.app_context(), transaction():
        event = journal.record("bell.rung", thread="BELL", by=journal.SYSTEM, at=MONDAY, public=public)
        db.session.flush()
        return event.id


def deliver(app, event_id: int) -> None:
    with app.app_context():
        jobs.deliver(event_id)


def test_a_queue_server_that_is_down_loses_nothing(outbox):
    app, heard = outbox
    event_id = ring(app)
    with app.app_context():
        assert list(journal.unclaimed(at=MONDAY)) == [event_id]
    deliver(app, event_id)
    assert heard == [event_id]
    with app.app_context():
        assert list(journal.unclaimed(at=MONDAY + timedelta(days=1))) == []


def test_an_event_that_is_undone_is_never_announced(outbox):
    app, heard = outbox
    announced: list[int] = []
    journal.listeners(app).announce = announced.append

    @transaction()
    def ring_and_fail():
        journal.record("bell.rung", thread="BELL", by=journal.SYSTEM, at=MONDAY)
        raise ConnectionError

    with app.app_context(), pytest.raises(ConnectionError):
        ring_and_fail()
    with app.app_context():
        assert announced == heard == []
        assert list(journal.history("BELL")) == []


def test_of_many_workers_exactly_one_claims_an_event(outbox):
    app, _ = outbox
    event_id, ready, won = ring(app), Barrier(6), []

    def work():
        with app.app_context():
            ready.wait()
            with transaction():
                mine = journal.claim(event_id, at=MONDAY)
            won.append(mine)

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]


def test_a_worker_that_died_is_not_waited_for_longer_than_its_lease(outbox):
    app, _ = outbox
    event_id = ring(app)
    with app.app_context():
        with transaction():
            assert journal.claim(event_id, at=MONDAY)
        assert list(journal.unclaimed(at=MONDAY + journal.LEASE)) == []
        later = MONDAY + journal.LEASE + timedelta(seconds=1)
        assert list(journal.unclaimed(at=later)) == [event_id]
        with transaction():
            assert journal.claim(event_id, at=later)


def test_a_listener_that_fails_leaves_the_event_for_later(outbox):
    app, heard = outbox
    event_id = ring(app)

    def fail(event):
        raise ConnectionError

    journal.listeners(app).after_commit["bell.rung"].insert(0, fail)
    with pytest.raises(ConnectionError):
        deliver(app, event_id)
    assert heard == []
    with app.app_context():
        assert db.session.get_one(journal.Event, event_id).done_at is None


def test_the_public_history_keeps_the_rest_inside(outbox):
    app, _ = outbox
    ring(app)
    told = ring(app, public=True)
    with app.app_context():
        assert [event.id for event in journal.history("BELL", public_only=True)] == [told]
        assert len(journal.history("BELL")) == 2
        assert list(journal.history("OTHER")) == []
