"""Reads a profile's `city.toml`: name, time zone, holidays, cell grid, accepted box, plan, team, deadlines, texts of a
demo.

A TOML parser gives no line numbers, so the text is scanned a second time for the line of each name.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cohab_report.csv_tables import CONTROL_CHARACTER, LONGEST_CSV_VALUE, Mistake, read_text
from cohab_report.partners.hours import public_holidays

ValueCheck = Callable[[Any], Any]
"""Returns a valid value, or raises ValueError with a sentence that says what is wrong with it."""
CITY_TOML = "city.toml"
DELAY_PATTERN = re.compile(r"[1-9][0-9]{0,2} [hd]")


@dataclass(frozen=True)
class CityToml:
    """The content of `city.toml`: values and line numbers by dotted name."""

    values: Mapping[str, Any]
    lines: Mapping[str, int]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def table(self, name: str) -> dict[str, Any]:
        """Returns the values of one TOML table, by their names in it."""
        return {key.removeprefix(f"{name}."): value for key, value in self.values.items() if key.startswith(f"{name}.")}

    def mistake_at(self, name: str, what: str) -> Mistake:
        """Returns a mistake at the line of this value."""
        return Mistake(CITY_TOML, self.lines.get(name, 1), name, what)


def read_city_toml(path: Path, hours: ValueCheck, mistakes: list[Mistake]) -> CityToml | None:
    """Reads and checks the file; returns None after adding every mistake to `mistakes`. `hours` checks `team.hours`."""
    text, unreadable = read_text(path)
    mistakes += unreadable
    if unreadable:
        return None
    values = _parse_toml(text, mistakes)
    if values == {}:
        mistakes.append(Mistake(CITY_TOML, 1, "*", "the file is empty: `flask new-city` writes one to fill in"))
    if not values:
        return None
    city_toml = CityToml({**CITY_TOML_DEFAULTS, **values}, _line_numbers(text))
    checks = {**CITY_TOML_CHECKS, "team.hours": lambda value: hours(_check_text(value))}
    value_mistakes = _value_mistakes(city_toml, checks)
    mistakes += value_mistakes
    return None if value_mistakes else city_toml


def _parse_toml(text: str, mistakes: list[Mistake]) -> dict[str, Any] | None:
    """Returns the values of a TOML text by dotted name; None after adding why it is no TOML to `mistakes`."""
    try:
        return _flatten(tomllib.loads(text))
    except (ValueError, RecursionError) as error:  # of a number of thousands of digits, and of arrays in arrays
        where = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(where[1]) if where else text.count("\n") + 1
        reason = str(error).split(" (at ")[0].lower()
        has_comma = re.search(r"=\s*-?[0-9]+,[0-9]", "".join(text.splitlines()[line - 1 : line]))
        hint = ": a number has a point, not a comma" if has_comma else ""
        mistakes.append(Mistake(CITY_TOML, line, "*", f"the file is not TOML: {reason}{hint}"))
    return None


def _value_mistakes(city_toml: CityToml, checks: Mapping[str, ValueCheck]) -> list[Mistake]:
    mistakes = [city_toml.mistake_at(name, "the value is missing") for name in checks if name not in city_toml.values]
    for name, value in city_toml.values.items():
        if name not in checks:
            mistakes.append(city_toml.mistake_at(name, f"the name is unknown{_hint(name, checks)}"))
            continue
        try:
            checks[name](value)
        except ValueError as error:
            mistakes.append(city_toml.mistake_at(name, str(error)))
    return mistakes


def _hint(unknown: str, names: Iterable[str]) -> str:
    """Returns what may have been meant by an unknown name, to be appended to a sentence."""
    own_name = unknown.rpartition(".")[2]
    if own_name in names:
        return f": '{own_name}' stands above the first line in square brackets"
    near = difflib.get_close_matches(unknown, list(names), n=1)
    return f", did you mean '{near[0]}'?" if near else ""


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Returns the values of nested tables by dotted name."""
    values: dict[str, Any] = {}
    for name, value in table.items():
        values |= _flatten(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return values


def _line_numbers(text: str) -> dict[str, int]:
    """Returns the line of each name by dotted name; a missing value has the line of its table's header."""
    table, lines = "", {}
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[([\w.-]+)\]", line):
            table = f"{header[1]}."
            lines.update({name: number for name in CITY_TOML_CHECKS if name.startswith(table)})
        elif name := re.match(r"\s*([\w.-]+)\s*=", line):
            lines[f"{table}{name[1]}"] = number
    return lines


def _check_text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("the value must be a text in quotes, and not empty")
    if control_character := CONTROL_CHARACTER.search(value):
        raise ValueError(f"the text holds the control character {control_character[0]!r}")
    if len(value) > LONGEST_CSV_VALUE:
        raise ValueError(f"the text has more than {LONGEST_CSV_VALUE} characters")
    return value


def _check_optional_text(value: Any) -> str:
    return "" if value == "" else _check_text(value)


def _check_code(value: Any) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,31}", _check_text(value)):
        raise ValueError(f"'{value}' is not a code: lower-case letters, digits and _, at most 32")
    return str(value)


