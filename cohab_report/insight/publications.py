"""What is published of a quarter: fixed tables, suppressed together, the same for every reader of the same page.

Counts in, tables out; no database and no words. Committee and public pages, their charts and their CSV files render these and never the
counts. The public one leaves out concerns for a person altogether, suppresses below 10 instead of 5, and is rounded to 5.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from cohab_report.catalogue.models import Kind
from cohab_report.insight.figures import SMALLEST_BASE, Interval, poisson_interval, share_interval
from cohab_report.insight.quarters import Quarter
from cohab_report.insight.queries import Counted, CountedLink
from cohab_report.insight.suppression import INSIDE, PUBLIC, Cell, SafeTable, Table, rounded, suppress, suppress_together

ALL_KINDS = tuple(Kind)
PUBLIC_KINDS = (Kind.CLEANLINESS, Kind.SAFETY, Kind.POSITIVE)
POSITIVE, OTHER = "positive", "other"
IN_PLAN, OUT_OF_PLAN = "in_plan", "out_of_plan"


@dataclass(frozen=True)
class Names:
    """The codes of rows in their order, whatever was counted, and the codes of the numbers that the cube holds."""

    sectors: tuple[str, ...]
    sector_codes: Mapping[int, str]
    kind_of: Mapping[str, Kind]
    """The kind of each category."""
    category_codes: Mapping[int, str]
    outcomes: tuple[str, ...]
    field_of: Mapping[str, str]
    """The field of each action."""
    action_codes: Mapping[int, str]

    def kind_counted(self, cell: Counted) -> Kind:
        """The kind of the cell's category, so that all tables agree."""
        return self.kind_of[self.category_codes[cell.category_id]]


@dataclass(frozen=True)
class Row:
    """One line of a published table: its code, its cells by column, its total."""

    code: str
    cells: tuple[Cell | None, ...]
    total: Cell

    @property
    def interval(self) -> Interval | None:
        """The exact interval of the total that is shown; nothing of a hidden one."""
        return None if self.total.value is None else poisson_interval(self.total.value)

    def share_of(self, column: int) -> tuple[float, Interval] | None:
        """A column's share of the row with its interval, when both are shown and the row is not too few."""
        part = self.cells[column]
        return share(part, self.total) if part is not None else None


@dataclass(frozen=True)
class Published:
    """A table as it may be shown, and what it counts."""

    code: str
    safe: SafeTable

    @property
    def rows(self) -> tuple[Row, ...]:
        """Its lines in order, without the last one of totals."""
        return tuple(
            Row(row, tuple(self.safe.cell(row, column) for column in self.safe.columns), self.safe.row_total(row)) for row in self.safe.rows
        )

    @property
    def totals(self) -> Row:
        """The line of totals."""
        return Row("total", tuple(map(self.safe.column_total, self.safe.columns)), self.safe.total)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all was counted."""
        return self.safe.total == Cell(0)

    @property
    def hides(self) -> bool:
        """Whether anything in it is hidden."""
        return any(cell.hidden for cell in self.safe.shown.values())


@dataclass(frozen=True)
class Publication:
    """All tables of one quarter that a reader sees side by side."""

    quarter: Quarter
    months: Published
    sectors: Published
    categories: Published | None
    outcomes: Published | None
    reach: Published | None
    actions: Published

    @property
    def total(self) -> Cell:
        """All observations of the quarter that this reader may know of."""
        return self.months.safe.total

    @property
    def tables(self) -> dict[str, Published]:
        """Its tables by code, as their addresses name them."""
        known = (self.months, self.sectors, self.categories, self.outcomes, self.reach, self.actions)
        return {table.code: table for table in known if table is not None}


def share(part: Cell, whole: Cell) -> tuple[float, Interval] | None:
    """A share of shown counts with its exact interval; None when one is hidden or the whole is below five."""
    if part.value is None or whole.value is None or whole.value < SMALLEST_BASE:
        return None
    return part.value / whole.value, share_interval(min(part.value, whole.value), whole.value)


def for_committee(quarter: Quarter, cells: Sequence[Counted], links: Sequence[CountedLink], names: Names) -> Publication:
    """The quarter's tables inside: all kinds, counts of 1 to 4 hidden, exact otherwise."""
    tables = (
        _table(_months(quarter), ALL_KINDS, _sum(cells, names, lambda cell: cell.month.isoformat())),
        _table(names.sectors, ALL_KINDS, _sum(cells, names, lambda cell: names.sector_codes[cell.sector_id])),
        _table(tuple(names.kind_of), ALL_KINDS, _sum(cells, names, lambda cell: names.category_codes[cell.category_id]), names.kind_of),
        _table(names.outcomes, ALL_KINDS, _sum(cells, names, lambda cell: cell.outcome)),
        _table((IN_PLAN, OUT_OF_PLAN), ALL_KINDS, _sum(cells, names, lambda cell: OUT_OF_PLAN if cell.is_out_of_plan else IN_PLAN)),
    )
    months, sectors, categories, outcomes, reach = suppress_together(tables, threshold=INSIDE)
    actions = suppress(_actions(links, ALL_KINDS, names, lambda kind: kind.value), threshold=INSIDE)
    return Publication(
        quarter, Published("mois", months), Published("secteurs", sectors), Published("categories", categories),
        Published("suites", outcomes), Published("plan", reach), Published("actions", actions),
    )  # fmt: skip


