"""What is published of a quarter: fixed tables, suppressed together, the same for every reader of the same page.

Counts in, tables out; no database and no words. Committee and public pages, their charts and their CSV files render these and never the
counts. Concerns for a person are counted apart, in a table of their own that adds up to nothing else: they are few, and would hide others.
The public one leaves them out altogether, suppresses below 10 instead of 5, and is rounded to 5.

Tables of the same observations share their totals by kind, so they are suppressed together. The table of actions counts links, which are
more or fewer than observations (two links, none yet), so it is suppressed by itself: no sum ties it to the others.
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
MAIN_KINDS = (Kind.CLEANLINESS, Kind.SAFETY, Kind.POSITIVE)
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
    actions: Published
    categories: Published | None = None
    outcomes: Published | None = None
    reach: Published | None = None
    concerns: Published | None = None

    @property
    def total(self) -> Cell:
        """All observations of the quarter, concerns for a person apart."""
        return self.months.safe.total

    @property
    def tables(self) -> dict[str, Published]:
        """Its tables by code, as their addresses name them."""
        known = (self.months, self.sectors, self.categories, self.outcomes, self.reach, self.concerns, self.actions)
        return {table.code: table for table in known if table is not None}


def share(part: Cell, whole: Cell) -> tuple[float, Interval] | None:
    """A share of shown counts with its exact interval; None when one is hidden or the whole is below five."""
    if part.value is None or whole.value is None or whole.value < SMALLEST_BASE:
        return None
    return part.value / whole.value, share_interval(min(part.value, whole.value), whole.value)


def for_committee(quarter: Quarter, cells: Sequence[Counted], links: Sequence[CountedLink], names: Names) -> Publication:
    """The quarter's tables inside: all kinds, counts of 1 to 4 hidden, exact otherwise."""
    told, apart = _parted(cells, names)
    in_order = tuple(code for code, kind in names.kind_of.items() if kind in MAIN_KINDS)
    tables = (
        _table(_months(quarter), MAIN_KINDS, _sum(told, names, lambda cell: cell.month.isoformat())),
        _table(names.sectors, MAIN_KINDS, _sum(told, names, lambda cell: names.sector_codes[cell.sector_id])),
        _table(in_order, MAIN_KINDS, _sum(told, names, lambda cell: names.category_codes[cell.category_id]), names.kind_of),
        _table(names.outcomes, MAIN_KINDS, _sum(told, names, lambda cell: cell.outcome)),
        _table((IN_PLAN, OUT_OF_PLAN), MAIN_KINDS, _sum(told, names, lambda cell: OUT_OF_PLAN if cell.is_out_of_plan else IN_PLAN)),
    )
    months, sectors, categories, outcomes, reach = suppress_together(tables, threshold=INSIDE)
    concerns = _table(names.outcomes, (Kind.CONCERN,), _sum(apart, names, lambda cell: cell.outcome))
    actions = suppress(_actions(links, ALL_KINDS, names, lambda kind: kind.value), threshold=INSIDE)
    return Publication(
        quarter, Published("mois", months), Published("secteurs", sectors), Published("actions", actions),
        Published("categories", categories), Published("suites", outcomes), Published("plan", reach),
        Published("inquietudes", suppress(concerns, threshold=INSIDE)),
    )  # fmt: skip


def for_public(quarter: Quarter, cells: Sequence[Counted], links: Sequence[CountedLink], names: Names) -> Publication:
    """The quarter's tables outside: no concern for a person, counts of 1 to 9 hidden, what is shown rounded to 5."""
    told, _apart = _parted(cells, names)
    tables = (
        _table(_months(quarter), MAIN_KINDS, _sum(told, names, lambda cell: cell.month.isoformat())),
        _table(names.sectors, MAIN_KINDS, _sum(told, names, lambda cell: names.sector_codes[cell.sector_id])),
    )
    months, sectors = map(rounded, suppress_together(tables, threshold=PUBLIC))
    split = _actions(links, MAIN_KINDS, names, lambda kind: POSITIVE if kind is Kind.POSITIVE else OTHER)
    actions = rounded(suppress(split, threshold=PUBLIC))
    return Publication(quarter, Published("mois", months), Published("secteurs", sectors), Published("actions", actions))


def _months(quarter: Quarter) -> tuple[str, ...]:
    return tuple(month.isoformat() for month in quarter.months)


def _parted(cells: Iterable[Counted], names: Names) -> tuple[list[Counted], list[Counted]]:
    """The cells of the three kinds that weigh the same, and those of concerns for a person."""
    told: list[Counted] = []
    apart: list[Counted] = []
    for cell in cells:
        (apart if names.kind_counted(cell) is Kind.CONCERN else told).append(cell)
    return told, apart


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
