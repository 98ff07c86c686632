"""A decoder with an account of its own, behind a socket, as a service manager starts one for each connection."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask

from cohab_report.intake.photos import jobs, photo_sandbox
from cohab_report.intake.photos.decoder_service import DecoderAway
from cohab_report.intake.photos.models import PhotoState
from cohab_report.intake.photos.photo_sandbox import (
    DECODER_COMMAND,
    DecoderStopped,
    DecoderUnprotected,
    PictureRefused,
    service_output,
)
from tests import pictures
from tests.intake.photos.test_jobs import later, photo_of, received_photo_id, town
from tests.page import Page
from tests.pictures import UPRIGHT

__all__ = ["town"]
PICTURE = pictures.image_bytes(pictures.coloured_quarters(3000, 1500))


@contextmanager
def service(folder: Path, *command: str) -> Iterator[str]:
    """Starts the command for each connection, with the connection as its input and output, as systemd does."""
    path = str(folder / "decoder.sock")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    subprocess.run(command, stdin=connection.fileno(), stdout=connection.fileno(), cwd="/", check=False)

        Thread(target=serve, daemon=True).start()
        yield path
        listener.shutdown(socket.SHUT_RDWR)


def program(lines: str) -> tuple[str, ...]:
    return (sys.executable, "-I", "-B", "-c", lines)


def test_a_picture_goes_through_the_socket_and_comes_back_bare(tmp_path: Path) -> None:
    with service(tmp_path, *DECODER_COMMAND) as path:
        picture = photo_sandbox.reencode(PICTURE, service=path)
        assert (picture.width, picture.height) == (2048, 1024) and pictures.quarter_colours(picture.full) == UPRIGHT
        with pytest.raises(PictureRefused, match="not_a_picture"):
            photo_sandbox.reencode(b"no picture", service=path)


@pytest.mark.parametrize(
    ("lines", "error"),
    [
        ("import os, sys; sys.stdin.buffer.read(); os.abort()", DecoderStopped),
        ("import sys; sys.stdin.buffer.read(); print('{\"unprotected\": true}')", DecoderUnprotected),
        ("import sys; sys.stdin.buffer.read(); print('no json')", PictureRefused),
        ("import sys\nwhile True: sys.stdout.buffer.write(bytes(1 << 20))", PictureRefused),
    ],
    ids=["crashes", "is not protected", "says nonsense", "writes without end"],
)
def test_however_the_decoder_behind_the_socket_ends_it_is_told_apart(
    tmp_path: Path, lines: str, error: type[Exception]
) -> None:
    with service(tmp_path, *program(lines)) as path, pytest.raises(error):
        photo_sandbox.reencode(PICTURE, service=path)


def test_a_decoder_behind_the_socket_that_never_ends_is_not_waited_for(tmp_path: Path) -> None:
    with service(tmp_path, *program("import time; time.sleep(3)")) as path, pytest.raises(PictureRefused) as refused:
        service_output(path, PICTURE, seconds=0.5)
    assert refused.value.reason == "too_slow"


def test_a_photo_waits_for_a_decoder_that_is_away_however_long(town: Flask, tmp_path: Path) -> None:
    number, absent = received_photo_id(PICTURE), str(tmp_path / "decoder.sock")
    town.config["SETTINGS"] = replace(town.config["SETTINGS"], decoder_socket=absent)
    for minutes in range(3, 30, 3):
        with later(minutes=minutes):
            assert jobs.reencode_due_photos_now() == 1
    assert (photo_of(number).state, photo_of(number).tries) == (PhotoState.RECEIVED, 0)
    with service(tmp_path, *DECODER_COMMAND), later(hours=1):
        jobs.reencode_due_photos_now()
    assert photo_of(number).state is PhotoState.WAITING


def test_readyz_tells_how_the_decoder_behind_the_socket_is(
    page: Page, app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_sandbox, "PROBE_SECONDS", 60)
    socket_of_service = str(tmp_path / "decoder.sock")
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], decoder_socket=socket_of_service))
    answer = page._ask("GET", "/readyz", as_=None)
    assert answer.json and answer.json["parts"]["photos"] == "decoder away"
    with service(tmp_path, *DECODER_COMMAND):
        answer = page._ask("GET", "/readyz", as_=None)
        assert answer.json and answer.json["parts"]["photos"] == "ok"


def test_nobody_at_the_socket_says_nothing_of_the_picture(tmp_path: Path) -> None:
    with pytest.raises(DecoderAway):
        photo_sandbox.reencode(PICTURE, service=str(tmp_path / "nobody.sock"))
