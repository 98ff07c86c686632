"""Chooses which entries of a table are hidden: the small ones, and as few others as it takes to protect them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from cohab_report.insight.suppression.count_tables import CountTable, Entry, EntryKey, HidingReason, SafeTable
from cohab_report.insight.suppression.flows import Circulation, Edge
from cohab_report.insight.suppression.joint_bounds import tables_too_narrow


def suppress(table: CountTable, *, threshold: int) -> SafeTable:
    """Hides the small counts of a table, and as few others as a greedy search finds, so that the guarantee holds."""
    return _safe_table(table, _hiding_reasons(table, threshold, frozenset()))


@lru_cache(maxsize=64)
def suppress_together(tables: tuple[CountTable, ...], *, threshold: int) -> tuple[SafeTable, ...]:
    """Suppresses several tables of the same observations: same columns and column totals, different rows.

    While the shared totals are shown, the tables say nothing of one another, and each is safe alone. A shared total
    that one must hide is hidden in all; then linear programs over all tables at once check the guarantee, and a table
    that breaks it hides everything. Those bounds are the linear relaxation's, rounded inwards. Raises ValueError when
    the shared totals differ, or for grouped rows.
    """
    if any(table.groups for table in tables):
        raise ValueError("rows of tables published together have no groups")
    shared = _shared_keys(tables)
    hidden_shared: frozenset[EntryKey] = frozenset()
    blank_tables: set[int] = set()
    while True:
        reasons = [
            _reasons_to_hide_all(table, threshold)
            if number in blank_tables
            else _hiding_reasons(table, threshold, hidden_shared)
            for number, table in enumerate(tables)
        ]
        now_hidden = frozenset(key for keys in reasons for key in keys if key in shared)
        if now_hidden != hidden_shared:
            hidden_shared = now_hidden
            continue
        unsafe = set()
        if hidden_shared:
            counts = [table.counts_by_key() for table in tables]
            unsafe = tables_too_narrow(counts, reasons, threshold) - blank_tables
        if not unsafe:
            return tuple(_safe_table(table, keys) for table, keys in zip(tables, reasons, strict=True))
        blank_tables.add(min(unsafe))


def _safe_table(table: CountTable, reasons: dict[EntryKey, HidingReason]) -> SafeTable:
    entries = {
        key: Entry(None, reasons[key]) if key in reasons else Entry(count)
        for key, count in table.counts_by_key().items()
    }
    return SafeTable(table.rows, table.columns, entries)


def _reasons_to_hide_all(table: CountTable, threshold: int) -> dict[EntryKey, HidingReason]:
    return {key: _hiding_reason(count, threshold) for key, count in table.counts_by_key().items()}


def _hiding_reason(count: int, threshold: int) -> HidingReason:
    return "primary" if 0 < count < threshold else "complementary"


def _shared_keys(tables: Sequence[CountTable]) -> frozenset[EntryKey]:
    margins = [
        {key: count for key, count in table.counts_by_key().items() if key[0] in ("column", "total")}
        for table in tables
    ]
    if any(margin != margins[0] for margin in margins):
        raise ValueError("tables published together have the same column totals")
    return frozenset(margins[0]) if margins else frozenset()


@lru_cache(maxsize=256)
def _hiding_reasons(table: CountTable, threshold: int, also: frozenset[EntryKey]) -> dict[EntryKey, HidingReason]:
    """Returns the keys to hide, and why: small ones, those in `also`, and companions until all are safe."""
    counts = table.counts_by_key()
    keys = list(counts)
    nodes = _number_nodes(table)
    network = Circulation([_edge(key, count, nodes) for key, count in counts.items()])
    free = {number for number, key in enumerate(keys) if 0 < counts[key] < threshold or key in also}
    if free:
        _free_companions(network, keys, free, threshold)
    return {keys[number]: _hiding_reason(counts[keys[number]], threshold) for number in sorted(free)}


@dataclass(frozen=True)
class _NodeNumbers:
    """The numbers of a table's nodes; 0 is where totals set out, 1 where they come back."""

    row: dict[str, int]
    column: dict[str, int]
    group: dict[str, int]
    group_of: dict[str, str]


def _number_nodes(table: CountTable) -> _NodeNumbers:
    names = [*(("row", row) for row in table.rows), *(("column", column) for column in table.columns)]
    names += [("group", group) for group in dict.fromkeys(table.groups)]
    numbers = {name: number for number, name in enumerate(names, start=2)}
    by_type = {
        node_type: {name: number for (name_type, name), number in numbers.items() if name_type == node_type}
        for node_type in ("row", "column", "group")
    }
    return _NodeNumbers(
        by_type["row"], by_type["column"], by_type["group"], dict(zip(table.rows, table.groups, strict=False))
    )


def _edge(key: EntryKey, count: int, nodes: _NodeNumbers) -> Edge:
    """Returns the edge of an entry.

    Totals flow through groups into rows, counts from rows to columns, the grand total back.
    """
    entry_type, name, column = key
    if entry_type == "inner":
        return Edge(nodes.row[name], nodes.column[column], count)
    if entry_type == "row":
        return Edge(nodes.group[nodes.group_of[name]] if nodes.group else 0, nodes.row[name], count)
    if entry_type == "group":
        return Edge(0, nodes.group[name], count)
    return Edge(nodes.column[column], 1, count) if entry_type == "column" else Edge(1, 0, count)


def _free_companions(network: Circulation, keys: Sequence[EntryKey], free: set[int], threshold: int) -> None:
    """Adds edges to the free ones until each free edge has the slack that the guarantee promises."""

    def cost(edge: int) -> int:
        return 0 if edge in free else _hiding_cost(keys[edge], network.edges[edge].value)

    size_before = -1
    while len(free) != size_before:
        size_before = len(free)
        for edge in sorted(free):
            for up, need in _needed_slack(network, edge, free, threshold):
                if network.slack(edge, free, up=up, need=need) < need:
                    flow = network.augment(edge, cost, up=up, need=need)
                    free |= flow.other_edges if flow.amount == need else set(range(len(keys)))


def _needed_slack(network: Circulation, edge: int, free: set[int], threshold: int) -> list[tuple[bool, int]]:
    """Returns how far this edge must be able to grow (True) and to shrink (False)."""
    count = network.edges[edge].value
    if 0 < count < threshold:
        return [(True, threshold + 1 - count), (False, count - 1)]
    shrinks_by = network.slack(edge, free, up=False, need=threshold)
    return [(True, threshold - shrinks_by)]


def _hiding_cost(key: EntryKey, count: int) -> int:
    """Returns what hiding an entry costs: small counts least, then large ones, zeros, totals, the grand total most."""
    if key[0] == "inner":
        return 10 + min(count, 1_000) if count else 5_000
    return {"row": 20_000, "group": 50_000, "column": 100_000, "total": 1_000_000}[key[0]] + min(count, 1_000)
