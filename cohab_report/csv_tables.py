"""Reads and writes CSV tables: UTF-8 text in, typed rows out, with every mistake named by file, line and column.

Knows no feature and opens no database. Whoever reads a table names its columns (`Column`); reading goes on to the end
of the file, so that all its mistakes are reported at once, and nothing is written anywhere until a table, or a whole
folder of them, has none.
"""

import csv
import difflib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cohab_report.csv_values import ValueReader, verbatim
from cohab_report.errors import CohabError

CRLF = "\r\n"
LONGEST_CSV_VALUE = 20_000
"""Characters that one value may have."""
LARGEST_CSV_FILE = 5_000_000
"""Bytes that one file may have."""
CONTROL_CHARACTER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""A control character other than a tab or a line break: no page and no e-mail can show it."""


@dataclass(frozen=True, order=True)
class Mistake:
    """One thing to correct in a file, as one sentence, or to look at again when it is a warning: that refuses nothing.

    Line 1 is the header or the whole file, and column `*` is the whole line or file.
    """

    file: str
    line: int
    column: str
    message: str
    is_warning: bool = False

    def __str__(self) -> str:
        warning = "warning: " if self.is_warning else ""
        return f"{self.file}:{self.line}:{self.column}: {warning}{self.message}"


class TableRefused(CohabError):
    """Files were refused whole because of these `mistakes`, sorted by file and line; nothing was taken from them.

    `warnings` are what else was seen, and refused nothing.
    """

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        found = sorted(set(mistakes))
        self.mistakes = tuple(mistake for mistake in found if not mistake.is_warning)
        self.warnings = tuple(mistake for mistake in found if mistake.is_warning)
        super().__init__("\n".join(str(mistake) for mistake in found))


@dataclass(frozen=True)
class Column:
    """A column of a table: `read` parses its values; an empty value is a mistake when `needed`, else becomes `empty`.

    `refers` names the tables in which each code of this column must have a row.
    """

    name: str
    read: ValueReader
    needed: bool = True
    empty: Any = ""
    refers: tuple[str, ...] = ()


@dataclass(frozen=True)
class CsvRow:
    """A row of a table: the number of its first line in the file, and its typed values by column name."""

    line: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]


@dataclass(frozen=True)
class CsvTable:
    """A table as read from a file: the rows without a mistake, and the mistakes of the others."""

    file: str
    rows: tuple[CsvRow, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    def mistake_at(self, row: CsvRow, column: str, message: str) -> Mistake:
        """Returns a mistake located at this row and column of the file."""
        return Mistake(self.file, row.line, column, message)

    def warning_at(self, row: CsvRow, column: str, message: str) -> Mistake:
        """Returns a warning located at this row and column of the file."""
        return Mistake(self.file, row.line, column, message, is_warning=True)


@dataclass
class _TableReader:
    """The columns to read from one file, and the mistakes that were found in it so far."""

    file: str
    columns: Sequence[Column]
    mistakes: list[Mistake] = field(default_factory=list)
    header_line: int = 1

    def add_mistake(self, line: int, column: str, message: str) -> None:
        self.mistakes.append(Mistake(self.file, line, column, message))


def read_text(path: Path, name: str | None = None) -> tuple[str, tuple[Mistake, ...]]:
    """Reads a UTF-8 file, without its byte order mark.

    Returns its text, or "" and the one mistake that makes it unreadable.

    `name` is what mistakes call the file; its own name by default.
    """
    name = name or path.name
    if path.exists() and not path.is_file():
        return "", (Mistake(name, 1, "*", "the file can't be read: it is no file"),)
    try:
        raw = path.read_bytes()
    except OSError as error:
        return "", (Mistake(name, 1, "*", f"the file can't be read: {(error.strerror or 'unknown reason').lower()}"),)
    if len(raw) > LARGEST_CSV_FILE:
        return "", (Mistake(name, 1, "*", f"the file is larger than {LARGEST_CSV_FILE // 1_000_000} MB"),)
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return "", (Mistake(name, line, "*", "the file is not in UTF-8"),)


def read_table(file: str, text: str, columns: Sequence[Column], *, key: Sequence[str] = ("code",)) -> CsvTable:
    """Parses CSV text into a table; its header must name exactly `columns`, and no two rows may have the same `key`.

    Lines before the header that begin with # are comments; after it none are, so that no row can be lost. Raises
    nothing: whatever is wrong stands in the table's `mistakes`.
    """
    reader = _TableReader(file, columns)
    records = _without_leading_comments(_numbered_records(reader, text))
    if not records:
        reader.add_mistake(1, "*", "the file is empty, its first line must be the header")
        return CsvTable(file, (), tuple(reader.mistakes))
    reader.header_line = records[0][0]
    header = [name.strip() for name in records[0][1]]
    if not _is_header_valid(reader, header):
        return CsvTable(file, (), tuple(reader.mistakes))
    rows = [row for line, texts in records[1:] if any(texts) and (row := _typed_row(reader, line, header, texts))]
    _refuse_duplicate_keys(reader, rows, key)
    return CsvTable(file, tuple(rows), tuple(reader.mistakes))


def write_table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    """Returns CSV text with a header (RFC 4180, lines end with CRLF), which `read_table` reads back unchanged."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(columns), lineterminator=CRLF)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def unknown_code_sentence(code: str, existing_codes: Iterable[str], nouns: str) -> str:
    """Returns the message for a code that no row of `nouns` has, with the most similar code that exists."""
    similar = difflib.get_close_matches(code, list(existing_codes), n=1)
    return f"no row of {nouns} has the code '{code}'" + (f", did you mean '{similar[0]}'?" if similar else "")


