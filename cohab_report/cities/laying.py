"""Laying lines over rows: what is new is added, what differs is changed, what vanished is retired, what is the same is left alone.

It knows tables only by their stable code and deletes nothing. It neither flushes nor commits.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import select

from cohab_report.cities.rows import Attributes
from cohab_report.db import db
from cohab_report.sheets import Sheet


@dataclass
class Tally:
    """What laying did to one table."""

    created: int = 0
    changed: int = 0
    retired: int = 0

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.retired)

    def __str__(self) -> str:
        return f"{self.created} new, {self.changed} changed, {self.retired} retired"


def each(
    sheet: Sheet, attributes: Callable[..., Attributes], *known: Mapping[Any, Any], key: Sequence[str] = ("code",)
) -> dict[Any, Attributes]:
    """What each line of the sheet says, by its stable code."""
    return {
        _only(tuple(row[name] for name in key)): attributes(row, *known) | {key[-1]: row[key[-1]]} for row in sheet.rows
    }


def lay(
    model: type[Any], lines: Mapping[Any, Attributes], done: dict[str, Tally], *,
    key: Sequence[str] = ("code",), at_birth: Collection[str] = (),
) -> dict[Any, Any]:  # fmt: skip
    """The table holds these lines, and the rows come back by code; attributes named in `at_birth` are only given to new rows."""
    tally = done.setdefault(model.__tablename__, Tally())
    code_of = attrgetter(*key)
    rows = {code_of(row): row for row in db.session.scalars(select(model))}
    for code in rows.keys() - lines.keys():
        _retire(rows[code], tally)
    for code, attributes in lines.items():
        if code not in rows:
            rows[code] = model(**{name: _given(value) for name, value in attributes.items()})
            db.session.add(rows[code])
            tally.created += 1
        elif _change(rows[code], {name: value for name, value in attributes.items() if name not in at_birth}):
            tally.changed += 1
    return rows


def _only(code: tuple[Any, ...]) -> Any:
    return code[0] if len(code) == 1 else code


def _given(value: Any) -> Any:
    return (
        sorted(value, key=lambda row: getattr(row, "code", None) or row.key) if isinstance(value, frozenset) else value
    )


def _retire(row: Any, tally: Tally) -> None:
    if hasattr(row, "is_retired") and not row.is_retired:
        row.is_retired = True
        tally.retired += 1


def _change(row: Any, attributes: Attributes) -> bool:
    """Whether the row had to change to say what the line says; a retired row that is back in the file serves again."""
    wanted = attributes | ({"is_retired": False} if hasattr(row, "is_retired") else {})
    differing = {name: value for name, value in wanted.items() if _now(row, name, value) != value}
    for name, value in differing.items():
        setattr(row, name, _given(value))
    return bool(differing)


def _now(row: Any, name: str, wanted: Any) -> Any:
    current = getattr(row, name)
    return frozenset(current) if isinstance(wanted, frozenset) else current
