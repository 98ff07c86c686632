"""Breaks a city profile in every way that a table of ways knows: each key, each cell, each file; the same each time."""

import csv
import io
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cohab_report.cities.columns import PROFILE_COLUMNS

BAD_TOML_VALUES = (
    "-1",
    "0",
    "1e400",
    "nan",
    "-inf",
    "9" * 40,
    "9" * 5000,
    "0.5",
    "true",
    '""',
    '" "',
    '"x"',
    f'"{"x" * 30_000}"',
    '"\\u0000"',
    '"\\u0007"',
    '"🏙 é\\u0301\\u202e"',
    "[]",
    "[[1], [2]]",
    f"{'[' * 3000}{']' * 3000}",
    "{}",
    '{ fr = "x" }',
    "2026-11-30",
    "2026-11-30T10:00:00Z",
    "12:00:00",
    '"../../etc/passwd"',
    "",
)
BAD_CELLS = (
    "",
    " ",
    "0",
    "-1",
    "9" * 40,
    "1e400",
    "nan",
    "46,5",
    "x",
    "X" * 25_000,
    "x" * 300,
    "\0",
    "\x07",
    "a\nb",
    ";",
    ";;a",
    "a:b;a:c",
    "a;A",
    "=1+1",
    "'; DROP TABLE city; --",
    "<script>alert(1)</script>",
    "🏙 é\u0301\u202e",
    "\u2028",
    "yes",
    "no",
    "P1",
    "*",
    "2026-02-30",
    "24/7",
    "mon-mon 00:00-24:00",
    "tel:1",
    "https://",
    "http://[::1",
)
Break = Callable[[Path], None]


@dataclass(frozen=True)
class BrokenProfile:
    """One way to break a profile: its name, and what it does to a copy of the folder."""

    name: str
    spoil: Break

    def make(self, source: Path, target: Path) -> Path:
        """Returns a broken copy of the profile in `source`, made at `target`."""
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(source, target)
        self.spoil(target)
        return target


def broken_profiles(source: Path) -> Iterator[BrokenProfile]:
    """Yields every way to break the profile in this folder."""
    yield from _broken_toml(source / "city.toml")
    for name in PROFILE_COLUMNS:
        yield from _broken_cells(source / f"{name}.csv")
    yield from _broken_files(sorted(path.name for path in source.iterdir()))
    yield from _broken_outlines()


def _writes(file: str, text: str | bytes) -> Break:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return lambda folder: _write(folder / file, raw)


def _write(path: Path, raw: bytes) -> None:
    path.write_bytes(raw)


def _broken_toml(path: Path) -> Iterator[BrokenProfile]:
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        for name, text in _other_toml_lines(line):
            changed = "\n".join([*lines[:number], text, *lines[number + 1 :]])
            yield BrokenProfile(f"city.toml:{line[:30]}:{name[:20]}", _writes(path.name, changed))


def _other_toml_lines(line: str) -> Iterator[tuple[str, str]]:
    """Yields what may stand instead of a line, each with a name."""
    if key := re.match(r"(\w+) = ", line):
        yield from ((value, f"{key[1]} = {value}") for value in BAD_TOML_VALUES)
        yield "twice", f"{line}\n{line}"
        yield "quoted", f'"{key[1]}.more" = 1'
    elif line.startswith("["):
        yield from ((other, other) for other in ("", f"[{line}]", f"{line}\n{line}", "[other]"))
        yield "no table", f"{line.strip('[]')} = 3"


def _broken_cells(path: Path) -> Iterator[BrokenProfile]:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    for column, name in enumerate(rows[0]):
        for value in BAD_CELLS:
            for line in {0, 1, len(rows) - 1}:
                changed = [list(row) for row in rows]
                changed[line][column] = value
                yield BrokenProfile(f"{path.name}:{line + 1}:{name}:{value[:20]!r}", _writes(path.name, _csv(changed)))
        without = [[cell for index, cell in enumerate(row) if index != column] for row in rows]
        yield BrokenProfile(f"{path.name}:{name}:no column", _writes(path.name, _csv(without)))
    yield BrokenProfile(f"{path.name}:headers only", _writes(path.name, _csv(rows[:1])))
    yield BrokenProfile(f"{path.name}:twice", _writes(path.name, _csv([*rows, *rows[1:]])))
    yield BrokenProfile(f"{path.name}:no header", _writes(path.name, _csv(rows[1:])))
    yield BrokenProfile(
        f"{path.name}:lower case", _writes(path.name, _csv([*rows, [rows[1][0].swapcase(), *rows[1][1:]]]))
    )
    yield BrokenProfile(f"{path.name}:semicolons", _writes(path.name, _csv(rows, ";")))
    yield BrokenProfile(f"{path.name}:tabs", _writes(path.name, _csv(rows, "\t")))
    yield BrokenProfile(f"{path.name}:open quote", _writes(path.name, _csv(rows) + '"'))
    yield BrokenProfile(f"{path.name}:many rows", _writes(path.name, _csv(rows) + _csv(rows[1:]) * 300))


