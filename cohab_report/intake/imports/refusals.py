"""The CSV file of refused rows: their number, their id in the other system, and why in codes.

Never a word of a resident.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from cohab_report.intake.imports.job import RefusedRow

REFUSALS_HEADER = ("row", "their_id", "field", "reason")
LONGEST_REPORTED_ID = 60


@contextmanager
def refusals_file(path: Path) -> Iterator[Callable[[Iterable[RefusedRow]], None]]:
    """Opens a new CSV file of refused rows; the yielded function appends rows.

    Each call is on the disk when it returns, so that a killed import loses none.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(REFUSALS_HEADER)

        def note(refused_rows: Iterable[RefusedRow]) -> None:
            writer.writerows(
                (refused_row.row, _without_formula(refused_row.their_id), refused_row.field, refused_row.reason)
                for refused_row in refused_rows
            )
            file.flush()

        yield note


def _without_formula(their_id: str) -> str:
    """Shortens an id to one printable line that no spreadsheet reads as a formula."""
    printable = "".join(character for character in their_id[:LONGEST_REPORTED_ID] if character.isprintable())
    return f"'{printable}" if printable[:1] in ("=", "+", "-", "@") else printable
