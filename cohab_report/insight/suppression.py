"""Small counts stay hidden, and nothing published gives them back.

Fixed tables only: rows, columns and all totals, as whole counts. Free filters and date ranges belong nowhere near this module, because two
answers that differ by one week would give back the week.

**The guarantee.** Take any entry (cell or total) that `suppress` hides, and everything it publishes of that table. The whole, non-negative
numbers that the hidden entry could be form an interval [low, high], and
  (1) high - low ≥ threshold: nobody narrows it down to fewer than threshold + 1 values;
  (2) when the entry was hidden because it is small, 1, 2, … threshold all lie in the interval: nobody can even tell that it is small.
The bounds are exact (a table is a network, whose bounds are whole numbers). `suppress_together` gives the same for several tables that
share their column totals. Counts of 1 to threshold - 1 are always hidden; a zero may be shown.

Not guarded: what a reader knows from elsewhere (their own observation), the reasoning "this rule would not have hidden that", and
differences between publications of changed data. So show both kinds of hiding by the same sign, publish whole months late, and once.

**Rounding.** Public tables are suppressed first, on exact counts, then rounded to 5 (`rounded`). Rounding only loosens what a reader can
compute: all numbers that fitted the exact table still fit the rounded one, so the guarantee holds. A shown zero is exactly zero. Shares
and intervals beside a rounded table are computed from its rounded values, or they would give back the exact ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from cohab_report.insight.flows import Circulation, Edge
from cohab_report.insight.joint import too_narrow

INSIDE = 5
"""Threshold of committee pages: counts of 1 to 4 are hidden."""
PUBLIC = 10
"""Threshold of public pages: counts of 1 to 9 are hidden."""
PUBLIC_STEP = 5

Hidden = Literal["primary", "complementary"]
Key = tuple[str, str, str]
"""("cell", row, column), ("row", row, ""), ("group", group, ""), ("column", "", column) or ("total", "", "")."""
TOTAL: Key = ("total", "", "")


@dataclass(frozen=True)
class Table:
    """Whole counts by row and column. None marks a pair that can't be, as a category under another kind.

    `groups`, when given, names the group of each row; groups have totals too, as fields of their actions.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: tuple[tuple[int | None, ...], ...]
    groups: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.groups and len(self.groups) != len(self.rows):
            raise ValueError("each row has one group")
        if len(self.counts) != len(self.rows) or any(len(line) != len(self.columns) for line in self.counts):
            raise ValueError("a table has one count for each row and column")
        if len(set(self.rows)) < len(self.rows) or len(set(self.columns)) < len(self.columns):
            raise ValueError("rows and columns have names of their own")
        if any(count is not None and count < 0 for line in self.counts for count in line):
            raise ValueError("a count is never negative")

    def entries(self) -> dict[Key, int]:
        """Every cell and every total by its key."""
        cells: dict[Key, int] = {
            ("cell", row, column): count
            for row, line in zip(self.rows, self.counts, strict=True)
            for column, count in zip(self.columns, line, strict=True)
            if count is not None
        }
        sums: dict[Key, int] = {("row", row, ""): 0 for row in self.rows}
        sums |= {("group", group, ""): 0 for group in self.groups} | {("column", "", column): 0 for column in self.columns} | {TOTAL: 0}
        group_of = dict(zip(self.rows, self.groups, strict=False))
        for (_, row, column), count in cells.items():
            sums["row", row, ""] += count
            sums["column", "", column] += count
            sums[TOTAL] += count
            if row in group_of:
                sums["group", group_of[row], ""] += count
        return cells | sums


@dataclass(frozen=True)
class Cell:
    """What may be shown of one count: its value, or that it is hidden and why. Pages show both reasons by the same sign."""

    value: int | None
    hidden: Hidden | None = None


@dataclass(frozen=True)
class SafeTable:
    """A table that may be published: each cell and total shown or hidden."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    shown: dict[Key, Cell]

    def cell(self, row: str, column: str) -> Cell | None:
        """The cell of this row and column, None for a pair that can't be."""
        return self.shown.get(("cell", row, column))

    def row_total(self, row: str) -> Cell:
        """The total of a row."""
        return self.shown["row", row, ""]

    def column_total(self, column: str) -> Cell:
        """The total of a column."""
        return self.shown["column", "", column]

    @property
    def total(self) -> Cell:
        """The total of the whole table."""
        return self.shown[TOTAL]


def suppress(table: Table, *, threshold: int) -> SafeTable:
    """The table with its small counts hidden, and as few others as the greedy search finds, so that the module's guarantee holds."""
    return _safe(table, _hide(table, threshold, frozenset()))


@lru_cache(maxsize=64)
def suppress_together(tables: tuple[Table, ...], *, threshold: int) -> tuple[SafeTable, ...]:
    """Several tables of the same observations, published side by side: same columns, same column totals, different rows.

    While the shared totals are shown, the tables can't tell of one another, and each is safe alone. A shared total that one must hide is
    hidden in all; then linear programs over all tables at once check the guarantee, and a table that breaks it hides everything.
    Those bounds are the linear relaxation's, rounded inwards. Raises ValueError when the shared totals differ, or for grouped rows.
    """
    if any(table.groups for table in tables):
        raise ValueError("rows of tables published together have no groups")
    shared = _shared_keys(tables)
    hiding: frozenset[Key] = frozenset()
    blank: set[int] = set()
    while True:
        plans = [
            _everything(table, threshold) if number in blank else _hide(table, threshold, hiding) for number, table in enumerate(tables)
        ]
        wanted = frozenset(key for plan in plans for key in plan if key in shared)
        if wanted != hiding:
            hiding = wanted
            continue
        broken = too_narrow([table.entries() for table in tables], plans, threshold) - blank if hiding else set()
        if not broken:
            return tuple(_safe(table, plan) for table, plan in zip(tables, plans, strict=True))
        blank.add(min(broken))


