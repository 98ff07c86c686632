"""Reads typed values from a TOML file by dotted name; every mistake is noted and none is fatal."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from cohab_report.csv_tables import Mistake
from cohab_report.geo import Point


@dataclass
class TomlReader:
    """A TOML file and the mistakes in it."""

    file: str
    source: str
    data: Mapping[str, Any]
    mistakes: list[Mistake] = field(default_factory=list)

    def note(self, name: str, problem: str) -> None:
        """Notes a mistake in the value of this dotted name."""
        self.mistakes.append(Mistake(self.file, self._line_of(name), name, problem))

    def note_unknown_names(self, known_names: Iterable[str], tables: Mapping[str, Sequence[str]]) -> None:
        """Notes a mistake for each name that nothing reads: most likely a misspelt one."""
        self._note_unknown_names("", self.data, tuple(known_names))
        for name, keys in tables.items():
            self._note_unknown_names(f"{name}.", self.table(name), keys)

    def table(self, name: str) -> Mapping[str, Any]:
        """Returns the table of this name, empty when there is none."""
        value = self.data.get(name, {})
        if isinstance(value, dict):
            return value
        if not any(mistake.column == name for mistake in self.mistakes):
            self.note(name, f"[{name}] is a table")
        return {}

    def text(self, name: str, default: str, *, needed: bool = False) -> str:
        """Returns the text of this name."""
        value = self._at(name)
        if value is None or (value == "" and needed):
            if needed:
                self.note(name, "it is missing")
            return default
        if not isinstance(value, str):
            self.note(name, "it is a text in quotes")
            return default
        return value

    def texts(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the list of texts of this name."""
        value = self._at(name)
        if value is None:
            return default
        if not isinstance(value, list) or not value or not all(isinstance(item, str) and item for item in value):
            self.note(name, "it is a list of texts")
            return default
        return tuple(value)

    def number(self, name: str, default: float) -> float:
        """Returns the finite number of this name."""
        value = self._at(name)
        if value is None:
            return default
        if not _is_number(value) or abs(value) > 1e6:
            self.note(name, "it is a number")
            return default
        return float(value)

    def flag(self, name: str) -> bool:
        """Returns whether the switch of this name is on."""
        value = self._at(name)
        if value is not None and not isinstance(value, bool):
            self.note(name, "it is true or false")
        return value is True

    def point(self, name: str) -> Point | None:
        """Returns the point of this name, written [longitude, latitude] in degrees."""
        value = self._at(name)
        if value is None:
            return None
        if (
            isinstance(value, list)
            and len(value) == 2
            and all(map(_is_number, value))
            and abs(value[0]) <= 180
            and abs(value[1]) <= 90
        ):
            return Point(float(value[0]), float(value[1]))
        self.note(name, "it is [longitude, latitude] in degrees")
        return None

    def _at(self, name: str) -> Any:
        table, _, key = name.rpartition(".")
        return (self.table(table) if table else self.data).get(key)

    def _note_unknown_names(self, before: str, values: Mapping[str, Any], known_keys: Sequence[str]) -> None:
        for name in set(values) - set(known_keys):
            near = difflib.get_close_matches(name, known_keys, n=1)
            self.note(
                f"{before}{name}", "nothing of this name is known" + (f", did you mean '{near[0]}'?" if near else "")
            )

    def _line_of(self, name: str) -> int:
        """Returns the first line that begins with the last part of the name, or 1: the parser gives no line numbers."""
        key = name.partition(".")[2] or name
        lines = (line.lstrip("[ \t").lstrip("'\"") for line in self.source.splitlines())
        return next((number for number, line in enumerate(lines, 1) if line.startswith(key)), 1)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
