"""Workers and photos: told by the journal, found again when nobody was told, killed in the middle, swept up after."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from rq import Queue, SimpleWorker

from cohab_report import create_app, jobs
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import darkroom, operations, queries
from cohab_report.intake.photos import jobs as photos
from cohab_report.intake.photos.models import Photo, PhotoReason, PhotoState
from cohab_report.media import Media
from tests import factories, pictures
from tests.conftest import settings_for

ASLEEP = (sys.executable, "-I", "-c", "import time; time.sleep(30)")
WORKER = """
import sys
from cohab_report import create_app
from cohab_report.intake.photos import darkroom, jobs
from tests.conftest import settings_for
darkroom.COMMAND = (sys.executable, "-I", "-c", "import time; time.sleep(30)")
with create_app(settings_for({url!r}, media_dir={folder!r})).app_context():
    print("begins", flush=True)
    jobs.develop({photo})
"""


@pytest.fixture(params=["sqlite", "postgres"])
def town(request, new_database, queue_url, tmp_path: Path) -> Iterator[Flask]:
    """An application of one's own, with its queue and its store."""
    url = new_database(request.param, f"photos_{uuid4().hex[:8]}")
    app = create_app(settings_for(url, queue_url, media_dir=str(tmp_path / "media")))
    app.extensions["queue"] = Queue(f"photos-{os.getpid()}", connection=app.extensions["queue"].connection)
    app.extensions["queue"].empty()
    with app.app_context():
        yield app
        jobs.queue().empty()
        db.session.remove()
        db.engine.dispose()


def sent(data: bytes | None = None) -> int:
    """The number of a photo that was received with its observation, as requests would do it."""
    with transaction():
        observation = factories.observation(at=now())
    sealed = operations.seal(observation, data or pictures.saved(pictures.quarters()))
    with transaction():
        return operations.receive(observation, sealed, at=now()).id


def photo_of(number: int) -> Photo:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Photo, number)


def files(app: Flask) -> list[str]:
    store: Media = app.extensions["media"]
    return [stored.name for shelf in ("incoming", "photos") for stored in store.names(shelf)]


def work() -> None:
    SimpleWorker([jobs.queue()], connection=jobs.queue().connection).work(burst=True, logging_level="WARNING")


def later(**ahead: float) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(**ahead), tick=True)


def test_a_worker_hears_of_a_photo_and_develops_it(town: Flask):
    number = sent()
    work()
    photo = photo_of(number)
    assert photo.state is PhotoState.WAITING and set(files(town)) == {photo.full_name, photo.small_name}


def test_a_photo_that_nobody_was_told_of_is_found(town: Flask):
    number = sent()
    jobs.queue().empty()
    assert photos.develop_due_now() == 0
    with later(minutes=3):
        assert photos.develop_due_now() == 1
    assert photo_of(number).state is PhotoState.WAITING
    with later(minutes=9):
        assert photos.develop_due_now() == 0


def test_a_worker_that_is_killed_in_the_middle_is_made_up_for(town: Flask, tmp_path: Path):
    number = sent()
    lines = WORKER.format(url=town.config["SETTINGS"].database_url, folder=str(tmp_path / "media"), photo=number)
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-c", lines], cwd=root, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    until = time.monotonic() + 30
    while photo_of(number).tries == 0 and time.monotonic() < until:
        time.sleep(0.05)
    assert photo_of(number).tries == 1
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    photos.develop(number)
    assert photo_of(number).state is PhotoState.RECEIVED, "the dead worker is waited for, for a while"
    with later(minutes=3):
        assert photos.develop_due_now() == 1
    photo = photo_of(number)
    assert photo.state is PhotoState.WAITING and set(files(town)) == {photo.full_name, photo.small_name}


