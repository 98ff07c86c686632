"""What several tables that share their column totals give away together: bounds by linear programs (SciPy's HiGHS).

Needed only when a shared total is hidden; while it is shown, tables can't tell of one another.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor, inf
from typing import Any

import numpy as np

from cohab_report.insight.figures import Interval

Key = tuple[str, str, str]
EDGE_OF_A_WHOLE = 1e-6
UNBOUNDED = 3
"""HiGHS's status for a sum that nothing limits."""


def bounds(tables: Sequence[Mapping[Key, int]], hidden: Sequence[Mapping[Key, object]]) -> list[dict[Key, Interval]]:
    """For each table, the real numbers that each hidden entry could be, given all that the tables publish and non-negativity."""
    places = _places(tables)
    sums = [{key: _sum_of(key, number, places) for key in table} for number, table in enumerate(tables)]
    rows, values = [], []
    for number, table in enumerate(tables):
        for key, value in table.items():
            if key not in hidden[number]:
                rows.append(sums[number][key])
                values.append(value)
            if number and key[0] == "column":
                rows.append(sums[number][key] - sums[0][key])
                values.append(0)
    return [{key: _between(sums[number][key], rows, values) for key in hidden[number]} for number in range(len(tables))]


def too_narrow(tables: Sequence[Mapping[Key, int]], hidden: Sequence[Mapping[Key, object]], threshold: int) -> set[int]:
    """The numbers of the tables in which some hidden entry can be narrowed below what `suppression` guarantees."""
    found = bounds(tables, hidden)
    return {
        number
        for number, table in enumerate(tables)
        if any(not _is_wide(interval, table[key], threshold) for key, interval in found[number].items())
    }


def _is_wide(interval: Interval, value: int, threshold: int) -> bool:
    low = ceil(interval.low - EDGE_OF_A_WHOLE)
    high = inf if interval.high == inf else floor(interval.high + EDGE_OF_A_WHOLE)
    return high - low >= threshold and (not 0 < value < threshold or (low <= 1 and high >= threshold))


def _places(tables: Sequence[Mapping[Key, int]]) -> dict[tuple[int, Key], int]:
    """A place among the unknowns for each cell of each table."""
    cells = [(number, key) for number, table in enumerate(tables) for key in table if key[0] == "cell"]
    return {cell: place for place, cell in enumerate(cells)}


def _sum_of(key: Key, number: int, places: Mapping[tuple[int, Key], int]) -> Any:
    """The entry as a sum of unknown cells: a row of ones and zeros."""
    kind, row, column = key
    line = np.zeros(len(places))
    for (table, (_, cell_row, cell_column)), place in places.items():
        matches = {
            "cell": (cell_row, cell_column) == (row, column),
            "row": cell_row == row,
            "column": cell_column == column,
            "total": True,
        }
        line[place] = float(table == number and matches[kind])
    return line


def _between(wanted: Any, rows: Sequence[Any], values: Sequence[int]) -> Interval:
    """The least and the largest that the wanted sum can be. What the solver doesn't settle counts as pinned: the careful reading."""
    from scipy.optimize import linprog

    given = {"A_eq": np.array(rows), "b_eq": np.array(values)} if rows else {}
    low, high = linprog(wanted, **given), linprog(-wanted, **given)
    if low.status != 0 or high.status not in (0, UNBOUNDED):
        return Interval(0, 0)
    return Interval(float(low.fun), inf if high.status == UNBOUNDED else -float(high.fun))
