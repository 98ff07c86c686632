"""Runs a command in a process group of its own, so that it and all processes it started end together.

A web server's workers outlive a killed parent and go on holding the port; a part outlives a killed supervisor. This
process leads the group: it ends the group when the command ends, and sends the command SIGTERM when its own parent
dies.

    python process_group.py COMMAND …             runs the command in a group, as above
    python process_group.py --follow COMMAND …    becomes the command, which gets SIGTERM when its parent dies
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

PR_SET_PDEATHSIG = 1  # PR_SET_PDEATHSIG of prctl(2), Linux only
BOUND_OPTION = "--follow"
PROCESSES = Path("/proc")  # does not exist elsewhere than on Linux
GRACE_SECONDS = 3.0  # that orphans have to finish their answers


def stop_with_parent() -> None:
    """Asks the kernel to send this process SIGTERM when its parent dies; does nothing elsewhere than on Linux."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def command_bound_to_parent(command: Sequence[str]) -> list[str]:
    """Returns the command line that runs `command` and sends it SIGTERM when the process that starts it dies."""
    return [sys.executable, "-S", __file__, BOUND_OPTION, *command]


def end_process(process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Asks a process to stop, and kills it when it has not ended after so many seconds."""
    process.terminate()
    try:
        process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_in_group(command: Sequence[str]) -> int:
    """Runs the command until it ends, then ends the rest of its process group; returns the command's exit code."""
    if os.getpgrp() != os.getpid():
        os.setpgrp()
    stop_with_parent()
    part = subprocess.Popen(command_bound_to_parent(command))

    def forward(number: int, _frame: FrameType | None) -> None:
        part.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, forward)
    code = part.wait()
    end_group()
    return code if code >= 0 else 128 - code


def end_group() -> None:
    """Sends SIGTERM to the other processes of this group for GRACE_SECONDS, then SIGKILL."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    deadline = time.monotonic() + GRACE_SECONDS
    while _has_others_in_group() and time.monotonic() < deadline:
        os.killpg(os.getpgrp(), signal.SIGTERM)
        time.sleep(0.1)
    if _has_others_in_group():
        os.killpg(os.getpgrp(), signal.SIGKILL)


def _has_others_in_group() -> bool:
    return any(_is_other_in_group(int(entry.name)) for entry in PROCESSES.glob("[0-9]*"))


def _is_other_in_group(process: int) -> bool:
    try:
        return process != os.getpid() and os.getpgid(process) == os.getpgrp()
    except ProcessLookupError:
        return False


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == BOUND_OPTION:
        stop_with_parent()
        os.execvp(arguments[1], arguments[1:])
    sys.exit(run_in_group(arguments))