def test_a_photo_that_takes_each_worker_down_is_refused_and_gone(town: Flask, monkeypatch: pytest.MonkeyPatch):
    class Killed(BaseException):
        pass

    def dies(_data: bytes) -> None:
        raise Killed

    number = sent()
    monkeypatch.setattr(darkroom, "develop", dies)
    for tried in range(photos.MOST_TRIES):
        with later(minutes=3 * (tried + 1)), pytest.raises(Killed):
            photos.develop(number)
    with later(minutes=15):
        photos.develop(number)
    photo = photo_of(number)
    assert (photo.state, photo.reason, photo.incoming_key) == (PhotoState.REFUSED, PhotoReason.UNREADABLE, None)
    assert files(town) == []


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ((sys.executable, "-I", "-c", "import os; os.kill(os.getpid(), 9)"), PhotoReason.UNREADABLE),
        ((sys.executable, "-I", "-c", "import ctypes; ctypes.string_at(0)"), PhotoReason.UNREADABLE),
        (ASLEEP, PhotoReason.TOO_SLOW),
    ],
    ids=["killed", "segfault", "asleep"],
)
def test_whatever_happens_to_the_library_no_byte_and_no_key_stays(
    town: Flask, monkeypatch, command: tuple[str, ...], reason: PhotoReason
):
    number = sent(pictures.with_everything())
    monkeypatch.setattr(darkroom, "COMMAND", command)
    monkeypatch.setattr(darkroom, "SECONDS", 1)
    photos.develop(number)
    photo = photo_of(number)
    assert (photo.state, photo.reason, photo.incoming_name, photo.incoming_key) == (
        PhotoState.REFUSED,
        reason,
        None,
        None,
    )
    assert files(town) == []


def in_the_middle(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """`act` happens while the picture is in the darkroom."""
    real = darkroom.develop

    def interrupted(data: bytes) -> darkroom.Developed:
        act()
        return real(data)

    monkeypatch.setattr(darkroom, "develop", interrupted)


def test_an_observation_withdrawn_meanwhile_keeps_no_photo(town: Flask, monkeypatch: pytest.MonkeyPatch):
    number = sent()

    def withdraw() -> None:
        with transaction():
            intake.withdraw(db.session.get_one(Observation, photo_of(number).observation_id), at=now())

    in_the_middle(monkeypatch, withdraw)
    photos.develop(number)
    assert photo_of(number).state is PhotoState.REMOVED and files(town) == []


def test_nobody_waits_at_the_database_while_a_picture_is_developed(town: Flask, monkeypatch: pytest.MonkeyPatch):
    number, seen = sent(), []
    in_the_middle(monkeypatch, lambda: seen.append(db.session.info.get("in_transaction")))
    photos.develop(number)
    assert seen == [None]


def test_files_of_no_photo_are_swept_once_they_are_old(town: Flask):
    store: Media = town.extensions["media"]
    number = sent()
    photos.develop(number)
    waiting = sent(pictures.saved(pictures.quarters(32, 32)))
    known = files(town)
    orphans = ["incoming/" + "a" * 32, "photos/" + "b" * 32 + ".webp", "photos/" + "c" * 32 + ".webp.part"]
    for name in orphans:
        store.put(name, b"left behind")
    assert photos.sweep_now() == 0
    with later(hours=2):
        assert photos.sweep_now() == 3
    assert sorted(files(town)) == sorted(known) and photo_of(waiting).state is PhotoState.RECEIVED
    assert queries.known_files(known) == set(known)


def test_a_photo_of_what_is_open_outlives_the_schedule(town: Flask):
    number = sent()
    photos.develop(number)
    with later(days=99):
        assert photos.forget_photos_now() == 0
    assert photo_of(number).state is PhotoState.WAITING and len(files(town)) == 2


def test_the_schedule_asks_for_all_of_them(town: Flask):
    asked = (Path(__file__).parents[3] / "deploy" / "schedule.py").read_text()
    assert all(f"photos.{job}" in asked for job in ("develop_due_now", "sweep_now", "forget_photos_now"))
