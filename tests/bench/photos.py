"""Re-encodes every photo of a folder as a worker would, and prints each result with its time and memory.

    python -m tests.bench.photos FOLDER [--manifest FOLDER/manifest.csv]
    python -m tests.bench.photos --megapixels 12

A manifest is a CSV with the columns `file`, `expect`, `orientation`, `size`, `format`: an expectation says REJECT or
ACCEPT, or both for what may be either. The memory is at least that of this program itself. Prints a row per file, and a
line for each deviation.
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
from cohab_report.intake.photos import photo_sandbox, rules
from cohab_report.intake.photos.photo_sandbox import PictureRefused
from tests.pictures import PRIVATE_METADATA

MAX_SECONDS, MAX_MEGABYTES = 5.0, 300
"""Seconds and megabytes that a refusal may take."""


@dataclass(frozen=True)
class PhotoResult:
    """The result of one file."""

    accepted: bool
    reason: str
    seconds: float
    megabytes: int
    """Peak memory of the process that decoded it; 0 when it was refused before."""
    width: int = 0
    height: int = 0
    full: int = 0
    small: int = 0
    metadata: str = ""
    """Private metadata in the result."""


def reencode_file(data: bytes) -> PhotoResult:
    """Checks and re-encodes one file.

    Call it in a process of its own, so that the memory of its children is this file's.
    """
    started = time.perf_counter()
    try:
        rules.refuse_impossible_photo(data)
        photo = photo_sandbox.reencode(data)
    except (Invalid, PictureRefused) as refused:
        return PhotoResult(False, str(refused.reason), time.perf_counter() - started, _children_megabytes())
    # Three letters turn up by chance among a million bytes of pixels.
    metadata = [
        word.decode(errors="replace") for word in PRIVATE_METADATA if len(word) > 3 and word in photo.full + photo.small
    ]
    seconds = time.perf_counter() - started
    return PhotoResult(
        True,
        "",
        seconds,
        _children_megabytes(),
        photo.width,
        photo.height,
        len(photo.full),
        len(photo.small),
        " ".join(metadata),
    )


def reencode_in_new_process(data: bytes) -> PhotoResult:
    """Checks and re-encodes one file in a new process."""
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.apply(reencode_file, (data,))


def deviations(row: PhotoResult, expected: dict[str, str]) -> Iterator[str]:
    """Yields what is not as the manifest expects."""
    expect = expected.get("expect", "")
    may_reject, may_accept = "REJECT" in expect, "ACCEPT" in expect
    if row.accepted and may_reject and not may_accept:
        yield "accepted, should be refused"
    if not row.accepted and may_accept and not may_reject:
        yield f"refused ({row.reason}), should be accepted"
    if row.seconds > MAX_SECONDS or row.megabytes > MAX_MEGABYTES:
        yield f"took {row.seconds:.1f} s and {row.megabytes} MB"
    if row.metadata:
        yield f"still holds {row.metadata}"
    is_sideways, size = expected.get("orientation") in ("5", "6", "7", "8"), expected.get("size", "").split("x")
    if row.accepted and "swapped" in expect and expected.get("format") != "AVIF" and len(size) == 2:
        upright = tuple(map(int, reversed(size) if is_sideways else size))
        if (row.width, row.height) != upright:
            yield f"is {row.width}x{row.height}, should be {upright[0]}x{upright[1]}"


def noise_jpeg(megapixels: int) -> bytes:
    """Returns a JPEG of noise, about as hard to decode and as large as a photo of as many megapixels."""
    height = int((megapixels * 1_000_000 * 3 / 4) ** 0.5)
    noise = Image.frombytes("RGB", (512, 384), random.Random(12).randbytes(512 * 384 * 3))
    buffer = io.BytesIO()
    noise.resize((height * 4 // 3, height), Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def main(command_line: list[str]) -> int:
    """Prints the table; returns 1 when something is not as the manifest expects."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--megapixels", type=int)
    arguments = parser.parse_args(command_line)
    if arguments.megapixels:
        _print_result(f"{arguments.megapixels} MP JPEG", reencode_in_new_process(noise_jpeg(arguments.megapixels)))
    deviation_count = 0
    if arguments.folder:
        expected = (
            {row["file"]: row for row in csv.DictReader(arguments.manifest.open(encoding="utf-8"))}
            if arguments.manifest
            else {}
        )
        for path in sorted(
            path for path in arguments.folder.rglob("*") if path.is_file() and path != arguments.manifest
        ):
            name = path.relative_to(arguments.folder).as_posix()
            row = reencode_in_new_process(path.read_bytes())
            _print_result(name, row)
            for why in deviations(row, expected.get(name, {})):
                deviation_count += 1
                sys.stdout.write(f"    !! {why}\n")
    return min(deviation_count, 1)


def _print_result(name: str, row: PhotoResult) -> None:
    summary = f"{row.width}x{row.height}  {row.full} + {row.small} bytes" if row.accepted else row.reason
    word = "accepted" if row.accepted else "refused"
    sys.stdout.write(
        f"{name:62} {word:8} {row.seconds:6.2f} s {row.megabytes:4} MB  {summary}  {row.metadata or '-'}\n"
    )


def _children_megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
