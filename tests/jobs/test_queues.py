"""Jobs in their queues, on a real Valkey: each waits once, and nothing that happens to a worker blocks it for ever."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_server
from typing import Any

import pytest
import redis
import time_machine
from flask import Flask
from rq import Queue
from rq.job import Job

from cohab_report import create_app, jobs, journal
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.jobs import Clock, QueueName, enqueue_once
from cohab_report.journal import Event
from tests.conftest import settings_for
from tests.jobs.test_attempts import GongStruck
from tests.workers import empty_queues, failed_job_count, waiting_job_ids, work

ROOT = Path(__file__).parents[2]
WORKER = """
import redis, sys
from rq import Queue, Worker
from rq.serializers import JSONSerializer
connection = redis.Redis.from_url(sys.argv[1])
queue = Queue("cohab-pictures", connection=connection, serializer=JSONSerializer)
Worker([queue], connection=connection, serializer=JSONSerializer).work(logging_level="WARNING")
"""
heard: list[int] = []


def hear(number: int) -> None:
    """Writes down that it ran."""
    heard.append(number)


def ask_again(number: int) -> None:
    """Enqueues itself twice while it runs, the first time."""
    heard.append(number)
    if len(heard) == 1:
        heard.extend(100 * enqueue_once(ask_again, number, queue=QueueName.CLOCK) for _ in range(2))


def fail(_number: int) -> None:
    """Fails."""
    raise ArithmeticError


def sleep_long(_number: int) -> None:
    """Runs until its worker is killed."""
    time.sleep(120)


def tick() -> None:
    """Recurs."""
    heard.append(0)


@pytest.fixture(params=["sqlite", "postgres"])
def town(request: pytest.FixtureRequest, new_database: Callable[[str, str], str], queue_url: str) -> Iterator[Flask]:
    app = create_app(settings_for(new_database(request.param, "queues"), queue_url))
    journal.listen_after_commit(app, GongStruck, lambda event: heard.append(event.id))
    empty_queues(app)
    heard.clear()
    with app.app_context():
        yield app
        empty_queues(app)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def site(queue_url: str) -> Iterator[Flask]:
    """An application with a queue server and without tables."""
    app = create_app(settings_for("sqlite://", queue_url))
    empty_queues(app)
    heard.clear()
    with app.app_context():
        yield app
        empty_queues(app)


def enqueue_hear() -> bool:
    return enqueue_once(hear, 7, queue=QueueName.PICTURES)


def strike(times: int) -> list[int]:
    with transaction():
        events = [journal.record(GongStruck(thread="A"), by=journal.SYSTEM, at=now()) for _ in range(times)]
        db.session.flush()
        return [event.id for event in events]


def test_a_job_waits_once_whoever_asks_for_it_and_again_when_it_is_done(site: Flask):
    assert [enqueue_hear(), enqueue_hear(), enqueue_once(hear, 8, queue=QueueName.PICTURES)] == [True, False, True]
    assert [len(ids) for ids in waiting_job_ids(site).values()] == [2]
    work(site)
    assert (heard, waiting_job_ids(site)) == ([7, 8], {})
    assert enqueue_hear()
    work(site)
    assert heard == [7, 8, 7]


def test_behind_a_job_that_runs_one_more_may_wait_since_it_may_have_looked_too_early(site: Flask):
    enqueue_once(ask_again, 1, queue=QueueName.CLOCK)
    work(site)
    assert heard == [1, 100, 0, 1]


def test_a_job_that_failed_does_not_block_the_next_one(site: Flask):
    for number in range(1, 6):
        assert enqueue_once(fail, 7, queue=QueueName.PICTURES)
        work(site)
        assert failed_job_count(site) <= 2, number
    assert failed_job_count(site) > 0


def test_a_job_that_a_worker_took_away_and_never_began_does_not_block_the_next_one(site: Flask):
    for _ in range(5):
        assert enqueue_hear()
        jobs.job_queue(QueueName.PICTURES).connection.lpop("rq:queue:cohab-pictures")
    assert enqueue_hear()
    work(site)
    assert heard == [7]


def test_a_job_whose_worker_was_killed_does_not_block_the_next_one(site: Flask, queue_url: str):
    assert enqueue_once(sleep_long, 7, queue=QueueName.PICTURES)
    started = jobs.job_queue(QueueName.PICTURES).started_job_registry
    worker = subprocess.Popen([sys.executable, "-c", WORKER, queue_url], cwd=ROOT, start_new_session=True)
    try:
        wait_until(lambda: bool(started.get_job_ids()) and worker.poll() is None)
    finally:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
    (job_id,) = started.get_job_ids()
    assert enqueue_once(sleep_long, 7, queue=QueueName.PICTURES), "although the dead one is still thought alive"
    assert not enqueue_once(sleep_long, 7, queue=QueueName.PICTURES)
    (entry,) = started.connection.zrange(started.key, 0, -1)
    started.connection.zadd(started.key, {entry: time.time() - 1})  # a minute and a half later
    empty_queue = jobs.job_queue(QueueName.PICTURES)
    empty_queue.connection.delete(empty_queue.key)
    assert enqueue_once(sleep_long, 7, queue=QueueName.PICTURES)
    assert waiting_job_ids(site) == {QueueName.PICTURES: [job_id]}


def test_load_without_a_worker_leaves_one_job_an_event_and_the_queue_drains_without_growing_again(town: Flask):
    struck = strike(30)
    for _ in range(10):
        assert jobs.relay_unclaimed() == 0
    struck += strike(10)
    (waiting,) = waiting_job_ids(town).values()
    assert len(waiting) == len(set(waiting)) == 40
    empty_queues(town)
    assert [jobs.relay_unclaimed(), jobs.relay_unclaimed()] == [40, 0], "the queue lost them, the journal did not"
    work(town, QueueName.EVENTS)
    assert sorted(heard) == struck
    for _ in range(3):
        assert jobs.relay_unclaimed() == 0
        assert waiting_job_ids(town) == {}
    db.session.rollback()
    assert all(db.session.get_one(Event, event_id).done_at for event_id in struck)


def test_an_event_that_fails_is_relayed_when_its_pause_is_over(town: Flask):
    journal.listen_after_commit(town, GongStruck, lambda event: fail(event.id))
    (event_id,) = strike(1)
    work(town)
    assert failed_job_count(town) == 0, "nothing of it stays in the queue server"
    assert jobs.relay_unclaimed() == 0
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert jobs.relay_unclaimed() == 1
    work(town)
    db.session.rollback()
    assert db.session.get_one(Event, event_id).attempts == 1, "and before that, no worker tries it"


def test_recurring_jobs_do_not_pile_up_while_no_worker_takes_them(site: Flask):
    started = datetime(2026, 11, 30, 9, 5, tzinfo=UTC)
    with time_machine.travel(started):
        clock = Clock(redis.Redis.from_url(jobs.job_queues().url), logging_level="WARNING")
        clock.register(tick, queue_name=QueueName.CLOCK.value, interval=60)
        clock.register(tick, queue_name=QueueName.EMAIL.value, cron="0 * * * *")
    for minute in range(130):
        with time_machine.travel(started + timedelta(minutes=minute)):
            clock.enqueue_jobs()
    assert {name: len(ids) for name, ids in waiting_job_ids(site).items()} == {QueueName.CLOCK: 1, QueueName.EMAIL: 1}
    work(site)
    with time_machine.travel(started + timedelta(minutes=131)):
        clock.enqueue_jobs()
    assert {name: len(ids) for name, ids in waiting_job_ids(site).items()} == {QueueName.CLOCK: 1}


def test_a_recurring_job_stays_due_while_the_queue_server_is_away(site: Flask):
    night = datetime(2026, 11, 30, 8, 23, 1, tzinfo=UTC)
    with time_machine.travel(night - timedelta(minutes=5)):
        clock = Clock(redis.Redis.from_url(jobs.job_queues().url), logging_level="WARNING")
        job = clock.register(tick, queue_name=QueueName.CLOCK.value, cron="23 * * * *")
    away = create_app(settings_for("sqlite://"))
    with time_machine.travel(night, tick=False), away.app_context():
        clock.connection = redis.Redis.from_url(jobs.job_queues().url)
        assert clock.enqueue_jobs() == [] and job.should_run()
        clock.heartbeat()
        clock.save()
        assert clock.calculate_sleep_interval() == 1, "it waits, and does not ask without end"
    with time_machine.travel(night + timedelta(minutes=2), tick=False):
        assert clock.enqueue_jobs() == [job] and not job.should_run()
    assert {name: len(ids) for name, ids in waiting_job_ids(site).items()} == {QueueName.CLOCK: 1}


def test_a_job_that_somebody_else_deletes_at_the_same_moment_stops_nobody(site: Flask, monkeypatch: pytest.MonkeyPatch):
    for _ in range(2):
        assert enqueue_hear()
        jobs.job_queue(QueueName.PICTURES).connection.lpop("rq:queue:cohab-pictures")
    fetch = Job.fetch

    def fetch_and_lose(job_id: str, connection: Any, **options: Any) -> Job:
        job = fetch(job_id, connection=connection, **options)
        connection.delete(job.key)
        return job

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Job, "fetch", fetch_and_lose)
        assert enqueue_hear()
    work(site)
    assert heard == [7]


def test_a_queue_server_that_hangs_costs_a_request_one_timeout_however_many_events_it_records(
    new_database: Callable[[str, str], str], caplog: pytest.LogCaptureFixture
):
    with create_server(("127.0.0.1", 0)) as server:  # it accepts, and never answers
        url = f"redis://127.0.0.1:{server.getsockname()[1]}/0"
        app = create_app(settings_for(new_database("sqlite", "hangs"), url))
        journal.listen_after_commit(app, GongStruck, lambda event: heard.append(event.id))
        with app.app_context():
            options = jobs.job_queue(QueueName.EVENTS).connection.connection_pool.connection_kwargs
            assert (options["socket_connect_timeout"], options["socket_timeout"]) == (0.5, 1.0)
            struck = strike(5)
            assert [line.getMessage() for line in caplog.records if "queue unreachable" in line.getMessage()] == [
                "queue unreachable, a job stays for the schedule"
            ]
            assert list(journal.unclaimed_event_ids(at=now())) == struck
            db.session.remove()
            db.engine.dispose()


class TouchesFile:
    """Becomes, when it is unpickled, a call that leaves a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_somebody_puts_into_a_queue_is_never_read(site: Flask, tmp_path: Path):
    folder = tmp_path / "made by a pickle"
    with site.app_context():
        queue = Queue(QueueName.EVENTS.value, connection=jobs.job_queue(QueueName.EVENTS).connection)
        queue.enqueue(hear, TouchesFile(folder))
        assert enqueue_hear()
    work(site)
    assert not folder.exists() and failed_job_count(site) == 1
    assert heard == [7], "the next job is worked on"


def wait_until(truth: Callable[[], bool], *, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.1)