def for_public(quarter: Quarter, cells: Sequence[Counted], links: Sequence[CountedLink], names: Names) -> Publication:
    """The quarter's tables outside: no concern for a person, counts of 1 to 9 hidden, what is shown rounded to 5."""
    told = [cell for cell in cells if names.kind_counted(cell) in PUBLIC_KINDS]
    tables = (
        _table(_months(quarter), PUBLIC_KINDS, _sum(told, names, lambda cell: cell.month.isoformat())),
        _table(names.sectors, PUBLIC_KINDS, _sum(told, names, lambda cell: names.sector_codes[cell.sector_id])),
    )
    months, sectors = map(rounded, suppress_together(tables, threshold=PUBLIC))
    split = _actions(links, PUBLIC_KINDS, names, lambda kind: POSITIVE if kind is Kind.POSITIVE else OTHER)
    actions = rounded(suppress(split, threshold=PUBLIC))
    return Publication(
        quarter, Published("mois", months), Published("secteurs", sectors), None, None, None, Published("actions", actions)
    )  # fmt: skip


def _months(quarter: Quarter) -> tuple[str, ...]:
    return tuple(month.isoformat() for month in quarter.months)


def _sum(cells: Iterable[Counted], names: Names, row: Callable[[Counted], str]) -> Counter[tuple[str, str]]:
    counts: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        counts[row(cell), names.kind_counted(cell).value] += cell.observations
    return counts


def _table(
    rows: tuple[str, ...], kinds: Iterable[Kind], counts: Mapping[tuple[str, str], int], only: Mapping[str, Kind] | None = None
) -> Table:
    columns = tuple(kind.value for kind in kinds)
    lines = [tuple(None if only and only[row] != column else counts.get((row, column), 0) for column in columns) for row in rows]
    return Table(rows, columns, tuple(lines))


def _actions(links: Iterable[CountedLink], kinds: Sequence[Kind], names: Names, column: Callable[[Kind], str]) -> Table:
    """Actions by kind, grouped by field. An observation that counts toward two actions is in both rows."""
    counts: Counter[tuple[str, str]] = Counter()
    for link in links:
        if link.kind in kinds and link.action_id in names.action_codes:
            counts[names.action_codes[link.action_id], column(link.kind)] += link.observations
    columns = tuple(dict.fromkeys(map(column, kinds)))
    lines = tuple(tuple(counts[row, name] for name in columns) for row in names.field_of)
    return Table(tuple(names.field_of), columns, lines, tuple(names.field_of.values()))
