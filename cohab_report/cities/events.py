"""What happens to the city's own data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class ProfileLoaded(JournalEvent):
    """A city profile was loaded and changed something; its thread is the city's code."""

    name = "profile.loaded"
    has_caption = False
    tables: Mapping[str, Sequence[int]]
    """By table, how many rows were created, changed and retired."""
    outline: bool
    """Whether the outline is new."""


@dataclass(frozen=True, kw_only=True)
class BoundaryLoaded(JournalEvent):
    """The city has another outline; its thread is the city's code."""

    name = "boundary.loaded"
    has_caption = False
    approximate: bool
