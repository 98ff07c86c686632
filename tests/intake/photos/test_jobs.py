"""Worker jobs of photos: run after the commit, found by the schedule, killed in the middle, orphan files deleted."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask

from cohab_report import create_app, jobs
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import jobs as photos
from cohab_report.intake.photos import operations, photo_sandbox, queries
from cohab_report.intake.photos.models import Photo, PhotoReason, PhotoState
from cohab_report.media import MediaStore
from tests import factories, pictures
from tests.conftest import settings_for
from tests.workers import empty_queues, work

ASLEEP = (sys.executable, "-I", "-c", "import time; time.sleep(30)")
WORKER = """
import sys
from cohab_report import create_app, jobs
from cohab_report.intake.photos import jobs, photo_sandbox
from tests.conftest import settings_for
from tests.workers import empty_queues, work
photo_sandbox.DECODER_COMMAND = (sys.executable, "-I", "-c", "import time; time.sleep(30)")
with create_app(settings_for({url!r}, media_dir={folder!r})).app_context():
    print("begins", flush=True)
    jobs.reencode_photo({photo})
"""


@pytest.fixture(params=["sqlite", "postgres"])
def town(request, new_database, queue_url, tmp_path: Path) -> Iterator[Flask]:
    """An application of its own, with its queue and its media store."""
    url = new_database(request.param, f"photos_{uuid4().hex[:8]}")
    app = create_app(settings_for(url, queue_url, media_dir=str(tmp_path / "media")))
    empty_queues(app)
    with app.app_context():
        yield app
        empty_queues(app)
        db.session.remove()
        db.engine.dispose()


def received_photo_id(data: bytes | None = None) -> int:
    """Receives a photo as a request would; returns its id."""
    with transaction():
        observation = factories.observation(at=now())
    original = operations.store_original(observation, data or pictures.image_bytes(pictures.coloured_quarters()))
    with transaction():
        return operations.receive_photo(observation, original, at=now()).id


def photo_of(number: int) -> Photo:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Photo, number)


def files(app: Flask) -> list[str]:
    store: MediaStore = app.extensions["media"]
    return [file.name for folder in ("incoming", "photos") for file in store.list_files(folder)]


def later(**ahead: float) -> time_machine.travel:
    return time_machine.travel(now() + timedelta(**ahead), tick=True)


def test_a_worker_reencodes_a_received_photo(town: Flask):
    number = received_photo_id()
    work(town)
    photo = photo_of(number)
    assert photo.state is PhotoState.WAITING and set(files(town)) == {photo.full_name, photo.small_name}


def test_a_photo_whose_job_got_lost_is_reencoded_by_the_schedule(town: Flask):
    number = received_photo_id()
    empty_queues(town)
    assert photos.reencode_due_photos_now() == 0
    with later(minutes=3):
        assert photos.reencode_due_photos_now() == 1
    assert photo_of(number).state is PhotoState.WAITING
    with later(minutes=9):
        assert photos.reencode_due_photos_now() == 0


def test_a_photo_whose_worker_was_killed_is_reencoded_by_the_schedule(town: Flask, tmp_path: Path):
    number = received_photo_id()
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
    photos.reencode_photo(number)
    assert photo_of(number).state is PhotoState.RECEIVED, "the dead worker is waited for, for a while"
    with later(minutes=3):
        assert photos.reencode_due_photos_now() == 1
    photo = photo_of(number)
    assert photo.state is PhotoState.WAITING and set(files(town)) == {photo.full_name, photo.small_name}


def test_a_photo_that_kills_each_worker_is_refused_and_deleted(town: Flask, monkeypatch: pytest.MonkeyPatch):
    class Killed(BaseException):
        pass

    def dies(_data: bytes, **_more: Any) -> None:
        raise Killed

    number = received_photo_id()
    monkeypatch.setattr(photo_sandbox, "reencode", dies)
    for tried in range(photos.MAX_REENCODE_TRIES):
        with later(minutes=3 * (tried + 1)), pytest.raises(Killed):
            photos.reencode_photo(number)
    with later(minutes=15):
        photos.reencode_photo(number)
    photo = photo_of(number)
    assert (photo.state, photo.reason, photo.incoming_key) == (PhotoState.REFUSED, PhotoReason.UNREADABLE, None)
    assert files(town) == []


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ((sys.executable, "-I", "-c", "import ctypes; ctypes.string_at(0)"), PhotoReason.UNREADABLE),
        (ASLEEP, PhotoReason.TOO_SLOW),
    ],
    ids=["segfault", "asleep"],
)
def test_whatever_happens_to_the_library_no_byte_and_no_key_stays(
    town: Flask, monkeypatch, command: tuple[str, ...], reason: PhotoReason
):
    number = received_photo_id(pictures.jpeg_with_all_metadata())
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", command)
    monkeypatch.setattr(photo_sandbox, "SANDBOX_SECONDS", 1)
    photos.reencode_photo(number)
    photo = photo_of(number)
    assert (photo.state, photo.reason, photo.incoming_name, photo.incoming_key) == (
        PhotoState.REFUSED,
        reason,
        None,
        None,
    )
    assert files(town) == []


KILLED = (sys.executable, "-I", "-c", "import os; os.kill(os.getpid(), 9)")


def test_a_decoder_that_was_killed_says_nothing_of_the_picture_which_is_tried_again(
    town: Flask, monkeypatch: pytest.MonkeyPatch
):
    number, command = received_photo_id(), photo_sandbox.DECODER_COMMAND
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", KILLED)
    photos.reencode_photo(number)
    photo = photo_of(number)
    assert (photo.state, photo.tries) == (PhotoState.RECEIVED, 1) and files(town) == [photo.incoming_name]
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", command)
    with later(minutes=3):
        assert photos.reencode_due_photos_now() == 1
    assert photo_of(number).state is PhotoState.WAITING


UNPROTECTED = (sys.executable, "-I", "-c", f"import sys; sys.exit({photo_sandbox.EXIT_UNPROTECTED})")


def test_a_real_site_decodes_nothing_without_protection_and_the_photo_waits_for_it(
    town: Flask, monkeypatch: pytest.MonkeyPatch
):
    number, command = received_photo_id(), photo_sandbox.DECODER_COMMAND
    monkeypatch.setitem(town.config, "SETTINGS", replace(town.config["SETTINGS"], env="production"))
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", UNPROTECTED)
    for minutes in range(3, 18, 3):
        with later(minutes=minutes):
            assert photos.reencode_due_photos_now() == 1
    assert (photo_of(number).state, photo_of(number).tries) == (PhotoState.RECEIVED, 0)
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", command)
    with later(hours=1):
        photos.reencode_due_photos_now()
    assert photo_of(number).state is PhotoState.WAITING


def test_a_real_site_that_allows_it_decodes_without_protection(town: Flask, monkeypatch: pytest.MonkeyPatch, caplog):
    lines = f"""
