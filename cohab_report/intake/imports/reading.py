"""Reads another system's export: CSV, JSON (a list, or a list inside an object) or GeoJSON.

The first character tells CSV from JSON. Only the columns that the mapping names are read: addresses, names and free
text that nobody asked for are never in memory as rows. An unreadable row is still a row, so that it can be reported by
its number.
"""

import codecs
import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from cohab_report.csv_tables import Mistake, TableRefused

GEOMETRY_COLUMNS = ("geometry.lon", "geometry.lat")
"""Column names of a GeoJSON point's coordinates, used when the mapping names no columns for them."""
LIST_KEYS = ("features", "results", "records", "requests", "data", "rows")
LARGEST_EXPORT = 1_000_000_000
LONGEST_VALUE = 10_000


@dataclass(frozen=True)
class ExportRow:
    """One row of another system's export: its number and the mapped values as text.

    The number is the line in CSV and the position from 1 otherwise.
    """

    number: int
    values: Mapping[str, str] = field(default_factory=dict)
    is_readable: bool = True


def read_rows(
    path: Path, columns: Collection[str], *, encoding: str = "utf-8-sig", delimiter: str = ","
) -> list[ExportRow]:
    """Reads the rows of a file in their order, with these columns only.

    Raises `csv_tables.TableRefused` for a file in none of these formats or without one of the columns.
    """
    try:
        if path.stat().st_size > LARGEST_EXPORT:
            raise TableRefused(
                [Mistake(path.name, 1, "*", f"the file is larger than {LARGEST_EXPORT // 1_000_000} MB")]
            )
        raw = path.read_bytes()
    except OSError as error:
        raise TableRefused(
            [Mistake(path.name, 1, "*", f"the file can't be read: {(error.strerror or 'unknown reason').lower()}")]
        ) from None
    return parse_rows(raw, columns, file=path.name, encoding=encoding, delimiter=delimiter)


def parse_rows(
    raw: bytes, columns: Collection[str], *, file: str = "import", encoding: str = "utf-8-sig", delimiter: str = ","
) -> list[ExportRow]:
    """Parses the rows of these bytes; raises `csv_tables.TableRefused` as `read_rows` does.

    It raises nothing else, whatever the bytes are.
    """
    begins = raw.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if begins in (b"{", b"["):
        return _json_rows(raw, columns, file)
    try:
        text = raw.decode(encoding)
        text.encode()  # some encodings can hold halves of characters, which no database takes
    except (UnicodeError, ValueError):
        raise TableRefused(
            [Mistake(file, 1, "*", f"the file is not in {encoding}; [file] encoding can name another")]
        ) from None
    return list(_csv_rows(text, columns, file, delimiter))


def _json_rows(raw: bytes, columns: Collection[str], file: str) -> list[ExportRow]:
    try:
        data = json.loads(raw.removeprefix(codecs.BOM_UTF8).decode(), parse_constant=_refuse_constant)
        json.dumps(data, ensure_ascii=False).encode()  # an escape can hold half a character, which no database takes
    except (ValueError, RecursionError) as error:
        raise TableRefused(
            [Mistake(file, getattr(error, "lineno", 1) or 1, "*", "the file begins like JSON and is not")]
        ) from None
    records = _list_in(data)
    if records is None:
        raise TableRefused(
            [Mistake(file, 1, "*", f"the file holds no list, neither by itself nor as one of {', '.join(LIST_KEYS)}")]
        )
    return [_json_row(number, record, columns) for number, record in enumerate(records, 1)]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _list_in(data: Any) -> list[Any] | None:
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        return next((data[name] for name in LIST_KEYS if isinstance(data.get(name), list)), None)
    return None


def _json_row(number: int, record: Any, columns: Collection[str]) -> ExportRow:
    if not isinstance(record, dict):
        return ExportRow(number, is_readable=False)
    properties = (
        record["properties"]
        if record.get("type") == "Feature" and isinstance(record.get("properties"), dict)
        else record
    )
    values = {name: _value_as_text(_nested_value(properties, name)) for name in columns if name not in GEOMETRY_COLUMNS}
    geometry = record.get("geometry")
    coordinates = (
        geometry.get("coordinates") if isinstance(geometry, dict) and geometry.get("type") == "Point" else None
    )
    if isinstance(coordinates, list) and len(coordinates) >= 2:
        values |= {name: _value_as_text(record) for name, record in zip(GEOMETRY_COLUMNS, coordinates[:2], strict=True)}
    if "id" in columns and not values.get("id"):
        values["id"] = _value_as_text(record.get("id"))
    return ExportRow(number, values)


def _nested_value(properties: Mapping[str, Any], name: str) -> Any:
    """Returns the value of this name; `location.latitude` reads inside `location`, unless a key has that whole name."""
    if name in properties:
        return properties[name]
    value: Any = properties
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _value_as_text(value: Any) -> str:
    if isinstance(value, str):
        return value[: LONGEST_VALUE + 1].strip()
    return repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _csv_rows(text: str, columns: Collection[str], file: str, delimiter: str) -> Iterator[ExportRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [name.strip() for name in _next_csv_row(reader) or ()]
    missing = [name for name in columns if header.count(name) != 1]
    if missing:
        raise TableRefused(
            [Mistake(file, 1, name, "the column that the mapping names is not there once") for name in missing]
        )
    positions = {name: header.index(name) for name in columns}
    while True:
        line = reader.line_num + 1
        cells = _next_csv_row(reader)
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if cells == _BROKEN_ROW or len(cells) != len(header):
            yield ExportRow(line, is_readable=False)
        else:
            yield ExportRow(
                line, {name: cells[position][: LONGEST_VALUE + 1].strip() for name, position in positions.items()}
            )


_BROKEN_ROW = ["\0broken"]


def _next_csv_row(reader: Any) -> list[str] | None:
    try:
        return list(next(reader))
    except StopIteration:
        return None
    except csv.Error:
        return _BROKEN_ROW
