"""Turns published figures into what pages and files show: rows for tables, bars for charts, lines for CSV.

All of it is made from `QuarterTables`, never from counts. Every hidden figure is shown by the same word, whatever the
reason, because the reason would say something of the number.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from cohab_report.catalogue.captions import KIND_CAPTIONS
from cohab_report.catalogue.models import Kind
from cohab_report.db import Words
from cohab_report.insight.intervals import Interval
from cohab_report.insight.pages import captions
from cohab_report.insight.publishing.quarter_tables import (
    OTHER,
    POSITIVE,
    Figure,
    Share,
    SuppressedRow,
    SuppressedTable,
)
from cohab_report.insight.quarters import Quarter
from cohab_report.plan.captions import ACTION_STATUS_CAPTIONS
from cohab_report.plan.models import Field
from cohab_report.web.filters import month, number, percent
from cohab_report.web.languages import words

TableValue = str | int | float | dict[str, Any] | None
"""What `data_table` shows in one place of a row."""


@dataclass(frozen=True)
class RowLabels:
    """The words of the rows that come from the city profile."""

    sectors: Mapping[str, Words]
    categories: Mapping[str, Words]
    actions: Mapping[str, Words]
    fields: Mapping[str, Words]

    def of(self, table: str, code: str) -> str:
        """Returns the words of a table's row, or its code when the present profile no longer knows it."""
        if table == "mois":
            return month(date.fromisoformat(code))
        if table == "actions":
            return f"{code} {words(self.actions[code])}" if code in self.actions else code
        labels_by_table: Mapping[str, Mapping[str, Any]] = {
            "secteurs": self.sectors,
            "categories": self.categories,
            "suites": captions.OUTCOME_CAPTIONS,
            "inquietudes": captions.OUTCOME_CAPTIONS,
            "plan": captions.PLAN_MEMBERSHIP_CAPTIONS,
            "champs": self.fields,
        }
        label = labels_by_table[table].get(code, code)
        return words(label) if isinstance(label, Words) else str(label)


def quarter_words(quarter: Quarter) -> str:
    """Returns the months of the quarter in words (« juillet à septembre 2026 »)."""
    return str(captions.QUARTER_CAPTIONS[quarter.number - 1] % {"year": quarter.year})


def column_words(code: str) -> str:
    """Returns a kind's word, or the word for one of the two parts of an action's observations."""
    if code == OTHER:
        return str(_("À améliorer"))
    return str(_("Positives") if code == POSITIVE else KIND_CAPTIONS[Kind(code)])


def figure_value(figure: Figure | None) -> TableValue:
    """Returns the count, the word for a hidden one, or None for a pair that can't be."""
    if figure is None:
        return None
    return str(captions.HIDDEN_CAPTION) if figure.value is None else figure.value


def interval_words(interval: Interval | None) -> str:
    """Returns « entre 12 et 31 », outward to whole numbers; a dash for a hidden count."""
    if interval is None:
        return "–"
    low, high = interval.outward()
    return str(_("entre %(low)s et %(high)s", low=number(low), high=number(high)))


def share_words(share: Share | None) -> str:
    """Returns « 31 % (entre 25 % et 38 %) », the ends outward to whole percents; a dash for a hidden share."""
    if share is None:
        return "–"
    value, interval = share
    low, high = interval.outward_to(decimals=2)
    return str(_("%(share)s (entre %(low)s et %(high)s)", share=percent(value), low=percent(low), high=percent(high)))


def table_columns(table: SuppressedTable, first: str) -> list[Any]:
    """Returns the column heads of a table for `data_table`."""
    heads = [{"text": column_words(column), "number": True} for column in table.columns]
    return [first, *heads, {"text": _("Total"), "number": True}, _("Intervalle à 95 %")]


def table_rows(table: SuppressedTable, labels: RowLabels) -> list[list[TableValue]]:
    """Returns the rows of a table for `data_table`, the totals last.

    Actions without observations are left to `silent_actions`.
    """
    rows = [row for row in table.rows if table.code != "actions" or row.total.value != 0]
    lines = [[_row_head(table, labels, row), *_row_values(row)] for row in rows]
    return [*lines, [_("Total"), *_row_values(table.totals)]]


