"""The file of refused rows: their number, what the other system calls them, and why in codes. No resident's word ever gets into it."""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cohab_report.intake.imports.job import Refusal

HEADER = ("row", "their_id", "field", "reason")
LONGEST_ID = 60


@contextmanager
def sheet_of_refusals(path: Path) -> Iterator[Callable[[Iterable[Refusal]], None]]:
    """Notes refusals into a new CSV file at `path`, on the disk after each call, so that a killed import leaves what it knew."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)

        def note(refusals: Iterable[Refusal]) -> None:
            writer.writerows(
                (refusal.row, _harmless(refusal.their_id), refusal.field, refusal.reason) for refusal in refusals
            )
            file.flush()

        yield note


def _harmless(their_id: str) -> str:
    """Short, on one line, and no formula where a spreadsheet opens it."""
    shown = "".join(sign for sign in their_id[:LONGEST_ID] if sign.isprintable())
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown
