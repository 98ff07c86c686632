"""Export and import of the plan's actions as one CSV file.

An import is checked completely before anything is written, and each changed action is recorded in the journal. Fields,
partners and sources are named by their codes and must exist: they come from the city profile.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cohab_report import csv_tables, journal
from cohab_report.csv_tables import CsvRow, CsvTable, Mistake, TableRefused, unknown_code_sentence
from cohab_report.db import db
from cohab_report.plan import csv_columns, queries, rules
from cohab_report.plan.events import ActionChanged, ActionCreated, ActionImported
from cohab_report.plan.models import Action

ACTIONS_FILE = "actions.csv"


@dataclass(frozen=True)
class PlanImportReport:
    """The result of an import: how many actions it added and changed."""

    created: int
    changed: int

    def __str__(self) -> str:
        return f"actions: {self.created} new, {self.changed} changed"


def export_actions() -> str:
    """Returns the actions that are not retired as CSV text, in the plan's order; `import_actions` reads it back
    unchanged.
    """
    columns = [column.name for column in csv_columns.ACTION_COLUMNS]
    return csv_tables.write_table(columns, map(_action_csv_values, queries.actions_in_order()))


def import_actions(text: str, by: journal.Actor, at: datetime, *, file: str = ACTIONS_FILE) -> PlanImportReport:
    """Adds and updates the actions named in this CSV text, status included; other actions stay as they are.

    Raises `TableRefused` with every mistake, before anything is written.
    """
    table = csv_tables.read_table(file, text, csv_columns.ACTION_COLUMNS)
    referenced: dict[str, Mapping[str, Any]] = {
        "fields": queries.fields_by_code(),
        "partners": queries.partners_by_code(),
        "sources": queries.sources_by_key(),
    }
    actions, counts = queries.actions_by_code(), Counter[type[ActionImported]]()
    broken_rules = [*rules.action_mistakes(table), *rules.recased_codes(table, actions)]
    if mistakes := [*table.mistakes, *broken_rules, *_unknown_codes(table, referenced)]:
        raise TableRefused(mistakes)
    with db.session.no_autoflush:
        for row in table.rows:
            if event := _upsert_action(actions.get(row["code"]), _action_attributes(row, referenced)):
                counts[event] += 1
                journal.record(event(thread=row["code"], line=row.line), by=by, at=at)
    db.session.flush()
    return PlanImportReport(counts[ActionCreated], counts[ActionChanged])


def _upsert_action(action: Action | None, attributes: Mapping[str, Any]) -> type[ActionImported] | None:
    """Adds or updates the action; returns the class of the event that tells of it, or None if nothing differed."""
    if action is None:
        db.session.add(Action(**attributes))
        return ActionCreated
    differing = {name: value for name, value in attributes.items() if getattr(action, name) != value}
    for name, value in differing.items():
        setattr(action, name, value)
    return ActionChanged if differing else None


def _action_attributes(row: CsvRow, referenced: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Returns an action's attributes from its row; support and sources in the order of the database's relationships."""
    return {name: row[name] for name in csv_columns.SAME_NAME_COLUMNS} | {
        "field": referenced["fields"][row["field"]],
        "lead": referenced["partners"][row["lead"]],
        "support": [partner for code, partner in referenced["partners"].items() if code in row["support"]],
        "sources": [source for key, source in referenced["sources"].items() if key in row["sources"]],
        "is_retired": False,
    }


def _unknown_codes(table: CsvTable, referenced: Mapping[str, Mapping[str, Any]]) -> list[Mistake]:
    """Returns a mistake for each code of a field, partner or source that this city does not have."""
    mistakes = []
    for column in csv_columns.ACTION_COLUMNS:
        for target in column.refers:
            for row in table.rows:
                codes = row[column.name] if isinstance(row[column.name], tuple) else (row[column.name],)
                mistakes += [
                    table.mistake_at(row, column.name, unknown_code_sentence(code, referenced[target], target))
                    for code in codes
                    if code not in referenced[target]
                ]
    return mistakes


def _action_csv_values(action: Action) -> dict[str, str]:
    codes = {
        "field": action.field.code,
        "lead": action.lead.code,
        "support": ";".join(partner.code for partner in action.support),
        "sources": ";".join(source.key for source in action.sources),
    }
    return codes | {name: _csv_text(getattr(action, name)) for name in csv_columns.SAME_NAME_COLUMNS}


def _csv_text(value: Any) -> str:
    return "" if value is None else str(value)
