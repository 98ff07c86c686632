"""Another system's export as rows: CSV, JSON (a list, or a list inside an object) or GeoJSON, told apart by how the file begins.

Only the columns that a mapping names are kept, from the first moment: addresses, names and free text that nobody asked for are never in
memory as rows. A row that can't be read is a row all the same, so that it can be reported by its number.
"""

import codecs
import csv
import io
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from cohab_report.sheets import Mistake, Refused

GEOMETRY = ("geometry.lon", "geometry.lat")
"""What a GeoJSON point's coordinates are called, when the mapping names no columns for them."""
LISTS = ("features", "results", "records", "requests", "data", "rows")
LONGEST_FILE = 1_000_000_000
LONGEST_CELL = 10_000


@dataclass(frozen=True)
class ForeignRow:
    """One row of another system's export: its number (for CSV the line, otherwise the position, from 1) and its wanted values as text."""

    number: int
    values: Mapping[str, str] = field(default_factory=dict)
    is_readable: bool = True


def read_rows(
    path: Path, wanted: Collection[str], *, encoding: str = "utf-8-sig", delimiter: str = ","
) -> list[ForeignRow]:
    """The file's rows in their order; raises `sheets.Refused` for a file that holds none of these formats or lacks a wanted column."""
    try:
        if path.stat().st_size > LONGEST_FILE:
            raise Refused([Mistake(path.name, 1, "*", f"the file is larger than {LONGEST_FILE // 1_000_000} MB")])
        raw = path.read_bytes()
    except OSError as error:
        raise Refused(
            [Mistake(path.name, 1, "*", f"the file can't be read: {(error.strerror or 'unknown reason').lower()}")]
        ) from None
    return rows_of(raw, wanted, file=path.name, encoding=encoding, delimiter=delimiter)


def rows_of(
    raw: bytes, wanted: Collection[str], *, file: str = "import", encoding: str = "utf-8-sig", delimiter: str = ","
) -> list[ForeignRow]:  # fmt: skip
    """The rows that these bytes hold; raises `sheets.Refused` as `read_rows` does, and nothing else whatever the bytes are."""
    begins = raw.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if begins in (b"{", b"["):
        return _json_rows(raw, wanted, file)
    try:
        text = raw.decode(encoding)
        text.encode()  # some encodings can hold halves of characters, which no database takes
    except (UnicodeError, ValueError):
        raise Refused(
            [Mistake(file, 1, "*", f"the file is not in {encoding}; [file] encoding can name another")]
        ) from None
    return list(_csv_rows(text, wanted, file, delimiter))


def _json_rows(raw: bytes, wanted: Collection[str], file: str) -> list[ForeignRow]:
    try:
        data = json.loads(raw.removeprefix(codecs.BOM_UTF8).decode(), parse_constant=_refuse_constant)
        json.dumps(data, ensure_ascii=False).encode()  # an escape can hold half a character, which no database takes
    except (ValueError, RecursionError) as error:
        raise Refused(
            [Mistake(file, getattr(error, "lineno", 1) or 1, "*", "the file begins like JSON and is not")]
        ) from None
    found = _list_in(data)
    if found is None:
        raise Refused(
            [Mistake(file, 1, "*", f"the file holds no list, neither by itself nor as one of {', '.join(LISTS)}")]
        )
    return [_json_row(number, each, wanted) for number, each in enumerate(found, 1)]


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _list_in(data: Any) -> list[Any] | None:
    if isinstance(data, list):
        return data
    if isinstance(data, dict):
        return next((data[name] for name in LISTS if isinstance(data.get(name), list)), None)
    return None


def _json_row(number: int, each: Any, wanted: Collection[str]) -> ForeignRow:
    if not isinstance(each, dict):
        return ForeignRow(number, is_readable=False)
    own = each["properties"] if each.get("type") == "Feature" and isinstance(each.get("properties"), dict) else each
    values = {name: _text(_inside(own, name)) for name in wanted if name not in GEOMETRY}
    place = each.get("geometry")
    coordinates = place.get("coordinates") if isinstance(place, dict) and place.get("type") == "Point" else None
    if isinstance(coordinates, list) and len(coordinates) >= 2:
        values |= {name: _text(each) for name, each in zip(GEOMETRY, coordinates[:2], strict=True)}
    if "id" in wanted and not values.get("id"):
        values["id"] = _text(each.get("id"))
    return ForeignRow(number, values)


def _inside(own: Mapping[str, Any], name: str) -> Any:
    """The value of this name; `location.latitude` looks inside `location`, unless a key is called so as a whole."""
    if name in own:
        return own[name]
    found: Any = own
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value[: LONGEST_CELL + 1].strip()
    return repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _csv_rows(text: str, wanted: Collection[str], file: str, delimiter: str) -> Iterator[ForeignRow]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = [name.strip() for name in _next(reader) or ()]
    missing = [name for name in wanted if header.count(name) != 1]
    if missing:
        raise Refused(
            [Mistake(file, 1, name, "the column that the mapping names is not there once") for name in missing]
        )
    places = {name: header.index(name) for name in wanted}
    while True:
        line = reader.line_num + 1
        cells = _next(reader)
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if cells == _BROKEN or len(cells) != len(header):
            yield ForeignRow(line, is_readable=False)
        else:
            yield ForeignRow(line, {name: cells[place][: LONGEST_CELL + 1].strip() for name, place in places.items()})


_BROKEN = ["\0broken"]


def _next(reader: Any) -> list[str] | None:
    try:
        return list(next(reader))
    except StopIteration:
        return None
    except csv.Error:
        return _BROKEN
