"""What may be read of a quarter: its tables as they were suppressed, with their intervals, ready to be kept and read back.

Numbers that are hidden are not in here, nor why they are. It computes nothing: pages and files render these and never the counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cohab_report.insight.figures import Comparison, Interval
from cohab_report.insight.quarters import Quarter

POSITIVE, OTHER = "positive", "other"
IN_PLAN, OUT_OF_PLAN = "in_plan", "out_of_plan"
HIDDEN = "x"
"""How a hidden number is written down."""
PLACES = 6
"""Decimals that are kept of shares and ratios."""
Share = tuple[float, Interval]


@dataclass(frozen=True)
class Figure:
    """A number as it may be shown, None when it is hidden; a total has the ends of its interval, outward to whole numbers."""

    value: int | None
    interval: Interval | None = None


@dataclass(frozen=True)
class Row:
    """One line of a table: its code, its cells by column (None for a pair that can't be), its total, the share of positive ones."""

    code: str
    cells: tuple[Figure | None, ...]
    total: Figure
    positive: Share | None = None


@dataclass(frozen=True)
class Published:
    """A table as it may be shown, and what it counts."""

    code: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    groups: Mapping[str, Figure]
    kinds: Mapping[str, Figure]
    """The totals of its columns."""
    totals: Row

    def row(self, code: str) -> Row | None:
        """The line of this code, or None."""
        return next((row for row in self.rows if row.code == code), None)


@dataclass(frozen=True)
class Edition:
    """All that a reader sees of one quarter: its tables side by side, and what findings are made of."""

    quarter: Quarter
    months: Published
    sectors: Published
    actions: Published
    categories: Published | None = None
    outcomes: Published | None = None
    reach: Published | None = None
    concerns: Published | None = None
    cases: int | None = None
    """In how many cases the observations are; None when too few, and outside."""
    transfers: int | None = None
    """How many cases a person handed to the police; None outside."""
    out_of_plan: Share | None = None
    comparison: Comparison | None = None
    """Beside the quarter before."""

    @property
    def total(self) -> Figure:
        """All observations of the quarter, concerns for a person apart."""
        return self.months.totals.total

    @property
    def tables(self) -> dict[str, Published]:
        """Its tables by code, as their addresses name them."""
        known = (self.months, self.sectors, self.categories, self.outcomes, self.reach, self.concerns, self.actions)
        return {table.code: table for table in known if table is not None}


def written(edition: Edition) -> dict[str, Any]:
    """The edition as it is kept in the database; its quarter is kept beside."""
    found = edition.comparison
    return {
        "tables": [_table(table) for table in edition.tables.values()],
        "cases": edition.cases,
        "transfers": edition.transfers,
        "out_of_plan": _share(edition.out_of_plan),
        "comparison": [round(number, PLACES) for number in (found.ratio, found.interval.low, found.interval.high)]
        if found
        else None,
    }


def read(quarter: Quarter, content: Mapping[str, Any]) -> Edition:
    """The edition of what `written` made of it."""
    tables = {table["code"]: _read_table(table) for table in content["tables"]}
    ratio = content["comparison"]
    return Edition(
        quarter, tables["mois"], tables["secteurs"], tables["actions"], tables.get("categories"), tables.get("suites"), tables.get("plan"),
        tables.get("inquietudes"), content["cases"], content["transfers"], _read_share(content["out_of_plan"]),
        Comparison(ratio[0], Interval(*ratio[1:])) if ratio else None,
    )  # fmt: skip


def _table(table: Published) -> dict[str, Any]:
    return {
        "code": table.code,
        "columns": list(table.columns),
        "rows": [_line(row) for row in table.rows],
        "groups": {code: _figure(found) for code, found in table.groups.items()},
        "kinds": [_figure(table.kinds[column]) for column in table.columns],
        "totals": _line(table.totals),
    }


def _read_table(kept: Mapping[str, Any]) -> Published:
    kinds = [_read_figure(found) for found in kept["kinds"]]
    groups = {code: _read_figure(found) for code, found in kept["groups"].items()}
    rows = tuple(_read_line(row) for row in kept["rows"])
    return Published(
        kept["code"],
        tuple(kept["columns"]),
        rows,
        groups,
        dict(zip(kept["columns"], kinds, strict=True)),
        _read_line(kept["totals"]),
    )


def _line(row: Row) -> list[Any]:
    return [
        row.code,
        [None if cell is None else _figure(cell) for cell in row.cells],
        _figure(row.total),
        _share(row.positive),
    ]


def _read_line(kept: list[Any]) -> Row:
    code, cells, total, positive = kept
    return Row(
        code,
        tuple(None if cell is None else _read_figure(cell) for cell in cells),
        _read_figure(total),
        _read_share(positive),
    )


def _figure(found: Figure) -> int | str | list[int]:
    if found.value is None:
        return HIDDEN
    return [found.value, *found.interval.outward()] if found.interval else found.value


def _read_figure(kept: int | str | list[int]) -> Figure:
    if isinstance(kept, list):
        return Figure(kept[0], Interval(kept[1], kept[2]))
    return Figure(None if kept == HIDDEN else int(kept))


def _share(found: Share | None) -> list[float] | None:
    return [round(number, PLACES) for number in (found[0], found[1].low, found[1].high)] if found else None


def _read_share(kept: list[float] | None) -> Share | None:
    return (kept[0], Interval(kept[1], kept[2])) if kept else None