def rounded(table: SafeTable, step: int = PUBLIC_STEP) -> SafeTable:
    """The same table with each shown value at the nearest multiple of the step; hidden ones stay hidden."""
    return replace(table, shown={key: replace(cell, value=round_to(cell.value, step)) for key, cell in table.shown.items()})


def round_to(value: int | None, step: int = PUBLIC_STEP) -> int | None:
    """The nearest multiple of the step, halves upward; nothing of nothing."""
    return None if value is None else (2 * value + step) // (2 * step) * step


def _safe(table: Table, plan: dict[Key, Hidden]) -> SafeTable:
    shown = {key: Cell(None, plan[key]) if key in plan else Cell(value) for key, value in table.entries().items()}
    return SafeTable(table.rows, table.columns, shown)


def _everything(table: Table, threshold: int) -> dict[Key, Hidden]:
    return {key: _why(value, threshold) for key, value in table.entries().items()}


def _why(value: int, threshold: int) -> Hidden:
    return "primary" if 0 < value < threshold else "complementary"


def _shared_keys(tables: Sequence[Table]) -> frozenset[Key]:
    margins = [{key: value for key, value in table.entries().items() if key[0] in ("column", "total")} for table in tables]
    if any(margin != margins[0] for margin in margins):
        raise ValueError("tables published together have the same column totals")
    return frozenset(margins[0]) if margins else frozenset()


@lru_cache(maxsize=256)
def _hide(table: Table, threshold: int, also: frozenset[Key]) -> dict[Key, Hidden]:
    """The keys to hide, and why: small ones, those that another table hides, and companions until all are safe."""
    entries = table.entries()
    keys = list(entries)
    nodes = _nodes(table)
    network = Circulation([_edge(key, value, nodes) for key, value in entries.items()])
    free = {number for number, key in enumerate(keys) if 0 < entries[key] < threshold or key in also}
    if free:
        _secure_all(network, keys, free, threshold)
    return {keys[number]: _why(entries[keys[number]], threshold) for number in sorted(free)}


@dataclass(frozen=True)
class _Nodes:
    """The numbers of a table's nodes; 0 is where totals set out, 1 where they come back."""

    row: dict[str, int]
    column: dict[str, int]
    group: dict[str, int]
    group_of: dict[str, str]


def _nodes(table: Table) -> _Nodes:
    names = [*(("row", row) for row in table.rows), *(("column", column) for column in table.columns)]
    names += [("group", group) for group in dict.fromkeys(table.groups)]
    numbers = {name: number for number, name in enumerate(names, start=2)}
    by_kind = {kind: {name: number for (of, name), number in numbers.items() if of == kind} for kind in ("row", "column", "group")}
    return _Nodes(by_kind["row"], by_kind["column"], by_kind["group"], dict(zip(table.rows, table.groups, strict=False)))


def _edge(key: Key, value: int, nodes: _Nodes) -> Edge:
    """Totals flow through groups into rows, cells from rows to columns, and the grand total closes the circle."""
    kind, name, column = key
    if kind == "cell":
        return Edge(nodes.row[name], nodes.column[column], value)
    if kind == "row":
        return Edge(nodes.group[nodes.group_of[name]] if nodes.group else 0, nodes.row[name], value)
    if kind == "group":
        return Edge(0, nodes.group[name], value)
    return Edge(nodes.column[column], 1, value) if kind == "column" else Edge(1, 0, value)


def _secure_all(network: Circulation, keys: Sequence[Key], free: set[int], threshold: int) -> None:
    """Adds edges to the free ones until each free edge has the room that the guarantee promises."""

    def price(edge: int) -> int:
        return 0 if edge in free else _price(keys[edge], network.edges[edge].value)

    before = -1
    while len(free) != before:
        before = len(free)
        for edge in sorted(free):
            for up, need in _needs(network, edge, free, threshold):
                if network.room(edge, free, up=up, need=need) < need:
                    push = network.push(edge, price, up=up, need=need)
                    free |= push.moved if push.amount == need else set(range(len(keys)))


def _needs(network: Circulation, edge: int, free: set[int], threshold: int) -> list[tuple[bool, int]]:
    """How far this edge must be able to grow (True) and to shrink (False)."""
    value = network.edges[edge].value
    if 0 < value < threshold:
        return [(True, threshold + 1 - value), (False, value - 1)]
    shrinks = network.room(edge, free, up=False, need=threshold)
    return [(True, threshold - shrinks)]


def _price(key: Key, value: int) -> int:
    """Rather a small cell than a large one, rather a cell than a zero, rather a zero than a total, and the grand total last."""
    if key[0] == "cell":
        return 10 + min(value, 1_000) if value else 5_000
    return {"row": 20_000, "group": 50_000, "column": 100_000, "total": 1_000_000}[key[0]] + min(value, 1_000)
