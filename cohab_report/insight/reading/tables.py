"""How figures are shown: lines for tables, bars for charts, text for CSV, and findings as sentences with their uncertainty.

All of it is made from an edition, never from counts. Every hidden cell is shown by the same sign, whatever the reason, because the
reason would tell something of the number.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from cohab_report.catalogue.models import Kind
from cohab_report.db import Words
from cohab_report.insight.figures import Interval
from cohab_report.insight.publishing.editions import OTHER, POSITIVE, Edition, Figure, Published, Row, Share
from cohab_report.insight.quarters import Quarter
from cohab_report.insight.reading import captions
from cohab_report.plan.models import Field
from cohab_report.triage import captions as triage
from cohab_report.web.filters import month, number, percent
from cohab_report.web.languages import words

Shown = str | int | float | dict[str, Any] | None


@dataclass(frozen=True)
class Labels:
    """The words of the rows that come from the city profile."""

    sectors: Mapping[str, Words]
    categories: Mapping[str, Words]
    actions: Mapping[str, Words]
    fields: Mapping[str, Words]

    def of(self, table: str, code: str) -> str:
        """The words of a row."""
        if table == "mois":
            return month(date.fromisoformat(code))
        if table == "actions":
            return f"{code} {words(self.actions[code])}" if code in self.actions else code
        known: Mapping[str, Mapping[str, Any]] = {
            "secteurs": self.sectors,
            "categories": self.categories,
            "suites": captions.OUTCOMES,
            "inquietudes": captions.OUTCOMES,
            "plan": captions.REACH,
            "champs": self.fields,
        }
        found = known[table].get(code, code)  # what was published stays, also when the profile no longer knows its name
        return words(found) if isinstance(found, Words) else str(found)


def quarter_words(quarter: Quarter) -> str:
    """The months of the quarter in words (« juillet à septembre 2026 »)."""
    return str(captions.QUARTERS[quarter.number - 1] % {"year": quarter.year})


def column_words(code: str) -> str:
    """A kind's word, or the two parts of an action's observations."""
    if code == OTHER:
        return str(_("À améliorer"))
    return str(_("Positives") if code == POSITIVE else triage.KINDS[Kind(code)])


def shown(cell: Figure | None) -> Shown:
    """The count, the sign of a hidden one, or nothing for a pair that can't be."""
    if cell is None:
        return None
    return str(captions.HIDDEN) if cell.value is None else cell.value


def interval_words(interval: Interval | None) -> str:
    """« entre 12 et 31 », outward to whole numbers; nothing of a hidden count."""
    if interval is None:
        return "–"
    low, high = interval.outward()
    return str(_("entre %(low)s et %(high)s", low=number(low), high=number(high)))


def share_words(found: Share | None) -> str:
    """« 31 % (entre 25 % et 38 %) », the ends outward to whole percents, or a dash when it can't be told."""
    if found is None:
        return "–"
    value, interval = found
    low, high = interval.outward_to(decimals=2)
    return str(_("%(share)s (entre %(low)s et %(high)s)", share=percent(value), low=percent(low), high=percent(high)))


def table_columns(published: Published, first: str) -> list[Any]:
    """The heads of a table for `data_table`."""
    heads = [{"text": column_words(column), "number": True} for column in published.columns]
    return [first, *heads, {"text": _("Total"), "number": True}, _("Intervalle à 95 %")]


def table_rows(published: Published, labels: Labels) -> list[list[Shown]]:
    """The lines of a table for `data_table`, the line of totals last. Actions that nothing counts toward are named by `silent_actions`."""
    told = [row for row in published.rows if published.code != "actions" or row.total.value != 0]
    lines = [[_head(published, labels, row), *_figures(row)] for row in told]
    return [*lines, [_("Total"), *_figures(published.totals)]]


def silent_actions(published: Published) -> list[str]:
    """The codes of the actions that no observation counts toward: their zeros are shown in one sentence."""
    return [row.code for row in published.rows if row.total.value == 0]


def plan_rows(fields: Sequence[Field], labels: Labels) -> list[list[Shown]]:
    """How many actions of each field stand how, for `data_table`; a plan's actions are few and public, so nothing is hidden."""
    lines: list[list[Shown]] = []
    for field in fields:
        if field.actions:
            standing = Counter(action.status for action in field.actions)
            lines.append(
                [
                    labels.of("champs", field.code),
                    *(standing[status] for status in captions.STATUSES),
                    len(field.actions),
                ]
            )
    return lines


def field_rows(published: Published, labels: Labels) -> list[list[Shown]]:
    """Each field with the total of its actions, for `data_table`."""
    return [
        [labels.of("champs", code), shown(total), interval_words(total.interval)]
        for code, total in published.groups.items()
    ]


def bars(published: Published, labels: Labels) -> list[dict[str, Any]]:
    """The totals of a table's rows for `bar_chart`, each with its interval."""
    return [_bar(labels.of(published.code, row.code), row.total) for row in published.rows]


def field_bars(published: Published, labels: Labels) -> list[dict[str, Any]]:
    """The totals of the fields for `bar_chart`."""
    return [_bar(labels.of("champs", code), total) for code, total in published.groups.items()]


def kind_bars(published: Published) -> list[dict[str, Any]]:
    """The totals of the kinds for `bar_chart`, each in its colour."""
    return [_bar(column_words(kind), total) | {"kind": kind} for kind, total in published.kinds.items()]


def csv_lines(edition: Edition, published: Published, labels: Labels) -> tuple[list[str], list[dict[str, str]]]:
    """A table's columns and lines as text, exactly what the page shows and nothing more."""
    columns = ["quarter", "table", "code", "label", *published.columns, "total", "low_95", "high_95"]
    named = [(row, labels.of(published.code, row.code)) for row in published.rows]
    if published.code == "actions":
        named += [
            (Row(code, tuple(None for _column in published.columns), total), labels.of("champs", code))
            for code, total in published.groups.items()
        ]
    lines = []
    for row, label in [*named, (published.totals, _("Total"))]:
        ends = row.total.interval.outward() if row.total.interval else ("", "")
        cells = {column: _plain(cell) for column, cell in zip(published.columns, row.cells, strict=True)}
        fixed = {"quarter": edition.quarter.code, "table": published.code, "code": row.code, "label": label}
        lines.append({**fixed, **cells, "total": _plain(row.total), "low_95": str(ends[0]), "high_95": str(ends[1])})
    return columns, lines


def action_facts(published: Published, code: str) -> tuple[Shown, str, str]:
    """What residents observed of one action: the count, its interval, the share of positive ones; each as far as it may be told."""
    row = published.row(code)
    if row is None:
        return 0, "–", "–"
    return shown(row.total), interval_words(row.total.interval), share_words(row.positive)


def _head(published: Published, labels: Labels, row: Row) -> Shown:
    text = labels.of(published.code, row.code)
    return {"text": text, "href": url_for("committee.action", code=row.code)} if published.code == "actions" else text


def _figures(row: Row) -> list[Shown]:
    return [*map(shown, row.cells), shown(row.total), interval_words(row.total.interval)]


def _bar(label: str, cell: Figure) -> dict[str, Any]:
    if cell.value is None or cell.interval is None:
        return {"label": label, "value": None, "text": str(captions.HIDDEN)}
    low, high = cell.interval.outward()
    return {"label": label, "value": cell.value, "low": low, "high": high}


def _plain(cell: Figure | None) -> str:
    found = shown(cell)
    return "" if found is None else str(found)