def _csv(rows: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return out.getvalue()


def _replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _link_to(target: str) -> Break:
    def link(path: Path) -> None:
        path.unlink()
        path.symlink_to(target or path)

    return link


FILE_BREAKS: dict[str, Break] = {
    "missing": Path.unlink,
    "empty": lambda path: _write(path, b""),
    "one space": lambda path: _write(path, b" "),
    "one line end": lambda path: _write(path, b"\r\n"),
    "byte order mark": lambda path: _write(path, b"\xef\xbb\xbf" + path.read_bytes()),
    "only a byte order mark": lambda path: _write(path, b"\xef\xbb\xbf"),
    "latin-1": lambda path: _write(path, path.read_text(encoding="utf-8").encode("latin-1", "replace")),
    "utf-16": lambda path: _write(path, path.read_text(encoding="utf-8").encode("utf-16")),
    "CRLF": lambda path: _write(path, path.read_bytes().replace(b"\n", b"\r\n")),
    "CR": lambda path: _write(path, path.read_bytes().replace(b"\n", b"\r")),
    "NUL": lambda path: _write(path, path.read_bytes() + b"\0"),
    "surrogate": lambda path: _write(path, path.read_bytes() + b"\xed\xa0\x80"),
    "cut": lambda path: _write(path, path.read_bytes()[: len(path.read_bytes()) // 2]),
    "too large": lambda path: _write(path, path.read_bytes() + b" " * 5_000_001),
    "zip": lambda path: _write(path, b"PK\x03\x04" + b"\x00" * 100),
    "directory": _replace_by_folder,
    "dangling link": _link_to("nowhere"),
    "link to itself": _link_to(""),
    "device": _link_to("/dev/zero"),
}


def _in_folder(file: str, spoil: Break) -> Break:
    return lambda folder: spoil(folder / file)


def _broken_files(files: list[str]) -> Iterator[BrokenProfile]:
    for file in files:
        for name, spoil in FILE_BREAKS.items():
            yield BrokenProfile(f"{file}:{name}", _in_folder(file, spoil))


OUTLINES = (
    "null",
    "[]",
    "3",
    '"x"',
    "1" * 5000,
    "NaN",
    '{"type": "Polygon"}',
    '{"type": "Polygon", "coordinates": null}',
    '{"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}',
    '{"type": "Polygon", "coordinates": [[[NaN, 0], [1, 1], [0, 1], [NaN, 0]]]}',
    '{"type": "Polygon", "coordinates": [[[1e999, 0], [1, 1], [0, 1], [1e999, 0]]]}',
    '{"type": "Polygon", "coordinates": [[["a", "b"], ["c", "d"], ["e", "f"], ["a", "b"]]]}',
    '{"type": "Polygon", "coordinates": [[[0], [1], [2], [0]]]}',
    '{"type": "Polygon", "coordinates": {"a": 1}}',
    '{"type": "MultiPolygon", "coordinates": []}',
    '{"type": "MultiPolygon", "coordinates": [[]]}',
    '{"type": "GeometryCollection", "geometries": []}',
    '{"type": ["Polygon"], "coordinates": []}',
    '{"type": {}, "coordinates": []}',
    '{"type": "FeatureCollection", "features": {}}',
    '{"type": "FeatureCollection", "features": [null]}',
    '{"type": "FeatureCollection", "features": [{"type": "FeatureCollection", "features": []}]}',
    '{"type": "Feature", "geometry": {"type": "Polygon"}, "properties": []}',
    '{"type": "Feature", "crs": 3, "geometry": {}, "properties": 3}',
    "[" * 100_000,
    '{"type": "FeatureCollection", "features": [' * 3000,
)
SOURCES = ('"\\ud800"', '"\\u0000"', '"a\\nb"', "{}", "[]", "1e999", "null", f'"{"x" * 30_000}"')


def _broken_outlines() -> Iterator[BrokenProfile]:
    file = "boundary.geojson"
    for text in OUTLINES:
        yield BrokenProfile(f"{file}:{text[:60]}", _writes(file, text))
    ring = "[[-1.32, 47.1], [-1.18, 47.1], [-1.18, 47.2], [-1.32, 47.2], [-1.32, 47.1]]"
    polygon = f'{{"type": "Polygon", "coordinates": [{ring}]}}'
    for source in SOURCES:
        feature = f'{{"type": "Feature", "properties": {{"source": {source}}}, "geometry": {polygon}}}'
        yield BrokenProfile(f"{file}:source:{source[:20]}", _writes(file, feature))
    swapped = re.sub(r"\[(-?[0-9.]+), ([0-9.]+)\]", r"[\2, \1]", polygon)
    yield BrokenProfile(f"{file}:exchanged", _writes(file, swapped))
