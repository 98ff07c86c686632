"""Has a picture developed by a process of its own, and trusts nothing that comes back: neither its end nor its answer.

The process has no environment, so no secret is within its reach; it gets the bytes by a pipe, so nothing lies on a disk; and it is killed
when it takes too long.
"""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cohab_report.intake.photos.models import PhotoReason
from cohab_report.intake.photos.rules import is_bare_webp

COMMAND = (sys.executable, "-I", "-B", str(Path(__file__).with_name("decoder.py")))
ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
"""Nothing of ours; few arenas, since each takes its share of the address space that the process may have."""
SECONDS = 20
"""How long a picture may take by the clock on the wall; the process itself counts its seconds of work."""
LARGEST_ANSWER = 8 * 1024 * 1024
LONGEST_SIDE = 2048


class NotKept(Exception):
    """The picture can't be kept, for this reason."""

    def __init__(self, reason: PhotoReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True)
class Developed:
    """A fresh picture in two sizes, both bare WebP; width and height in pixels, of the full one."""

    full: bytes
    small: bytes
    width: int
    height: int


def develop(data: bytes) -> Developed:
    """A fresh picture that shows what these bytes show, upright and without anything else; raises NotKept."""
    try:
        ended = subprocess.run(
            COMMAND, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=SECONDS, check=False, env=ENVIRONMENT, cwd="/",
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise NotKept(PhotoReason.TOO_SLOW) from None
    if ended.returncode == -signal.SIGXCPU:
        raise NotKept(PhotoReason.TOO_SLOW)
    if ended.returncode != 0 or len(ended.stdout) > LARGEST_ANSWER:
        raise NotKept(PhotoReason.UNREADABLE)
    head, _, pictures = ended.stdout.partition(b"\n")
    return _checked(_told(head), pictures)


def _told(head: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(head)
        if "refused" in told:
            raise NotKept(PhotoReason(told["refused"]))
        return {name: int(told[name]) for name in ("width", "height", "full", "small")}
    except (ValueError, KeyError, TypeError):
        raise NotKept(PhotoReason.UNREADABLE) from None


def _checked(told: Mapping[str, int], pictures: bytes) -> Developed:
    full, small = pictures[: told["full"]], pictures[told["full"] :]
    fits = 0 < told["width"] <= LONGEST_SIDE and 0 < told["height"] <= LONGEST_SIDE and len(small) == told["small"]
    if not (fits and is_bare_webp(full) and is_bare_webp(small)):
        raise NotKept(PhotoReason.UNREADABLE)
    return Developed(full, small, told["width"], told["height"])
