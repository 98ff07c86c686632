"""Workers and the clock give signs of life; who is silent for too long is missed, and what waits has its age."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask
from rq import Worker
from rq.serializers import JSONSerializer

from cohab_report import create_app, jobs
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.jobs import QueueName, monitoring
from cohab_report.jobs.outbox import relay_unclaimed
from cohab_report.jobs.worker import SILENCE_LIMIT
from tests.conftest import settings_for
from tests.workers import empty_queues, work

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(new_database: Callable[[str, str], str], queue_url: str) -> Iterator[Flask]:
    """The whole application with a queue server that has nothing in it."""
    app = create_app(settings_for(new_database("sqlite", "monitoring"), queue_url))
    empty_queues(app)
    yield app
    empty_queues(app)
    with app.app_context():
        db.engine.dispose()


def parts(site: Flask) -> dict[str, str]:
    """What /readyz says of each part."""
    answer = site.test_client().get("/readyz")
    assert answer.status_code == 200 and answer.json is not None
    return dict(answer.json["parts"])


def worker_on(site: Flask, *names: QueueName) -> Worker:
    """A worker that gave one sign of life."""
    with site.app_context():
        worker = Worker(
            [jobs.job_queue(name) for name in names],
            connection=redis.Redis.from_url(jobs.job_queues().url),
            serializer=JSONSerializer,
        )
        worker.register_birth()
        return worker


def test_a_site_without_a_worker_serves_residents_and_says_which_queues_nobody_serves(site: Flask) -> None:
    assert parts(site)["workers"] == "none for clock, events, email, pictures"
    worker_on(site, QueueName.CLOCK, QueueName.EVENTS)
    assert parts(site)["workers"] == "none for email, pictures"
    worker_on(site, QueueName.EMAIL)
    last = worker_on(site, QueueName.PICTURES)
    assert parts(site)["workers"] == "ok"
    last.register_death()
    assert parts(site)["workers"] == "none for pictures"


def test_a_worker_that_is_silent_for_too_long_counts_as_dead(site: Flask) -> None:
    begin = now()
    worker_on(site, *QueueName)
    with site.app_context():
        assert monitoring.unserved_queues(at=begin + SILENCE_LIMIT - timedelta(seconds=5)) == []
        assert monitoring.unserved_queues(at=now() + SILENCE_LIMIT) == ["clock", "events", "email", "pictures"]


def test_a_clock_is_heard_until_it_is_silent_for_too_long(site: Flask) -> None:
    assert parts(site)["clock"] == "silent"
    with site.app_context():
        clock = jobs.Clock(redis.Redis.from_url(jobs.job_queues().url))
        clock.register_birth()
        clock.heartbeat()
        limit = monitoring.CLOCK_SILENCE_LIMIT
        assert not monitoring.is_clock_silent(at=now() + limit - timedelta(seconds=5))
        assert monitoring.is_clock_silent(at=now() + limit + timedelta(seconds=5))
    assert parts(site)["clock"] == "ok"


def test_the_age_of_a_queue_is_that_of_its_first_job(site: Flask) -> None:
    with site.app_context():
        begin = now()
        assert jobs.enqueue_once(relay_unclaimed, queue=QueueName.CLOCK)
        ages = monitoring.queue_ages(at=begin + timedelta(minutes=7))
        assert 415 < ages["clock"] <= 420 and ages["events"] == ages["email"] == 0
        assert monitoring.waiting_jobs() == {"clock": 1, "events": 0, "email": 0, "pictures": 0}
    work(site, QueueName.CLOCK)
    with site.app_context():
        assert monitoring.queue_ages(at=now())["clock"] == 0


def test_without_a_queue_server_workers_and_the_clock_are_away_and_residents_are_served(
    new_database: Callable[[str, str], str],
) -> None:
    app = create_app(settings_for(new_database("sqlite", "no_queue")))
    assert {part for part, state in parts(app).items() if state == "away"} == {"queue", "workers", "clock"}
    with app.app_context():
        db.engine.dispose()


def test_the_real_worker_and_the_real_clock_are_heard(site: Flask, queue_url: str, tmp_path: Path) -> None:
    with site.app_context():
        database = db.engine.url.render_as_string(hide_password=False)
    environ = os.environ | {
        "COHAB_ENV": "development",
        "COHAB_SECRET_KEY": "s" * 40,
        "COHAB_CODE_KEY": "c" * 40,
        "COHAB_CONTACT_KEY": "e" * 40,
        "COHAB_DATABASE_URL": database,
        "COHAB_QUEUE_URL": queue_url,
        "COHAB_MEDIA_DIR": str(tmp_path),
        "COHAB_BASE_URL": "http://localhost",
    }
    commands = (["deploy.worker"], ["deploy.clock"])
    running = [
        subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environ, start_new_session=True)
        for command in commands
    ]
    try:
        until = time.monotonic() + 120
        while (parts(site)["workers"], parts(site)["clock"]) != ("ok", "ok"):
            assert time.monotonic() < until, parts(site)
            assert all(process.poll() is None for process in running), "both run"
            time.sleep(0.2)
    finally:
        for process in running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in running:
            process.wait(timeout=60)
