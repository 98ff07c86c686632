"""The writer lock of an embedded database is fair, times out, and is released when its process is killed."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import mean

import pytest

from cohab_report.errors import Unavailable
from cohab_report.writer_lock import writer_lock

MOST_PASSED_OVER = 3
EAGER_WRITER = """
import sys, time
from cohab_report.writer_lock import writer_lock
database, seconds = sys.argv[1], float(sys.argv[2])
while True:
    with writer_lock(database, seconds=10):
        with open(database, "a") as log:
            log.write("e")
        time.sleep(seconds)
"""
Starts = Callable[[float], subprocess.Popen[bytes]]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "cohab.db"


@pytest.fixture
def eager(database: Path) -> Iterator[Starts]:
    """Starts processes that write a character again and again, each time for so many seconds; waits for the first."""
    started = list[subprocess.Popen[bytes]]()

    def start(seconds: float) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen([sys.executable, "-c", EAGER_WRITER, str(database), str(seconds)]))
        until = time.monotonic() + 30
        while not database.exists():
            assert time.monotonic() < until
            time.sleep(0.01)
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_a_process_that_writes_without_a_pause_passes_nobody_over(eager: Starts, database: Path):
    eager(0.02)
    passed_over = list[int]()
    for _ in range(15):
        time.sleep(0.05)
        before = len(database.read_text())
        with writer_lock(str(database), seconds=10):
            passed_over.append(len(database.read_text()) - before)
    assert mean(passed_over) <= MOST_PASSED_OVER, (
        "the one that is writing, the one that was next, and one of a slow look"
    )


def test_nobody_else_writes_while_the_lock_is_held(eager: Starts, database: Path):
    eager(0.001)
    for _ in range(5):
        with writer_lock(str(database), seconds=10):
            before = database.read_text()
            time.sleep(0.05)
            assert database.read_text() == before


def test_whoever_waits_too_long_is_refused(eager: Starts, database: Path):
    eager(60)
    with pytest.raises(Unavailable), writer_lock(str(database), seconds=0.1):
        raise AssertionError("somebody else has it")


def test_a_killed_process_holds_nothing(eager: Starts, database: Path):
    eager(60).kill()
    with writer_lock(str(database), seconds=10):
        pass


def test_threads_wait_for_each_other_and_an_error_releases_the_lock(database: Path):
    results = list[str]()

    def wait(seconds: float) -> None:
        try:
            with writer_lock(str(database), seconds=seconds):
                results.append("locked")
        except Unavailable:
            results.append("timed out")

    def wait_aside(seconds: float) -> None:
        aside = threading.Thread(target=wait, args=[seconds])
        aside.start()
        aside.join()

    with suppress(LookupError), writer_lock(str(database), seconds=1):
        wait_aside(0.05)
        raise LookupError
    wait_aside(1)
    assert results == ["timed out", "locked"]
