"""Suppression of small counts: hides them, and enough others that nothing published gives them back.

Fixed tables only: rows, columns and all totals, as whole counts. Free filters and date ranges belong nowhere near this
package, because two answers that differ by one week would give back the week.

**The guarantee.** Take any entry (inner count or total) that `suppress` hides, and everything it publishes of that
table. The whole, non-negative numbers that the hidden entry could be form an interval [low, high], and
  (1) high - low ≥ threshold: nobody narrows it down to fewer than threshold + 1 values;
  (2) when the entry was hidden because it is small, 1, 2, … threshold all lie in the interval: nobody can even tell
      that it is small.
The bounds are exact (a table is a network, whose bounds are whole numbers). `suppress_together` gives the same for
several tables that share their column totals. Counts of 1 to threshold - 1 are always hidden; a zero may be shown.

Not guarded: what a reader knows from elsewhere (their own observation), the reasoning "this rule would not have hidden
that", and differences between publications of changed data. So show both reasons of hiding by the same word, publish
whole months late, and once.

**Rounding.** Public tables are suppressed first, on exact counts, then rounded to 5 (`round_table`). Rounding only
loosens what a reader can compute: all numbers that fitted the exact table still fit the rounded one, so the guarantee
holds. A shown zero is exactly zero. Shares and intervals beside a rounded table are computed from its rounded values,
or they would give back the exact ones.
"""

from cohab_report.insight.suppression.count_tables import (
    PUBLIC_STEP,
    TOTAL,
    CountTable,
    Entry,
    EntryKey,
    HidingReason,
    SafeTable,
    round_table,
    round_to,
)
from cohab_report.insight.suppression.hiding import suppress, suppress_together

COMMITTEE_THRESHOLD = 5
"""On committee pages counts of 1 to 4 are hidden."""
PUBLIC_THRESHOLD = 10
"""On public pages counts of 1 to 9 are hidden."""

__all__ = [
    "COMMITTEE_THRESHOLD",
    "PUBLIC_STEP",
    "PUBLIC_THRESHOLD",
    "TOTAL",
    "CountTable",
    "Entry",
    "EntryKey",
    "HidingReason",
    "SafeTable",
    "round_table",
    "round_to",
    "suppress",
    "suppress_together",
]