def _numbered_records(reader: _TableReader, text: str) -> list[tuple[int, list[str]]]:
    """Splits CSV text into records, each with the number of its first line; quoted values may hold line breaks."""
    parser = csv.reader(io.StringIO(text, newline=""), strict=True)
    records, first_line = [], 1
    try:
        for texts in parser:
            records.append((first_line, texts))
            first_line = parser.line_num + 1
    except csv.Error as error:
        reader.add_mistake(first_line, "*", f"the line is not CSV: {error}")
    return records


def _without_leading_comments(records: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Returns the records from the header on: without comments, and without empty lines between them."""
    is_comment = [not any(texts) or texts[0].startswith("#") for _line, texts in records]
    return records[is_comment.index(False) :] if False in is_comment else []


def _is_header_valid(reader: _TableReader, header: Sequence[str]) -> bool:
    line, expected = reader.header_line, [column.name for column in reader.columns]
    if separator := _other_separator(header):
        reader.add_mistake(line, "*", f"the cells are separated by {separator}: save the file with commas")
        return False
    if not set(expected) & set(header):
        reader.add_mistake(line, "*", f"the line is not the header, which is {','.join(expected)}")
        return False
    mistakes_before = len(reader.mistakes)
    for name in dict.fromkeys(expected):
        if header.count(name) != 1:
            what = "the column is missing" if name not in header else "the column is there twice"
            reader.add_mistake(line, name, what)
    for name in header:
        if name not in expected:
            similar = difflib.get_close_matches(name, expected, n=1)
            hint = f", did you mean '{similar[0]}'?" if similar else ""
            reader.add_mistake(line, name or "*", f"the column is unknown{hint}")
    return len(reader.mistakes) == mistakes_before


def _other_separator(header: Sequence[str]) -> str:
    """Returns the name of what a spreadsheet wrote instead of commas, or an empty string."""
    names = {";": "semicolons", "\t": "tabs"}
    return next((names[each] for each in names if len(header) == 1 and each in header[0]), "")


def _typed_row(reader: _TableReader, line: int, header: Sequence[str], texts: Sequence[str]) -> CsvRow | None:
    if len(texts) != len(header):
        hint = ": a text with a comma stands in double quotes, a number has a point" if len(texts) > len(header) else ""
        reader.add_mistake(line, "*", f"the line has {len(texts)} cells where the header has {len(header)}{hint}")
        return None
    by_name, mistakes_before = dict(zip(header, texts, strict=True)), len(reader.mistakes)
    values = {column.name: _typed_value(reader, line, column, by_name[column.name]) for column in reader.columns}
    return CsvRow(line, values) if len(reader.mistakes) == mistakes_before else None


def _typed_value(reader: _TableReader, line: int, column: Column, text: str) -> Any:
    if "\0" in text or len(text) > LONGEST_CSV_VALUE:
        message = f"the cell holds a NUL character or more than {LONGEST_CSV_VALUE} characters"
        reader.add_mistake(line, column.name, message)
        return column.empty
    if control_character := CONTROL_CHARACTER.search(text):
        reader.add_mistake(line, column.name, f"the cell holds the control character {control_character[0]!r}")
        return column.empty
    if not text.strip():
        if column.needed:
            reader.add_mistake(line, column.name, "the cell is empty and must not be")
        return text if column.read is verbatim else column.empty
    try:
        return column.read(text)
    except ValueError as error:
        reader.add_mistake(line, column.name, str(error))
        return column.empty


def _refuse_duplicate_keys(reader: _TableReader, rows: Iterable[CsvRow], key: Sequence[str]) -> None:
    """Adds a mistake for each key that is there already; upper and lower case make no difference to a reader."""
    first_rows: dict[tuple[str, ...], CsvRow] = {}
    for row in rows:
        first = first_rows.setdefault(tuple(str(row[name]).casefold() for name in key), row)
        if first is not row:
            values, first_values = (" ".join(str(each[name]) for name in key) for each in (row, first))
            is_same = "is already" if values == first_values else f"differs only in case from '{first_values}'"
            reader.add_mistake(row.line, key[-1], f"'{values}' {is_same} on line {first.line}")
