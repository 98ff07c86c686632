"""Keeps one supervised part and everything it started together: they live together and they end together.

A web server's workers outlive a killed parent and go on holding the port; a part outlives a killed supervisor. The leash is the parent that
notices: it stands first in its process group, ends the group when the part ends, and asks the part to stop when its own parent dies.

    python leash.py COMMAND …             holds the command as told above
    python leash.py --follow COMMAND …    becomes the command, which is asked to stop when its parent dies
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

PARENT_DEATH = 1  # PR_SET_PDEATHSIG of prctl(2), Linux only
FOLLOW = "--follow"
PROCESSES = Path("/proc")  # empty elsewhere than on Linux
GRACE = 3.0  # seconds that orphans have to finish what they answer


def follow_parent() -> None:
    """From here on the kernel sends this process SIGTERM when its parent dies; elsewhere than on Linux nothing happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGTERM)


def following(command: Sequence[str]) -> list[str]:
    """The command line under which `command` is asked to stop when the process that starts it dies."""
    return [sys.executable, "-S", __file__, FOLLOW, *command]


def hold(command: Sequence[str]) -> int:
    """Runs the command until it ends and returns its exit code; whatever is left of its process group is ended too."""
    if os.getpgrp() != os.getpid():
        os.setpgrp()
    follow_parent()
    part = subprocess.Popen(following(command))

    def pass_on(number: int, _frame: FrameType | None) -> None:
        part.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, pass_on)
    code = part.wait()
    end_the_rest()
    return code if code >= 0 else 128 - code


def end_the_rest() -> None:
    """Whoever is still in this process group is asked to stop, then killed."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    until = time.monotonic() + GRACE
    while _others_in_group() and time.monotonic() < until:
        os.killpg(os.getpgrp(), signal.SIGTERM)
        time.sleep(0.1)
    if _others_in_group():
        os.killpg(os.getpgrp(), signal.SIGKILL)


def _others_in_group() -> bool:
    return any(_is_other(int(entry.name)) for entry in PROCESSES.glob("[0-9]*"))


def _is_other(process: int) -> bool:
    try:
        return process != os.getpid() and os.getpgid(process) == os.getpgrp()
    except ProcessLookupError:
        return False


if __name__ == "__main__":
    words = sys.argv[1:]
    if words[0] == FOLLOW:
        follow_parent()
        os.execvp(words[1], words[1:])
    sys.exit(hold(words))
