"""A TOML file as a clerk reads it: values by dotted name, of the wished type, with every mistake noted and none of them fatal."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from cohab_report.geo import Point
from cohab_report.sheets import Mistake


@dataclass
class Paper:
    """What a TOML file says, and what is wrong with it."""

    file: str
    source: str
    data: Mapping[str, Any]
    mistakes: list[Mistake] = field(default_factory=list)

    def note(self, name: str, what: str) -> None:
        """A mistake in the value of this dotted name."""
        self.mistakes.append(Mistake(self.file, self._line_of(name), name, what))

    def refuse_unknown(self, known: Iterable[str], tables: Mapping[str, Sequence[str]]) -> None:
        """Each name that nothing reads is a mistake: most likely a wanted one, mistyped."""
        self._refuse_strangers("", self.data, tuple(known))
        for name, keys in tables.items():
            self._refuse_strangers(f"{name}.", self.table(name), keys)

    def table(self, name: str) -> Mapping[str, Any]:
        """The table of this name, empty when there is none."""
        found = self.data.get(name, {})
        if isinstance(found, dict):
            return found
        if not any(mistake.column == name for mistake in self.mistakes):
            self.note(name, f"[{name}] is a table")
        return {}

    def text(self, name: str, default: str, *, needed: bool = False) -> str:
        """The text of this name."""
        found = self._at(name)
        if found is None or (found == "" and needed):
            if needed:
                self.note(name, "it is missing")
            return default
        if not isinstance(found, str):
            self.note(name, "it is a text in quotes")
            return default
        return found

    def texts(self, name: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """The list of texts of this name."""
        found = self._at(name)
        if found is None:
            return default
        if not isinstance(found, list) or not found or not all(isinstance(each, str) and each for each in found):
            self.note(name, "it is a list of texts")
            return default
        return tuple(found)

    def number(self, name: str, default: float) -> float:
        """The number of this name, finite."""
        found = self._at(name)
        if found is None:
            return default
        if not _is_number(found) or abs(found) > 1e6:
            self.note(name, "it is a number")
            return default
        return float(found)

    def flag(self, name: str) -> bool:
        """Whether the switch of this name is on."""
        found = self._at(name)
        if found is not None and not isinstance(found, bool):
            self.note(name, "it is true or false")
        return found is True

    def point(self, name: str) -> Point | None:
        """The point of this name, written [longitude, latitude]."""
        found = self._at(name)
        if found is None:
            return None
        if (
            isinstance(found, list)
            and len(found) == 2
            and all(map(_is_number, found))
            and abs(found[0]) <= 180
            and abs(found[1]) <= 90
        ):
            return Point(float(found[0]), float(found[1]))
        self.note(name, "it is [longitude, latitude] in degrees")
        return None

    def _at(self, name: str) -> Any:
        table, _, key = name.rpartition(".")
        return (self.table(table) if table else self.data).get(key)

    def _refuse_strangers(self, before: str, found: Mapping[str, Any], known: Sequence[str]) -> None:
        for name in set(found) - set(known):
            near = difflib.get_close_matches(name, known, n=1)
            self.note(
                f"{before}{name}", "nothing of this name is known" + (f", did you mean '{near[0]}'?" if near else "")
            )

    def _line_of(self, name: str) -> int:
        """The first line that begins with the last part of the name, or else the first one: TOML keeps no line numbers."""
        key = name.partition(".")[2] or name
        lines = (line.lstrip("[ \t").lstrip("'\"") for line in self.source.splitlines())
        return next((number for number, line in enumerate(lines, 1) if line.startswith(key)), 1)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
