"""Which numbers of a table are hidden: the small ones, and as few others as it takes so that none of them is given back."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cohab_report.insight.suppression.flows import Circulation, Edge
from cohab_report.insight.suppression.joint import too_narrow
from cohab_report.insight.suppression.tables import Cell, Hidden, Key, SafeTable, Table


def suppress(table: Table, *, threshold: int) -> SafeTable:
    """The table with its small counts hidden, and as few others as the greedy search finds, so that the package's guarantee holds."""
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
            _everything(table, threshold) if number in blank else _hide(table, threshold, hiding)
            for number, table in enumerate(tables)
        ]
        wanted = frozenset(key for plan in plans for key in plan if key in shared)
        if wanted != hiding:
            hiding = wanted
            continue
        broken = too_narrow([table.entries() for table in tables], plans, threshold) - blank if hiding else set()
        if not broken:
            return tuple(_safe(table, plan) for table, plan in zip(tables, plans, strict=True))
        blank.add(min(broken))


def _safe(table: Table, plan: dict[Key, Hidden]) -> SafeTable:
    shown = {key: Cell(None, plan[key]) if key in plan else Cell(value) for key, value in table.entries().items()}
    return SafeTable(table.rows, table.columns, shown)


def _everything(table: Table, threshold: int) -> dict[Key, Hidden]:
    return {key: _why(value, threshold) for key, value in table.entries().items()}


def _why(value: int, threshold: int) -> Hidden:
    return "primary" if 0 < value < threshold else "complementary"


def _shared_keys(tables: Sequence[Table]) -> frozenset[Key]:
    margins = [
        {key: value for key, value in table.entries().items() if key[0] in ("column", "total")} for table in tables
    ]
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
    by_kind = {
        kind: {name: number for (of, name), number in numbers.items() if of == kind}
        for kind in ("row", "column", "group")
    }
    return _Nodes(
        by_kind["row"], by_kind["column"], by_kind["group"], dict(zip(table.rows, table.groups, strict=False))
    )


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
