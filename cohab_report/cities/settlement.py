"""A profile's `city.toml`: the city's name, zone, holidays, lattice and box, its plan, its team and the words of its trial.

TOML knows no line numbers once it is read, so the file is looked at twice: once for its values, once for where each name stands.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cohab_report.partners.hours import public_holidays
from cohab_report.sheets import Mistake, text_of

Check = Callable[[Any], Any]
"""Returns the value it was given, or raises ValueError with a sentence that says what is wrong with it."""
FILE = "city.toml"
SPAN = re.compile(r"[1-9][0-9]{0,2} [hd]")


@dataclass(frozen=True)
class Settlement:
    """What `city.toml` says: values by their dotted name, and the line on which each stands."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def table(self, name: str) -> dict[str, Any]:
        """The values of one table, by their names in it."""
        return {key.removeprefix(f"{name}."): value for key, value in self.values.items() if key.startswith(f"{name}.")}

    def at(self, name: str, what: str) -> Mistake:
        """A mistake in this value."""
        return Mistake(FILE, self.lines.get(name, 1), name, what)


def read_settlement(path: Path, hours: Check, mistakes: list[Mistake]) -> Settlement | None:
    """The city that this file describes, or None after adding to `mistakes` all that is wrong with it."""
    text, unreadable = text_of(path)
    mistakes += unreadable
    if unreadable:
        return None
    try:
        given = _flat(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        where = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(where[1]) if where else text.count("\n") + 1
        mistakes.append(Mistake(FILE, line, "*", f"the file is not TOML: {str(error).split(' (at ')[0].lower()}"))
        return None
    settlement, before = Settlement(given, _lines(text)), len(mistakes)
    mistakes += _mistakes(settlement, {**NAMES, "team.hours": hours})
    return settlement if len(mistakes) == before else None


def _mistakes(settlement: Settlement, wanted: Mapping[str, Check]) -> list[Mistake]:
    found = [settlement.at(name, "the value is missing") for name in wanted if name not in settlement.values]
    for name, value in settlement.values.items():
        if name not in wanted:
            near = difflib.get_close_matches(name, list(wanted), n=1)
            found.append(settlement.at(name, "the name is unknown" + (f", did you mean '{near[0]}'?" if near else "")))
            continue
        try:
            wanted[name](value)
        except ValueError as error:
            found.append(settlement.at(name, str(error)))
    return found


def _flat(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in table.items():
        found |= _flat(value, f"{before}{name}.") if isinstance(value, dict) else {f"{before}{name}": value}
    return found


def _lines(text: str) -> dict[str, int]:
    """Where each name stands, by its dotted name; a table counts by its header, so that a missing value points there."""
    table, found = "", {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([\w.-]+)\]", line):
            table = f"{header[1]}."
            found.update({name: number for name in NAMES if name.startswith(table)})
        elif name := re.match(r"\s*([\w.-]+)\s*=", line):
            found[f"{table}{name[1]}"] = number
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("the value must be a text in quotes, and not empty")
    return value


def _maybe(value: Any) -> str:
    return "" if value == "" else _text(value)


def _code(value: Any) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", _text(value)):
        raise ValueError(f"'{value}' is not a code: lower-case letters, digits and _, at most 32")
    return str(value)


def _zone(value: Any) -> str:
    try:
        ZoneInfo(_text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"'{value}' is not a time zone like America/Toronto") from None
    return str(value)


def _number(least: float, most: float) -> Check:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"the value must be a number between {least:g} and {most:g}")
        return value

    return check


def _zero(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != 0:
        raise ValueError("the lattice begins at 0, 0, so that every city's cells are the same for ever")
    return value


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("the value must be a whole number, zero or more")
    return value


def _country(value: Any) -> str:
    if not re.fullmatch(r"[A-Z]{2}", _text(value)):
        raise ValueError(f"'{value}' is not a country of two capital letters")
    try:
        public_holidays(value)
    except NotImplementedError:
        raise ValueError(f"the public holidays of '{value}' are not known") from None
    return str(value)


def _deadline(value: Any) -> str:
    if _maybe(value) and not SPAN.fullmatch(value):
        raise ValueError(
            f"'{value}' is not a delay like '4 h' (staffed hours) or '3 d' (working days), nor empty for no promise"
        )
    return str(value)


LON, LAT, STEP = _number(-180, 180), _number(-90, 90), _number(0.0001, 1)
NAMES: Mapping[str, Check] = {
    "code": _code, "time_zone": _zone, "population": _whole, "contact_phone": _text, "name.fr": _text, "name.en": _text,
    "holidays.country": _country, "holidays.subdivision": _maybe,
    "lattice.dlon": STEP, "lattice.dlat": STEP, "lattice.origin_lon": _zero, "lattice.origin_lat": _zero,
    "reference.lon": LON, "reference.lat": LAT, "accept.west": LON, "accept.south": LAT, "accept.east": LON, "accept.north": LAT,
    "plan.name_fr": _text, "plan.name_en": _text, "plan.first_year": _whole, "plan.last_year": _whole,
    "plan.period_fr": _text, "plan.period_en": _text, "plan.url": _maybe,
    "team.name_fr": _text, "team.name_en": _text, "team.hours": _text, "team.partner": _text,
    "deadlines.P1": _deadline, "deadlines.P2": _deadline, "deadlines.P3": _deadline, "deadlines.P4": _deadline,
    "deadlines.P5": _deadline,
    "demo.notice_fr": _text, "demo.notice_en": _text, "demo.plan_fr": _text, "demo.plan_en": _text,
}  # fmt: skip
