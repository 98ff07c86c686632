"""Tables that people keep in files: CSV text in, typed rows out, with every mistake named by file, line and column.

It belongs to the ground: it knows no feature, opens no database and never stops at the first mistake. Who reads a sheet says which
columns it has; nothing is written anywhere until a sheet, or a whole folder of them, is without a mistake.
"""

import csv
import difflib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cohab_report.cells import Reader, words
from cohab_report.errors import CohabError

CRLF = "\r\n"
LONGEST_CELL = 20_000
LONGEST_FILE = 5_000_000


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing to mend in a file, in one sentence; line 1 is the header, and `*` stands for a whole line or file."""

    file: str
    line: int
    column: str
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.what}"


class Refused(CohabError):
    """Nothing was taken from the files, because of these mistakes."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True)
class Column:
    """One column: how its cells are read, what an empty cell means (a mistake when `needed`), and which tables its codes name."""

    name: str
    read: Reader
    needed: bool = True
    empty: Any = ""
    refers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One line of a sheet: its number in the file and its typed cells."""

    line: int
    cells: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.cells[column]


@dataclass(frozen=True)
class Sheet:
    """The rows that could be read, and what is wrong with the others."""

    file: str
    rows: tuple[Row, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def at(self, row: Row, column: str, what: str) -> Mistake:
        """A mistake in this cell."""
        return Mistake(self.file, row.line, column, what)


@dataclass
class _Desk:
    """What is on the table while one sheet is read."""

    file: str
    columns: Sequence[Column]
    mistakes: list[Mistake] = field(default_factory=list)

    def note(self, line: int, column: str, what: str) -> None:
        self.mistakes.append(Mistake(self.file, line, column, what))


def text_of(path: Path, name: str | None = None) -> tuple[str, tuple[Mistake, ...]]:
    """The file's UTF-8 text, without a byte order mark, or the one mistake that keeps it from being read."""
    name = name or path.name
    try:
        raw = path.read_bytes()
    except OSError as error:
        return "", (Mistake(name, 1, "*", f"the file can't be read: {(error.strerror or 'unknown reason').lower()}"),)
    if len(raw) > LONGEST_FILE:
        return "", (Mistake(name, 1, "*", f"the file is larger than {LONGEST_FILE // 1_000_000} MB"),)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return "", (Mistake(name, line, "*", "the file is not in UTF-8"),)


def read(file: str, text: str, columns: Sequence[Column], *, key: Sequence[str] = ("code",)) -> Sheet:
    """The sheet that this CSV text holds: its header must name exactly `columns`, and no two rows may share their `key`."""
    desk = _Desk(file, columns)
    lines = _lines(desk, text)
    if not lines:
        desk.note(1, "*", "the file is empty, its first line must be the header")
        return Sheet(file, (), tuple(desk.mistakes))
    header = [name.strip() for name in lines[0][1]]
    if not _header_fits(desk, header):
        return Sheet(file, (), tuple(desk.mistakes))
    rows = [row for line, cells in lines[1:] if any(cells) and (row := _row(desk, line, header, cells))]
    _refuse_twins(desk, rows, key)
    return Sheet(file, tuple(rows), tuple(desk.mistakes))


def write(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """CSV text with a header, in the form that `read` takes back unchanged (RFC 4180, lines end with CRLF)."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(columns), lineterminator=CRLF)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def unknown(code: str, known: Iterable[str], nouns: str) -> str:
    """The sentence for a code that names nothing, with the nearest one that exists."""
    near = difflib.get_close_matches(code, list(known), n=1)
    return f"no row of {nouns} has the code '{code}'" + (f", did you mean '{near[0]}'?" if near else "")


def _lines(desk: _Desk, text: str) -> list[tuple[int, list[str]]]:
    """Each record with the number of the line it begins on; a record may hold line breaks inside quotes."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    found, begins = [], 1
    try:
        for cells in reader:
            found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error as error:
        desk.note(begins, "*", f"the line is not CSV: {error}")
    return found


def _header_fits(desk: _Desk, header: Sequence[str]) -> bool:
    wanted = [column.name for column in desk.columns]
    for name in dict.fromkeys(wanted):
        if header.count(name) != 1:
            desk.note(1, name, "the column is missing" if name not in header else "the column is there twice")
    for name in header:
        if name not in wanted:
            near = difflib.get_close_matches(name, wanted, n=1)
            desk.note(1, name or "*", "the column is unknown" + (f", did you mean '{near[0]}'?" if near else ""))
    return not any(mistake.line == 1 for mistake in desk.mistakes)


def _row(desk: _Desk, line: int, header: Sequence[str], cells: Sequence[str]) -> Row | None:
    if len(cells) != len(header):
        desk.note(line, "*", f"the line has {len(cells)} cells where the header has {len(header)}")
        return None
    by_name, before = dict(zip(header, cells, strict=True)), len(desk.mistakes)
    values = {column.name: _cell(desk, line, column, by_name[column.name]) for column in desk.columns}
    return Row(line, values) if len(desk.mistakes) == before else None


def _cell(desk: _Desk, line: int, column: Column, text: str) -> Any:
    if not text.strip():
        if column.needed:
            desk.note(line, column.name, "the cell is empty and must not be")
        return text if column.read is words else column.empty
    if "\0" in text or len(text) > LONGEST_CELL:
        desk.note(line, column.name, f"the cell holds a NUL character or more than {LONGEST_CELL} characters")
        return column.empty
    try:
        return column.read(text)
    except ValueError as error:
        desk.note(line, column.name, str(error))
        return column.empty


def _refuse_twins(desk: _Desk, rows: Iterable[Row], key: Sequence[str]) -> None:
    first: dict[tuple[Any, ...], int] = {}
    for row in rows:
        value = tuple(row[name] for name in key)
        if value in first:
            desk.note(row.line, key[-1], f"'{' '.join(map(str, value))}' is already on line {first[value]}")
        first.setdefault(value, row.line)
