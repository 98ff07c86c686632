"""Parses the text of one CSV value: codes, lists, numbers, dates, web addresses.

Each reader takes a text that is not empty and returns a value, or raises ValueError with the sentence that the person
who maintains the file reads. None of them knows a table or a database.
"""

import re
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlsplit

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")

ValueReader = Callable[[str], Any]
"""Parses a text that is not empty, or raises ValueError with a sentence that says what is wrong with it."""
E = TypeVar("E", bound=StrEnum)


def verbatim(text: str) -> str:
    """Returns any text unchanged."""
    return text


def short_text(longest: int) -> ValueReader:
    """Returns a reader of any text of at most `longest` characters."""

    def read_short_text(text: str) -> str:
        if len(text) > longest:
            raise ValueError(f"the text has {len(text)} characters, and {longest} at most fit")
        return text

    return read_short_text


def code(longest: int) -> ValueReader:
    """Returns a reader of one code: letters, digits, `-` and `_`, at most `longest` characters."""

    def read_code(text: str) -> str:
        stripped = text.strip()
        if not CODE.fullmatch(stripped):
            raise ValueError(f"'{stripped}' is not a code: letters, digits, - and _ only")
        if len(stripped) > longest:
            raise ValueError(f"'{stripped}' is longer than {longest} characters")
        return stripped

    return read_code


def code_list(text: str) -> tuple[str, ...]:
    """Parses a list of different codes, separated by `;`, each of at most 60 characters."""
    codes = tuple(each.strip() for each in text.split(";"))
    for each in codes:
        code(60)(each)
        if codes.count(each) > 1:
            raise ValueError(f"'{each}' is there twice")
    return codes


def text_list(text: str) -> tuple[str, ...]:
    """Parses a list of texts, separated by `;`, none of them empty."""
    texts = tuple(each.strip(" ") for each in text.split(";"))
    if not all(texts):
        raise ValueError("the list has an empty part")
    return texts


def code_pairs(read_value: ValueReader) -> ValueReader:
    """Returns a reader of a list of `code:value`, separated by `;`, as a dictionary of different codes."""

    def read_pairs(text: str) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for part in text.split(";"):
            name, colon, value = part.strip().partition(":")
            if not (name and colon and value):
                raise ValueError(f"'{part}' is not a pair like option:value")
            if name in values:
                raise ValueError(f"'{name}' is there twice")
            values[name] = read_value(value)
        return values

    return read_pairs


def enum_member(kind: type[E]) -> Callable[[str], E]:
    """Returns a reader of one value of this StrEnum."""

    def read_member(text: str) -> E:
        stripped = text.strip()
        if stripped not in {each.value for each in kind}:
            raise ValueError(f"'{stripped}' is not one of {', '.join(each.value for each in kind)}")
        return kind(stripped)

    return read_member


def one_of_words(*allowed: str) -> ValueReader:
    """Returns a reader of one of these words."""

    def read_word(text: str) -> str:
        stripped = text.strip()
        if stripped not in allowed:
            raise ValueError(f"'{stripped}' is not one of {', '.join(allowed)}")
        return stripped

    return read_word


def yes_no(text: str) -> bool:
    """Parses `yes` or `no`."""
    return bool(one_of_words("yes", "no")(text) == "yes")


def integer(least: int, most: int) -> ValueReader:
    """Returns a reader of a whole number from `least` to `most`, both included."""

    def read_integer(text: str) -> int:
        stripped = text.strip()
        if not re.fullmatch(r"-?[0-9]{1,18}", stripped):
            raise ValueError(f"'{stripped}' is not a whole number")
        if not least <= int(stripped) <= most:
            raise ValueError(f"{stripped} is not between {least} and {most}")
        return int(stripped)

    return read_integer


def degrees(limit: float) -> ValueReader:
    """Returns a reader of decimal degrees from -limit to +limit, with a decimal point."""

    def read_degrees(text: str) -> float:
        stripped = text.strip()
        if re.fullmatch(r"-?[0-9]{1,3},[0-9]+", stripped):
            raise ValueError(f"'{stripped}' has a comma: write {stripped.replace(',', '.')}, with a point")
        if not re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]+)?", stripped):
            raise ValueError(f"'{stripped}' is not a number of degrees like -72.543")
        if abs(float(stripped)) > limit:
            raise ValueError(f"{stripped} is beyond {limit:g} degrees")
        return float(stripped)

    return read_degrees


def iso_date(text: str) -> date:
    """Parses an ISO date like 2026-11-22."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"'{text.strip()}' is not a date like 2026-11-22") from None


def web_address(text: str) -> str:
    """Parses an http or https address with a host."""
    stripped = text.strip()
    try:
        parts = urlsplit(stripped)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or any(each.isspace() for each in stripped):
        raise ValueError(f"'{stripped}' is not a web address")
    return stripped
