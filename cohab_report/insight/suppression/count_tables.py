"""Tables of whole counts with their totals, before and after small ones are hidden."""

from dataclasses import dataclass, replace
from typing import Literal

PUBLIC_STEP = 5
"""The public's numbers are rounded to multiples of this."""

HidingReason = Literal["primary", "complementary"]
"""Primary: the count is small. Complementary: it would give back a small one.

(The terms of statistical disclosure control.)
"""
EntryKey = tuple[str, str, str]
"""("inner", row, column), ("row", row, ""), ("group", group, ""), ("column", "", column) or ("total", "", "")."""
TOTAL: EntryKey = ("total", "", "")


@dataclass(frozen=True)
class CountTable:
    """Whole counts by row and column. None marks a pair that can't be, as a category under another kind.

    `groups`, when not empty, names the group of each row; groups have totals too, as fields of their actions.
    Raises ValueError when counts, names and groups don't fit together, or a count is negative.
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

    def counts_by_key(self) -> dict[EntryKey, int]:
        """Returns every inner count and every total by its key."""
        inner: dict[EntryKey, int] = {
            ("inner", row, column): count
            for row, line in zip(self.rows, self.counts, strict=True)
            for column, count in zip(self.columns, line, strict=True)
            if count is not None
        }
        totals: dict[EntryKey, int] = {("row", row, ""): 0 for row in self.rows}
        totals |= (
            {("group", group, ""): 0 for group in self.groups}
            | {("column", "", column): 0 for column in self.columns}
            | {TOTAL: 0}
        )
        group_of = dict(zip(self.rows, self.groups, strict=False))
        for (_, row, column), count in inner.items():
            totals["row", row, ""] += count
            totals["column", "", column] += count
            totals[TOTAL] += count
            if row in group_of:
                totals["group", group_of[row], ""] += count
        return inner | totals


@dataclass(frozen=True)
class Entry:
    """What may be shown of one count or total: its value, or that it is hidden and why.

    Pages show both reasons by the same word.
    """

    value: int | None
    hiding_reason: HidingReason | None = None


@dataclass(frozen=True)
class SafeTable:
    """A table that may be published: the entry of each count and of each total, shown or hidden."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    entries: dict[EntryKey, Entry]

    def entry(self, row: str, column: str) -> Entry | None:
        """Returns the entry of this row and column, None for a pair that can't be."""
        return self.entries.get(("inner", row, column))

    def row_total(self, row: str) -> Entry:
        """Returns the total of a row."""
        return self.entries["row", row, ""]

    def column_total(self, column: str) -> Entry:
        """Returns the total of a column."""
        return self.entries["column", "", column]

    @property
    def total(self) -> Entry:
        """The total of the whole table."""
        return self.entries[TOTAL]


def round_table(table: SafeTable, step: int = PUBLIC_STEP) -> SafeTable:
    """Returns the table with each shown value at the nearest multiple of the step; hidden ones stay hidden."""
    return replace(
        table, entries={key: replace(entry, value=round_to(entry.value, step)) for key, entry in table.entries.items()}
    )


def round_to(value: int | None, step: int = PUBLIC_STEP) -> int | None:
    """Returns the nearest multiple of the step, halves upward; None of None."""
    return None if value is None else (2 * value + step) // (2 * step) * step
