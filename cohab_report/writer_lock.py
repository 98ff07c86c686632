"""Locks the embedded database for one writer at a time, fairly, over all threads and processes of this machine.

SQLite has one writer at a time, and lets the others retry at random after ever longer pauses: under load some of them
would never get the lock. Here each waits before it asks SQLite, by `flock` on two files beside the database: the holder
of `-next` is the next writer, the holder of `-turn` is the writer. Whoever has just written must get `-next` again
first, so no process writes twice while another one waits. The kernel releases the locks of a process that ends, however
it ends.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from cohab_report.errors import Unavailable

RETRY_SECONDS = 0.001
"""Seconds between two attempts to lock a file; only one thread of each process attempts it."""
_thread_lock = Lock()


@contextmanager
def writer_lock(database: str, *, seconds: float) -> Iterator[None]:
    """Locks the database file at this path for the only writer; releases it on exit.

    Raises Unavailable when the lock is not obtained within `seconds`.
    """
    deadline = time.monotonic() + seconds
    if not _thread_lock.acquire(timeout=seconds):
        raise Unavailable
    try:
        with _locked_file(f"{database}-next", deadline):
            writer_file = _locked_file(f"{database}-turn", deadline)
        with writer_file:
            yield
    finally:
        _thread_lock.release()


def _locked_file(path: str, deadline: float) -> BinaryIO:
    """Opens and locks the file at this path until it is closed.

    Raises Unavailable after `deadline` (monotonic seconds).
    """
    file = Path(path).open("ab")  # noqa: SIM115 (the caller closes it)
    while not _try_lock(file):
        if time.monotonic() > deadline:
            file.close()
            raise Unavailable
        time.sleep(RETRY_SECONDS)
    return file


def _try_lock(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
