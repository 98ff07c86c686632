"""Bounds of the hidden entries of several tables that share their column totals, by linear programs (SciPy's HiGHS).

Needed only when a shared total is hidden; while it is shown, the tables say nothing of one another.
"""

from collections.abc import Mapping, Sequence
from math import ceil, floor, inf
from typing import Any

import numpy as np

from cohab_report.insight.intervals import Interval
from cohab_report.insight.suppression.count_tables import EntryKey

SOLVER_TOLERANCE = 1e-6
"""How far from a whole number the solver may end and still mean it."""
HIGHS_UNBOUNDED = 3
"""HiGHS's status for a sum that nothing limits."""


def joint_bounds(
    tables: Sequence[Mapping[EntryKey, int]], hidden: Sequence[Mapping[EntryKey, object]]
) -> list[dict[EntryKey, Interval]]:
    """Returns the bounds of each hidden entry of each table, from all that is published and from non-negativity."""
    positions = _unknown_positions(tables)
    sums = [{key: _sum_of_unknowns(key, number, positions) for key in table} for number, table in enumerate(tables)]
    rows, values = [], []
    for number, table in enumerate(tables):
        for key, count in table.items():
            if key not in hidden[number]:
                rows.append(sums[number][key])
                values.append(count)
            if number and key[0] == "column":
                rows.append(sums[number][key] - sums[0][key])
                values.append(0)
    return [
        {key: _range_of(sums[number][key], rows, values) for key in hidden[number]} for number in range(len(tables))
    ]


def tables_too_narrow(
    tables: Sequence[Mapping[EntryKey, int]], hidden: Sequence[Mapping[EntryKey, object]], threshold: int
) -> set[int]:
    """Returns the numbers of the tables in which a hidden entry can be narrowed below what `suppression` guarantees."""
    bounds = joint_bounds(tables, hidden)
    return {
        number
        for number, table in enumerate(tables)
        if any(not _is_wide(interval, table[key], threshold) for key, interval in bounds[number].items())
    }


def _is_wide(interval: Interval, count: int, threshold: int) -> bool:
    low = ceil(interval.low - SOLVER_TOLERANCE)
    high = inf if interval.high == inf else floor(interval.high + SOLVER_TOLERANCE)
    return high - low >= threshold and (not 0 < count < threshold or (low <= 1 and high >= threshold))


def _unknown_positions(tables: Sequence[Mapping[EntryKey, int]]) -> dict[tuple[int, EntryKey], int]:
    """Returns the position among the unknowns of each inner count of each table."""
    unknowns = [(number, key) for number, table in enumerate(tables) for key in table if key[0] == "inner"]
    return {unknown: position for position, unknown in enumerate(unknowns)}


def _sum_of_unknowns(key: EntryKey, number: int, positions: Mapping[tuple[int, EntryKey], int]) -> Any:
    """Returns the entry as a sum of unknown inner counts: a row of ones and zeros."""
    entry_type, row, column = key
    line = np.zeros(len(positions))
    for (table, (_, inner_row, inner_column)), position in positions.items():
        matches = {
            "inner": (inner_row, inner_column) == (row, column),
            "row": inner_row == row,
            "column": inner_column == column,
            "total": True,
        }
        line[position] = float(table == number and matches[entry_type])
    return line


def _range_of(objective: Any, rows: Sequence[Any], values: Sequence[int]) -> Interval:
    """Returns the least and the largest that the sum can be.

    What the solver doesn't settle counts as pinned: the careful reading.
    """
    from scipy.optimize import linprog

    constraints = {"A_eq": np.array(rows), "b_eq": np.array(values)} if rows else {}
    low, high = linprog(objective, **constraints), linprog(-objective, **constraints)
    if low.status != 0 or high.status not in (0, HIGHS_UNBOUNDED):
        return Interval(0, 0)
    return Interval(float(low.fun), inf if high.status == HIGHS_UNBOUNDED else -float(high.fun))