import runpy
main = runpy.run_path({str(Path(photo_sandbox.__file__).with_name("decoder.py"))!r}, run_name="decoder")["main"]
main.__globals__["give_up_rights"] = lambda: False
main()
"""
    number, settings = received_photo_id(), town.config["SETTINGS"]
    allowing = replace(settings, env="production", unprotected_decoder=True)
    monkeypatch.setitem(town.config, "SETTINGS", allowing)
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", (sys.executable, "-I", "-B", "-c", lines))
    photos.reencode_photo(number)
    assert photo_of(number).state is PhotoState.WAITING and "not protected" in caplog.text


def test_a_decoder_that_is_killed_each_time_ends_with_a_refusal(town: Flask, monkeypatch: pytest.MonkeyPatch):
    number = received_photo_id()
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", KILLED)
    for tried in range(photos.MAX_REENCODE_TRIES + 1):
        with later(minutes=3 * (tried + 1)):
            photos.reencode_photo(number)
    assert photo_of(number).state is PhotoState.REFUSED and files(town) == []


def test_no_photo_is_lost_while_its_folder_is_away_however_long(town: Flask, tmp_path: Path):
    numbers, store = [received_photo_id(), received_photo_id()], tmp_path / "media"
    for minutes in range(3, 40, 3):
        is_read_in_vain = minutes % 2 == 1
        if is_read_in_vain:
            (store / "incoming").rename(store / "elsewhere")
        (store / "photos").write_text("a file where a folder belongs: nothing can be stored")
        with later(minutes=minutes):
            assert photos.reencode_due_photos_now() == 2, "one that can't be stored ends no round"
        (store / "photos").unlink()
        if is_read_in_vain:
            (store / "elsewhere").rename(store / "incoming")
        assert [photo_of(number).state for number in numbers] == [PhotoState.RECEIVED] * 2
    with later(hours=1):
        assert photos.reencode_due_photos_now() == 2
    assert [photo_of(number).state for number in numbers] == [PhotoState.WAITING] * 2


def in_the_middle(monkeypatch: pytest.MonkeyPatch, act: Callable[[], None]) -> None:
    """Runs `act` while a picture is in the sandbox."""
    real = photo_sandbox.reencode

    def interrupted(data: bytes, **more: Any) -> photo_sandbox.ReencodedPicture:
        act()
        return real(data, **more)

    monkeypatch.setattr(photo_sandbox, "reencode", interrupted)


def test_an_observation_withdrawn_meanwhile_keeps_no_photo(town: Flask, monkeypatch: pytest.MonkeyPatch):
    number = received_photo_id()

    def withdraw() -> None:
        with transaction():
            intake.withdraw(db.session.get_one(Observation, photo_of(number).observation_id), at=now())

    in_the_middle(monkeypatch, withdraw)
    photos.reencode_photo(number)
    assert photo_of(number).state is PhotoState.REMOVED and files(town) == []


def test_no_transaction_is_open_while_a_picture_is_reencoded(town: Flask, monkeypatch: pytest.MonkeyPatch):
    number, in_transaction = received_photo_id(), []
    in_the_middle(monkeypatch, lambda: in_transaction.append(db.session.info.get("in_transaction")))
    photos.reencode_photo(number)
    assert in_transaction == [None]


def test_orphan_files_are_deleted_once_they_are_old(town: Flask):
    store: MediaStore = town.extensions["media"]
    number = received_photo_id()
    photos.reencode_photo(number)
    waiting = received_photo_id(pictures.image_bytes(pictures.coloured_quarters(32, 32)))
    referenced = files(town)
    orphans = ["incoming/" + "a" * 32, "photos/" + "b" * 32 + ".webp", "photos/" + "c" * 32 + ".webp.part"]
    for name in orphans:
        store.put(name, b"left behind")
    assert photos.delete_orphan_files_now() == 0
    with later(hours=2):
        assert photos.delete_orphan_files_now() == 3
    assert sorted(files(town)) == sorted(referenced) and photo_of(waiting).state is PhotoState.RECEIVED
    assert queries.referenced_files(referenced) == set(referenced)


def test_a_photo_of_an_open_observation_is_not_deleted_by_the_schedule(town: Flask):
    number = received_photo_id()
    photos.reencode_photo(number)
    with later(days=99):
        assert photos.delete_expired_photos_now() == 0
    assert photo_of(number).state is PhotoState.WAITING and len(files(town)) == 2


def test_the_schedule_has_all_of_them(town: Flask):
    scheduled = {job.function for job in jobs.job_schedule(town)}
    assert scheduled >= {
        photos.reencode_due_photos_now,
        photos.delete_orphan_files_now,
        photos.delete_expired_photos_now,
    }
