"""Those who write to an embedded database take turns, over all threads and processes of this machine.

SQLite has one writer at a time, and lets the others try again at random after ever longer pauses: under load some of them would never
be next. Here each waits for its turn before it asks SQLite. Two files beside the database are locked: who holds `-next` is next, who
holds `-turn` writes. Whoever has just written must become next again first, so no process writes twice while another one waits. A
process that ends, however it ends, holds nothing any more.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from cohab_report.errors import Unavailable

PAUSE = 0.001
"""Seconds between two looks at a file that somebody holds; one thread of each process looks."""
_threads = Lock()


@contextmanager
def turn(database: str, *, seconds: float) -> Iterator[None]:
    """Inside, it is this thread's turn to write to the database file of this path.

    Raises Unavailable when the turn does not come within `seconds`.
    """
    until = time.monotonic() + seconds
    if not _threads.acquire(timeout=seconds):
        raise Unavailable
    try:
        with _held(f"{database}-next", until):
            mine = _held(f"{database}-turn", until)
        with mine:
            yield
    finally:
        _threads.release()


def _held(path: str, until: float) -> BinaryIO:
    """The file of this path, locked until it is closed; raises Unavailable when somebody else holds it until then."""
    file = Path(path).open("ab")  # noqa: SIM115 (the caller closes it)
    while not _is_mine(file):
        if time.monotonic() > until:
            file.close()
            raise Unavailable
        time.sleep(PAUSE)
    return file


def _is_mine(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
