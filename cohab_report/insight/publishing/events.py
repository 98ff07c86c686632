"""What happens to published figures."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class FiguresCorrected(JournalEvent):
    """The public figures of a quarter were replaced."""

    name = "figures.corrected"
    has_caption = False
    quarter: str
    """The quarter's code, such as `2026-T3`."""
