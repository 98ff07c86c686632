"""Develops every file of a folder as a worker would, and says of each what became of it, how long it took and what it needed.

    python -m tests.bench.photos FOLDER [--manifest FOLDER/manifest.csv]
    python -m tests.bench.photos --megapixels 12

A manifest is a CSV with the columns `file`, `expect`, `orientation`, `size`, `format`: an expectation says REJECT or ACCEPT, or both for
what may be either. Memory is never told as less than what this program itself takes. Prints a row a file, and a line for each deviation.
"""

import argparse
import csv
import io
import multiprocessing
import random
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from cohab_report.errors import Invalid
from cohab_report.intake.photos import darkroom, rules
from cohab_report.intake.photos.darkroom import NotKept
from tests.pictures import PRIVATE

SLOWEST, LARGEST = 5.0, 300
"""Seconds and megabytes that a refusal may take."""


@dataclass(frozen=True)
class Row:
    """What became of one file."""

    accepted: bool
    reason: str
    seconds: float
    megabytes: int
    """Of the process in which it was decoded, at its peak; 0 when it never got there."""
    width: int = 0
    height: int = 0
    full: int = 0
    small: int = 0
    found: str = ""
    """Metadata in what came out."""


def developed(data: bytes) -> Row:
    """The file's way: at the door, then in the darkroom. Call it in a process of its own, whose children's memory is then this one's."""
    began = time.perf_counter()
    try:
        rules.refuse_impossible(data)
        made = darkroom.develop(data)
    except (Invalid, NotKept) as refused:
        return Row(False, str(refused.reason), time.perf_counter() - began, _children())
    # Three letters turn up by chance among a million bytes of pixels.
    found = [word.decode(errors="replace") for word in PRIVATE if len(word) > 3 and word in made.full + made.small]
    took = time.perf_counter() - began
    return Row(True, "", took, _children(), made.width, made.height, len(made.full), len(made.small), " ".join(found))


def alone(data: bytes) -> Row:
    """The same in a process of its own."""
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.apply(developed, (data,))


def deviations(row: Row, wanted: dict[str, str]) -> Iterator[str]:
    """What is not as the manifest expects."""
    expect = wanted.get("expect", "")
    may_reject, may_accept = "REJECT" in expect, "ACCEPT" in expect
    if row.accepted and may_reject and not may_accept:
        yield "accepted, should be refused"
    if not row.accepted and may_accept and not may_reject:
        yield f"refused ({row.reason}), should be accepted"
    if row.seconds > SLOWEST or row.megabytes > LARGEST:
        yield f"took {row.seconds:.1f} s and {row.megabytes} MB"
    if row.found:
        yield f"still holds {row.found}"
    lies, size = wanted.get("orientation") in ("5", "6", "7", "8"), wanted.get("size", "").split("x")
    if row.accepted and "swapped" in expect and wanted.get("format") != "AVIF" and len(size) == 2:
        upright = tuple(map(int, reversed(size) if lies else size))
        if (row.width, row.height) != upright:
            yield f"is {row.width}x{row.height}, should be {upright[0]}x{upright[1]}"


def as_a_phone_makes_them(megapixels: int) -> bytes:
    """A JPEG of so many megapixels with grain everywhere, about as hard to decode and as large as a photo."""
    height = int((megapixels * 1_000_000 * 3 / 4) ** 0.5)
    noise = Image.frombytes("RGB", (512, 384), random.Random(12).randbytes(512 * 384 * 3))
    made = io.BytesIO()
    noise.resize((height * 4 // 3, height), Image.Resampling.BICUBIC).save(made, "JPEG", quality=92)
    return made.getvalue()


def main(words: list[str]) -> int:
    """Prints the table; returns 1 when something is not as expected."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path, nargs="?")
    asked.add_argument("--manifest", type=Path)
    asked.add_argument("--megapixels", type=int)
    given = asked.parse_args(words)
    if given.megapixels:
        _tell(f"{given.megapixels} MP JPEG", alone(as_a_phone_makes_them(given.megapixels)))
    strange = 0
    if given.folder:
        wanted = (
            {row["file"]: row for row in csv.DictReader(given.manifest.open(encoding="utf-8"))}
            if given.manifest
            else {}
        )
        for path in sorted(path for path in given.folder.rglob("*") if path.is_file() and path != given.manifest):
            name = path.relative_to(given.folder).as_posix()
            row = alone(path.read_bytes())
            _tell(name, row)
            for why in deviations(row, wanted.get(name, {})):
                strange += 1
                sys.stdout.write(f"    !! {why}\n")
    return min(strange, 1)


def _tell(name: str, row: Row) -> None:
    said = f"{row.width}x{row.height}  {row.full} + {row.small} bytes" if row.accepted else row.reason
    word = "accepted" if row.accepted else "refused"
    sys.stdout.write(f"{name:62} {word:8} {row.seconds:6.2f} s {row.megabytes:4} MB  {said}  {row.found or '-'}\n")


def _children() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
