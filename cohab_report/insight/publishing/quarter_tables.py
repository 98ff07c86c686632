"""The tables that may be read of a quarter, suppressed and with their intervals, and how they are stored as JSON.

Numbers that are hidden are not in here, nor why they are. It computes nothing: pages and files render these and never
the counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cohab_report.insight.intervals import Comparison, Interval
from cohab_report.insight.quarters import Quarter

POSITIVE, OTHER = "positive", "other"
IN_PLAN, OUT_OF_PLAN = "in_plan", "out_of_plan"
HIDDEN_MARK = "x"
"""What JSON holds in place of a hidden number."""
DECIMALS = 6
"""How many decimals of shares and ratios are stored."""
Share = tuple[float, Interval]
"""A share from 0 to 1 with its interval."""


@dataclass(frozen=True)
class Figure:
    """A number as it may be shown, None when it is hidden.

    A total has the ends of its interval, outward to whole numbers.
    """

    value: int | None
    interval: Interval | None = None


@dataclass(frozen=True)
class SuppressedRow:
    """One row of a suppressed table. `figures` has one for each column, None for a pair that can't be."""

    code: str
    figures: tuple[Figure | None, ...]
    total: Figure
    positive_share: Share | None = None


@dataclass(frozen=True)
class SuppressedTable:
    """A table as it may be shown, with its totals by row, by column and by group of rows."""

    code: str
    columns: tuple[str, ...]
    rows: tuple[SuppressedRow, ...]
    group_totals: Mapping[str, Figure]
    column_totals: Mapping[str, Figure]
    totals: SuppressedRow

    def row(self, code: str) -> SuppressedRow | None:
        """Returns the row of this code, or None."""
        return next((row for row in self.rows if row.code == code), None)


@dataclass(frozen=True)
class QuarterTables:
    """Everything that one audience may read of one quarter: its tables, and what the sentences about it are made of."""

    quarter: Quarter
    months: SuppressedTable
    sectors: SuppressedTable
    actions: SuppressedTable
    categories: SuppressedTable | None = None
    outcomes: SuppressedTable | None = None
    plan_membership: SuppressedTable | None = None
    """In the plan, or out of it."""
    concerns: SuppressedTable | None = None
    cases: int | None = None
    """In how many cases the observations are; None when too few, and for the public."""
    transfers: int | None = None
    """How many cases a person handed to the police; None for the public."""
    out_of_plan: Share | None = None
    comparison: Comparison | None = None
    """With the quarter before."""

    @property
    def total(self) -> Figure:
        """All observations of the quarter but concerns for a person."""
        return self.months.totals.total

    @property
    def tables(self) -> dict[str, SuppressedTable]:
        """Its tables by code, as their addresses name them."""
        tables = (
            self.months,
            self.sectors,
            self.categories,
            self.outcomes,
            self.plan_membership,
            self.concerns,
            self.actions,
        )
        return {table.code: table for table in tables if table is not None}


def to_json(tables: QuarterTables) -> dict[str, Any]:
    """Returns the tables as `Publication.content` stores them; the quarter is a column beside it."""
    comparison = tables.comparison
    return {
        "tables": [_table_to_json(table) for table in tables.tables.values()],
        "cases": tables.cases,
        "transfers": tables.transfers,
        "out_of_plan": _share_to_json(tables.out_of_plan),
        "comparison": _rounded(comparison.ratio, comparison.interval) if comparison else None,
    }


def from_json(quarter: Quarter, content: Mapping[str, Any]) -> QuarterTables:
    """Returns the tables that `to_json` stored."""
    tables = {table["code"]: _table_from_json(table) for table in content["tables"]}
    ratio = content["comparison"]
    return QuarterTables(
        quarter,
        months=tables["mois"],
        sectors=tables["secteurs"],
        actions=tables["actions"],
        categories=tables.get("categories"),
        outcomes=tables.get("suites"),
        plan_membership=tables.get("plan"),
        concerns=tables.get("inquietudes"),
        cases=content["cases"],
        transfers=content["transfers"],
        out_of_plan=_share_from_json(content["out_of_plan"]),
        comparison=Comparison(ratio[0], Interval(*ratio[1:])) if ratio else None,
    )


def _table_to_json(table: SuppressedTable) -> dict[str, Any]:
    return {
        "code": table.code,
        "columns": list(table.columns),
        "rows": [_row_to_json(row) for row in table.rows],
        "groups": {code: _figure_to_json(total) for code, total in table.group_totals.items()},
        "kinds": [_figure_to_json(table.column_totals[column]) for column in table.columns],
        "totals": _row_to_json(table.totals),
    }


def _table_from_json(content: Mapping[str, Any]) -> SuppressedTable:
    column_totals = [_figure_from_json(total) for total in content["kinds"]]
    return SuppressedTable(
        content["code"],
        tuple(content["columns"]),
        tuple(_row_from_json(row) for row in content["rows"]),
        {code: _figure_from_json(total) for code, total in content["groups"].items()},
        dict(zip(content["columns"], column_totals, strict=True)),
        _row_from_json(content["totals"]),
    )


def _row_to_json(row: SuppressedRow) -> list[Any]:
    return [
        row.code,
        [None if figure is None else _figure_to_json(figure) for figure in row.figures],
        _figure_to_json(row.total),
        _share_to_json(row.positive_share),
    ]


def _row_from_json(content: list[Any]) -> SuppressedRow:
    code, figures, total, positive_share = content
    return SuppressedRow(
        code,
        tuple(None if figure is None else _figure_from_json(figure) for figure in figures),
        _figure_from_json(total),
        _share_from_json(positive_share),
    )


def _figure_to_json(figure: Figure) -> int | str | list[int]:
    if figure.value is None:
        return HIDDEN_MARK
    return [figure.value, *figure.interval.outward()] if figure.interval else figure.value


def _figure_from_json(content: int | str | list[int]) -> Figure:
    if isinstance(content, list):
        return Figure(content[0], Interval(content[1], content[2]))
    return Figure(None if content == HIDDEN_MARK else int(content))


def _share_to_json(share: Share | None) -> list[float] | None:
    return _rounded(*share) if share else None


def _share_from_json(content: list[float] | None) -> Share | None:
    return (content[0], Interval(content[1], content[2])) if content else None


def _rounded(value: float, interval: Interval) -> list[float]:
    return [round(number, DECIMALS) for number in (value, interval.low, interval.high)]
