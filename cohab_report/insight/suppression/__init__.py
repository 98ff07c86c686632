"""Small counts stay hidden, and nothing published gives them back.

Fixed tables only: rows, columns and all totals, as whole counts. Free filters and date ranges belong nowhere near this package, because two
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

from cohab_report.insight.suppression.hiding import suppress, suppress_together
from cohab_report.insight.suppression.tables import (
    PUBLIC_STEP,
    TOTAL,
    Cell,
    Hidden,
    Key,
    SafeTable,
    Table,
    round_to,
    rounded,
)

INSIDE = 5
"""Threshold of committee pages: counts of 1 to 4 are hidden."""
PUBLIC = 10
"""Threshold of public pages: counts of 1 to 9 are hidden."""

__all__ = [
    "INSIDE", "PUBLIC", "PUBLIC_STEP", "TOTAL", "Cell", "Hidden", "Key", "SafeTable", "Table", "round_to", "rounded", "suppress",
    "suppress_together",
]  # fmt: skip
