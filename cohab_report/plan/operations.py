"""Changing the plan: its actions leave as one CSV sheet and come back from it.

What comes back is checked whole before anything is written, and each action that changes is told to the journal. Fields, partners and
sources are named by their codes, and must be there already: they come from the city profile.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cohab_report import journal, sheets
from cohab_report.db import db
from cohab_report.plan import queries
from cohab_report.plan import sheet as plan_sheet
from cohab_report.plan.models import Action
from cohab_report.sheets import Mistake, Refused, Row, Sheet, unknown

FILE = "actions.csv"


@dataclass(frozen=True)
class ImportReport:
    """How many actions an import added and changed."""

    created: int
    changed: int

    def __str__(self) -> str:
        return f"actions: {self.created} new, {self.changed} changed"


def export_actions() -> str:
    """Every action that is not retired as CSV text, in the plan's order, that `import_actions` takes back without a change."""
    return sheets.write([column.name for column in plan_sheet.ACTIONS], map(_line, queries.actions_in_order()))


def import_actions(text: str, by: journal.Actor, at: datetime, *, file: str = FILE) -> ImportReport:
    """The actions named in this CSV text are as it says, status included; actions it does not name stay as they are.

    Raises `sheets.Refused` with every mistake, before anything is written.
    """
    sheet = sheets.read(file, text, plan_sheet.ACTIONS)
    known: dict[str, Mapping[str, Any]] = {
        "fields": queries.every_field(),
        "partners": queries.every_partner(),
        "sources": queries.every_source(),
    }
    if mistakes := [*sheet.mistakes, *plan_sheet.mistakes_of(sheet), *_unknown(sheet, known)]:
        raise Refused(mistakes)
    actions, made = queries.every_action(), Counter[str]()
    with db.session.no_autoflush:
        for row in sheet.rows:
            if told := _lay(actions.get(row["code"]), _wanted(row, known)):
                made[told] += 1
                journal.record(f"action.{told}", thread=row["code"], by=by, at=at, facts={"line": row.line})
    db.session.flush()
    return ImportReport(made["created"], made["changed"])


def _lay(action: Action | None, wanted: Mapping[str, Any]) -> str:
    """What had to be done for the action to be as wanted: `created`, `changed` or nothing."""
    if action is None:
        db.session.add(Action(**wanted))
        return "created"
    differing = {name: value for name, value in wanted.items() if getattr(action, name) != value}
    for name, value in differing.items():
        setattr(action, name, value)
    return "changed" if differing else ""


def _wanted(row: Row, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the line says, as an action's attributes; those it supports and names come in the order in which the database gives them."""
    return {name: row[name] for name in plan_sheet.COPIED} | {
        "field": known["fields"][row["field"]],
        "lead": known["partners"][row["lead"]],
        "support": [partner for code, partner in known["partners"].items() if code in row["support"]],
        "sources": [source for key, source in known["sources"].items() if key in row["sources"]],
        "is_retired": False,
    }


def _unknown(sheet: Sheet, known: Mapping[str, Mapping[str, Any]]) -> list[Mistake]:
    """Codes of fields, partners and sources that this city does not have."""
    found = []
    for column in plan_sheet.ACTIONS:
        for table in column.refers:
            for row in sheet.rows:
                codes = row[column.name] if isinstance(row[column.name], tuple) else (row[column.name],)
                found += [
                    sheet.at(row, column.name, unknown(code, known[table], table))
                    for code in codes
                    if code not in known[table]
                ]
    return found


def _line(action: Action) -> dict[str, str]:
    named = {
        "field": action.field.code,
        "lead": action.lead.code,
        "support": ";".join(partner.code for partner in action.support),
        "sources": ";".join(source.key for source in action.sources),
    }
    return named | {name: _as_text(getattr(action, name)) for name in plan_sheet.COPIED}


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)
