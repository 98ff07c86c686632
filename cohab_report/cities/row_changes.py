"""What loading a profile does to one row, and how a person reads it before agreeing. No database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

LONGEST_SHOWN_VALUE = 60


class ChangeKind(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    RETIRED = "retired"


@dataclass(frozen=True)
class RowChange:
    """A row that is added, changed or retired: its code, and each value that differs, before and after."""

    code: str
    kind: ChangeKind
    values: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def __str__(self) -> str:
        if self.kind is not ChangeKind.CHANGED:
            return f"{self.code}: {self.kind}"
        texts = [
            f"{name} {_value_text(before)} -> {_value_text(after)}"
            for column, pair in sorted(self.values.items())
            for name, before, after in _differing_parts(column, *pair)
        ]
        return f"{self.code}: {', '.join(texts)}"


def _differing_parts(name: str, before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yields the values that differ, by dotted name where a value is a dictionary of others."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                yield from _differing_parts(f"{name}.{key}", before.get(key), after.get(key))
    else:
        yield name, before, after


def _value_text(value: Any) -> str:
    """Returns a value in quotes, shortened; rows of other tables by their codes."""
    if isinstance(value, frozenset | list | tuple):
        text = ";".join(sorted(map(_plain, value)) if isinstance(value, frozenset) else map(_plain, value))
    else:
        text = _plain(value)
    return f"'{text}'" if len(text) <= LONGEST_SHOWN_VALUE else f"'{text[: LONGEST_SHOWN_VALUE - 1]}…'"


def _plain(value: Any) -> str:
    code = getattr(value, "code", None) or getattr(value, "key", None)
    return "" if value is None else " ".join(str(code or value).split())
