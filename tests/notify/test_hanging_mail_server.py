"""A mail server that hangs delays e-mails only: beside it, real workers call listeners and re-encode photos."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from socket import create_server, socket
from threading import Event as Flag
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import select

from cohab_report import create_app, jobs
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import Photo, PhotoState
from cohab_report.jobs import QueueName
from cohab_report.journal import Event
from cohab_report.notify.models import Delivery, DeliveryState
from tests import factories, pictures
from tests.conftest import settings_for
from tests.notify.test_journey import offer
from tests.workers import empty_queues

ROOT = Path(__file__).parents[2]


class Tarpit:
    """A mail server that goes on greeting, a line at a time, so that no timeout of a single answer ends it."""

    def __init__(self, server: socket) -> None:
        self.server, self.has_visitor, self.is_over = server, Flag(), Flag()
        self.port: int = server.getsockname()[1]
        Thread(target=self.greet, daemon=True).start()

    def greet(self) -> None:
        with suppress(OSError):
            visitor, _ = self.server.accept()
            while not self.is_over.wait(0.5):
                visitor.sendall(b"220-one moment please\r\n")
                self.has_visitor.set()
            visitor.close()


@pytest.fixture
def tarpit() -> Iterator[Tarpit]:
    with create_server(("127.0.0.1", 0)) as server:
        tarpit = Tarpit(server)
        yield tarpit
        tarpit.is_over.set()


@pytest.fixture(params=["sqlite", "postgres"])
def town(request, new_database: Callable[[str, str], str], queue_url: str, tarpit: Tarpit, tmp_path: Path):
    smtp_url, media_dir = f"smtp://127.0.0.1:{tarpit.port}", str(tmp_path / "media")
    settings = settings_for(new_database(request.param, "tarpit"), queue_url, media_dir=media_dir)
    app = create_app(replace(settings, smtp_url=smtp_url))
    empty_queues(app)
    yield app
    empty_queues(app)
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@contextmanager
def worker(app: Flask, *queues: str) -> Iterator[None]:
    """`deploy/worker.py` on these queues, as a process."""
    names = ("env", "secret_key", "code_key", "database_url", "queue_url", "smtp_url", "media_dir", "base_url", "city")
    environment = {f"COHAB_{name.upper()}": str(getattr(app.config["SETTINGS"], name)) for name in names}
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.worker", *queues],
        cwd=ROOT,
        env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_hanging_mail_server_delays_emails_and_nothing_else(town: Flask, tarpit: Tarpit):
    offer(town)
    with worker(town, "email"), worker(town, "clock", "events"), worker(town, "pictures"):
        assert tarpit.has_visitor.wait(120), "the e-mail worker is talking to the mail server"
        event_id, photo_id = send_a_photo(town)
        assert becomes_true(town, lambda: db.session.get_one(Event, event_id).done_at is not None)
        assert becomes_true(town, lambda: db.session.get_one(Photo, photo_id).state is PhotoState.WAITING)
        with town.app_context():
            assert db.session.scalars(select(Delivery.state)).all() == [DeliveryState.WAITING]
            assert jobs.job_queue(QueueName.EMAIL).started_job_registry.count == 1, "it still hangs"


def send_a_photo(app: Flask) -> tuple[int, int]:
    """Receives a photo as a request would; returns the ids of its event and of itself."""
    with app.app_context():
        with transaction():
            observation = factories.observation(at=now())
        original = photos.store_original(observation, pictures.image_bytes(pictures.coloured_quarters()))
        with transaction():
            photo_id = photos.receive_photo(observation, original, at=now()).id
        return db.session.scalars(select(Event.id).where(Event.name == "photo.received")).one(), photo_id


def becomes_true(app: Flask, truth: Callable[[], bool], *, seconds: float = 120) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with app.app_context():
            if truth():
                return True
        time.sleep(0.1)
    return False
