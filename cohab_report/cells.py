"""How one cell of a sheet becomes a value: codes, lists, numbers, dates, addresses.

Part of the ground: each reader takes a text that is not empty and returns a value, or raises ValueError with the sentence that the
person who keeps the file will read. None of them knows a table or a database.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

Reader = Callable[[str], Any]
"""Turns a cell that is not empty into a value, or raises ValueError with a sentence that says what is wrong with it."""
E = TypeVar("E", bound=StrEnum)


def words(text: str) -> str:
    """Any text, kept as it is."""
    return text


def code(longest: int) -> Reader:
    """A stable code: letters, digits, `-` and `_`, of at most `longest` characters."""

    def read_code(text: str) -> str:
        stripped = text.strip()
        if not CODE.fullmatch(stripped):
            raise ValueError(f"'{stripped}' is not a code: letters, digits, - and _ only")
        if len(stripped) > longest:
            raise ValueError(f"'{stripped}' is longer than {longest} characters")
        return stripped

    return read_code


def codes(text: str) -> tuple[str, ...]:
    """A list of codes, separated by `;`."""
    found = tuple(each.strip() for each in text.split(";"))
    for each in found:
        code(60)(each)
        if found.count(each) > 1:
            raise ValueError(f"'{each}' is there twice")
    return found


def texts(text: str) -> tuple[str, ...]:
    """A list of words, separated by `;`, none of them empty."""
    found = tuple(each.strip(" ") for each in text.split(";"))
    if not all(found):
        raise ValueError("the list has an empty part")
    return found


def pairs(read_value: Reader) -> Reader:
    """A list of `code:value`, separated by `;`, as a dictionary."""

    def read_pairs(text: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for part in text.split(";"):
            name, colon, value = part.strip().partition(":")
            if not (name and colon and value):
                raise ValueError(f"'{part}' is not a pair like option:value")
            if name in found:
                raise ValueError(f"'{name}' is there twice")
            found[name] = read_value(value)
        return found

    return read_pairs


def member(kind: type[E]) -> Callable[[str], E]:
    """One of an enumeration's values."""

    def read_member(text: str) -> E:
        stripped = text.strip()
        if stripped not in {each.value for each in kind}:
            raise ValueError(f"'{stripped}' is not one of {', '.join(each.value for each in kind)}")
        return kind(stripped)

    return read_member


def choice(*allowed: str) -> Reader:
    """One of these words."""

    def read_choice(text: str) -> str:
        stripped = text.strip()
        if stripped not in allowed:
            raise ValueError(f"'{stripped}' is not one of {', '.join(allowed)}")
        return stripped

    return read_choice


def yes_no(text: str) -> bool:
    """`yes` or `no`."""
    return bool(choice("yes", "no")(text) == "yes")


def whole(least: int, most: int) -> Reader:
    """A whole number between two bounds, both included."""

    def read_whole(text: str) -> int:
        stripped = text.strip()
        if not re.fullmatch(r"-?[0-9]{1,18}", stripped):
            raise ValueError(f"'{stripped}' is not a whole number")
        if not least <= int(stripped) <= most:
            raise ValueError(f"{stripped} is not between {least} and {most}")
        return int(stripped)

    return read_whole


def degrees(limit: float) -> Reader:
    """Decimal degrees between -limit and +limit, with a point."""

    def read_degrees(text: str) -> float:
        stripped = text.strip()
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]+)?", stripped):
            raise ValueError(f"'{stripped}' is not a number of degrees like -72.543")
        if abs(float(stripped)) > limit:
            raise ValueError(f"{stripped} is beyond {limit:g} degrees")
        return float(stripped)

    return read_degrees


def day(text: str) -> date:
    """A date like 2026-11-22."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"'{text.strip()}' is not a date like 2026-11-22") from None


def web_address(text: str) -> str:
    """An http or https address."""
    stripped = text.strip()
    try:
        parts = urlsplit(stripped)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(each.isspace() for each in stripped):
        raise ValueError(f"'{stripped}' is not a web address")
    return stripped
