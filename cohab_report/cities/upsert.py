"""Upsert of a profile's rows into a database table by stable code: adds, changes and retires rows, never deletes one.

It neither flushes nor commits.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from sqlalchemy import select

from cohab_report.cities.row_changes import ChangeKind, RowChange
from cohab_report.cities.rows import Attributes
from cohab_report.csv_tables import CsvTable
from cohab_report.db import db


@dataclass
class TableReport:
    """Which rows of one table an upsert added, changed and retired, and which it left alone."""

    changes: list[RowChange] = field(default_factory=list)
    left_alone: dict[str, str] = field(default_factory=dict)
    """The reason by code, for the rows that people own and the profile would have changed or retired."""

    @property
    def created(self) -> int:
        """Returns how many rows are new."""
        return self._count(ChangeKind.NEW)

    @property
    def changed(self) -> int:
        """Returns how many rows read otherwise, or serve again."""
        return self._count(ChangeKind.CHANGED)

    @property
    def retired(self) -> int:
        """Returns how many rows left the profile."""
        return self._count(ChangeKind.RETIRED)

    def _count(self, kind: ChangeKind) -> int:
        return sum(change.kind is kind for change in self.changes)

    def __bool__(self) -> bool:
        return bool(self.changes)

    def __str__(self) -> str:
        return f"{self.created} new, {self.changed} changed, {self.retired} retired"


def attributes_by_code(
    table: CsvTable,
    attributes: Callable[..., Attributes],
    *references: Mapping[Any, Any],
    key: Sequence[str] = ("code",),
) -> dict[Any, Attributes]:
    """Returns the model attributes of each row of a table, by its key; `references` are rows of other tables, by
    code.
    """
    return {
        _unwrapped(tuple(row[name] for name in key)): attributes(row, *references) | {key[-1]: row[key[-1]]}
        for row in table.rows
    }


def upsert(
    model: type[Any],
    profile_rows: Mapping[Any, Attributes],
    reports: dict[str, TableReport],
    *,
    key: Sequence[str] = ("code",),
    insert_only: Collection[str] = (),
    why_left_alone: Callable[[Any, bool], str] = lambda _row, _is_in_profile: "",
) -> dict[Any, Any]:
    """Adds and changes the model's rows as the profile says, retires the others, and returns all rows by key.

    Adds its counts to `reports` under the table's name. Attributes in `insert_only` are set on new rows only. A row for
    which `why_left_alone(row, whether the profile has its code)` gives a reason stays as it is.
    """
    report = reports.setdefault(model.__tablename__, TableReport())
    key_of = attrgetter(*key)
    rows = {key_of(row): row for row in db.session.scalars(select(model))}
    for code in rows.keys() - profile_rows.keys():
        if reason := why_left_alone(rows[code], False):
            _report_left_alone(rows[code], {"is_retired": True}, reason, report)
        else:
            _retire_row(rows[code], _code_text(code), report)
    for code, attributes in profile_rows.items():
        if code in rows and (reason := why_left_alone(rows[code], True)):
            _report_left_alone(rows[code], attributes | {"is_retired": False}, reason, report)
            continue
        if code not in rows:
            rows[code] = model(**{name: _ordered(value) for name, value in attributes.items()})
            db.session.add(rows[code])
            report.changes.append(RowChange(_code_text(code), ChangeKind.NEW))
        else:
            kept_up = {name: value for name, value in attributes.items() if name not in insert_only}
            _update_row(rows[code], _code_text(code), kept_up, report)
    return rows


def _code_text(code: Any) -> str:
    return " ".join(code) if isinstance(code, tuple) else str(code)


def _unwrapped(code: tuple[Any, ...]) -> Any:
    return code[0] if len(code) == 1 else code


def _ordered(value: Any) -> Any:
    return (
        sorted(value, key=lambda row: getattr(row, "code", None) or row.key) if isinstance(value, frozenset) else value
    )


def _retire_row(row: Any, code: str, report: TableReport) -> None:
    if hasattr(row, "is_retired") and not row.is_retired:
        row.is_retired = True
        report.changes.append(RowChange(code, ChangeKind.RETIRED))


def _report_left_alone(row: Any, attributes: Attributes, reason: str, report: TableReport) -> None:
    """Names the row in the report if the profile would have changed or retired it."""
    if any(_current_value(row, name, value) != value for name, value in attributes.items()):
        report.left_alone[row.code] = reason


def _update_row(row: Any, code: str, attributes: Attributes, report: TableReport) -> None:
    """Sets the attributes that differ and reports them; a retired row that is back in the file is unretired."""
    new_values = attributes | ({"is_retired": False} if hasattr(row, "is_retired") else {})
    current_values = {name: _current_value(row, name, value) for name, value in new_values.items()}
    differing = {name: value for name, value in new_values.items() if current_values[name] != value}
    if differing:
        values = {name: (current_values[name], value) for name, value in differing.items()}
        report.changes.append(RowChange(code, ChangeKind.CHANGED, values))
    for name, value in differing.items():
        setattr(row, name, _ordered(value))


def _current_value(row: Any, name: str, new_value: Any) -> Any:
    current = getattr(row, name)
    return frozenset(current) if isinstance(new_value, frozenset) else current
