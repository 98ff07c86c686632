"""Tables of whole counts with their totals, before and after small ones are hidden."""

from dataclasses import dataclass, replace
from typing import Literal

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
        sums |= (
            {("group", group, ""): 0 for group in self.groups}
            | {("column", "", column): 0 for column in self.columns}
            | {TOTAL: 0}
        )
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


def rounded(table: SafeTable, step: int = PUBLIC_STEP) -> SafeTable:
    """The same table with each shown value at the nearest multiple of the step; hidden ones stay hidden."""
    return replace(
        table, shown={key: replace(cell, value=round_to(cell.value, step)) for key, cell in table.shown.items()}
    )


def round_to(value: int | None, step: int = PUBLIC_STEP) -> int | None:
    """The nearest multiple of the step, halves upward; nothing of nothing."""
    return None if value is None else (2 * value + step) // (2 * step) * step