def silent_actions(table: SuppressedTable) -> list[str]:
    """Returns the codes of the actions that no observation counts toward: the page names them in one sentence."""
    return [row.code for row in table.rows if row.total.value == 0]


def plan_rows(fields: Sequence[Field], labels: RowLabels) -> list[list[TableValue]]:
    """Counts the actions of each field by status, for `data_table`.

    A plan's actions are few and public, so nothing is hidden.
    """
    lines: list[list[TableValue]] = []
    for field in fields:
        if field.actions:
            by_status = Counter(action.status for action in field.actions)
            counts = [by_status[status] for status in ACTION_STATUS_CAPTIONS]
            lines.append([labels.of("champs", field.code), *counts, len(field.actions)])
    return lines


def field_rows(table: SuppressedTable, labels: RowLabels) -> list[list[TableValue]]:
    """Returns each field with the total of its actions, for `data_table`."""
    return [
        [labels.of("champs", code), figure_value(total), interval_words(total.interval)]
        for code, total in table.group_totals.items()
    ]


def bars(table: SuppressedTable, labels: RowLabels) -> list[dict[str, Any]]:
    """Returns the totals of a table's rows for `bar_chart`, each with its interval."""
    return [_bar(labels.of(table.code, row.code), row.total) for row in table.rows]


def field_bars(table: SuppressedTable, labels: RowLabels) -> list[dict[str, Any]]:
    """Returns the totals of the fields for `bar_chart`."""
    return [_bar(labels.of("champs", code), total) for code, total in table.group_totals.items()]


def kind_bars(table: SuppressedTable) -> list[dict[str, Any]]:
    """Returns the totals of the kinds for `bar_chart`, each in its colour."""
    return [_bar(column_words(kind), total) | {"kind": kind} for kind, total in table.column_totals.items()]


def csv_lines(quarter: Quarter, table: SuppressedTable, labels: RowLabels) -> tuple[list[str], list[dict[str, str]]]:
    """Returns a table's columns and lines as text, exactly what the page shows and nothing more."""
    columns = ["quarter", "table", "code", "label", *table.columns, "total", "low_95", "high_95"]
    labelled_rows = [(row, labels.of(table.code, row.code)) for row in table.rows]
    if table.code == "actions":
        labelled_rows += [
            (SuppressedRow(code, tuple(None for _column in table.columns), total), labels.of("champs", code))
            for code, total in table.group_totals.items()
        ]
    lines = []
    for row, label in [*labelled_rows, (table.totals, _("Total"))]:
        low, high = row.total.interval.outward() if row.total.interval else ("", "")
        figures = {column: _csv_value(figure) for column, figure in zip(table.columns, row.figures, strict=True)}
        head = {"quarter": quarter.code, "table": table.code, "code": row.code, "label": label}
        lines.append({**head, **figures, "total": _csv_value(row.total), "low_95": str(low), "high_95": str(high)})
    return columns, lines


def action_facts(table: SuppressedTable, code: str) -> tuple[TableValue, str, str]:
    """Returns how many observations count toward an action, with the interval, and the share of positive ones."""
    row = table.row(code)
    if row is None:
        return 0, "–", "–"
    return figure_value(row.total), interval_words(row.total.interval), share_words(row.positive_share)


def _row_head(table: SuppressedTable, labels: RowLabels, row: SuppressedRow) -> TableValue:
    text = labels.of(table.code, row.code)
    return {"text": text, "href": url_for("plan.action", code=row.code)} if table.code == "actions" else text


def _row_values(row: SuppressedRow) -> list[TableValue]:
    return [*map(figure_value, row.figures), figure_value(row.total), interval_words(row.total.interval)]


def _bar(label: str, figure: Figure) -> dict[str, Any]:
    if figure.value is None or figure.interval is None:
        return {"label": label, "value": None, "text": str(captions.HIDDEN_CAPTION)}
    low, high = figure.interval.outward()
    return {"label": label, "value": figure.value, "low": low, "high": high}


def _csv_value(figure: Figure | None) -> str:
    value = figure_value(figure)
    return "" if value is None else str(value)