def _check_zone(value: Any) -> str:
    try:
        ZoneInfo(_check_text(value))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"'{value}' is not a time zone like America/Toronto") from None
    return str(value)


def _number_between(least: float, most: float) -> ValueCheck:
    def check(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            raise ValueError(f"the value must be a number between {least:g} and {most:g}")
        return value

    return check


def _check_zero(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != 0:
        raise ValueError("the lattice begins at 0, 0, so that every city's cells are the same for ever")
    return value


def _whole_number_between(least: int, most: int) -> ValueCheck:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise ValueError(f"the value must be a whole number from {least} to {most}")
        return value

    return check


def _check_true_or_false(value: Any) -> bool:
    if value is not True and value is not False:
        raise ValueError("the value must be true or false, without quotes")
    return bool(value)


def _check_country(value: Any) -> str:
    if not re.fullmatch(r"[A-Z]{2}", _check_text(value)):
        raise ValueError(f"'{value}' is not a country of two capital letters")
    try:
        public_holidays(value)
    except NotImplementedError:
        raise ValueError(f"the public holidays of '{value}' are not known") from None
    return str(value)


def _check_delay(value: Any) -> str:
    if _check_optional_text(value) and not DELAY_PATTERN.fullmatch(value):
        raise ValueError(
            f"'{value}' is not a delay like '4 h' (staffed hours) or '3 d' (working days), nor empty for no promise"
        )
    return str(value)


YEAR = _whole_number_between(1990, 2100)
LON, LAT, STEP = _number_between(-180, 180), _number_between(-90, 90), _number_between(0.0001, 1)
CITY_TOML_CHECKS: Mapping[str, ValueCheck] = {
    "code": _check_code,
    "time_zone": _check_zone,
    "population": _whole_number_between(1, 50_000_000),
    "contact_phone": _check_text,
    "no_protected_sites": _check_true_or_false,
    "name.fr": _check_text,
    "name.en": _check_text,
    "holidays.country": _check_country,
    "holidays.subdivision": _check_optional_text,
    "lattice.dlon": STEP,
    "lattice.dlat": STEP,
    "lattice.origin_lon": _check_zero,
    "lattice.origin_lat": _check_zero,
    "reference.lon": LON,
    "reference.lat": LAT,
    "accept.west": LON,
    "accept.south": LAT,
    "accept.east": LON,
    "accept.north": LAT,
    "plan.name_fr": _check_text,
    "plan.name_en": _check_text,
    "plan.first_year": YEAR,
    "plan.last_year": YEAR,
    "plan.period_fr": _check_text,
    "plan.period_en": _check_text,
    "plan.url": _check_optional_text,
    "team.name_fr": _check_text,
    "team.name_en": _check_text,
    "team.hours": _check_text,
    "team.partner": _check_text,
    "deadlines.P1": _check_delay,
    "deadlines.P2": _check_delay,
    "deadlines.P3": _check_delay,
    "deadlines.P4": _check_delay,
    "deadlines.P5": _check_delay,
    "demo.notice_fr": _check_text,
    "demo.notice_en": _check_text,
    "demo.plan_fr": _check_text,
    "demo.plan_en": _check_text,
}
CITY_TOML_DEFAULTS: Mapping[str, Any] = {"no_protected_sites": False}
"""The values of the names that may be left out."""
