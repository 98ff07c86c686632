"""What an import of the plan does to its actions."""

from dataclasses import dataclass

from cohab_report.journal import JournalEvent


@dataclass(frozen=True, kw_only=True)
class ActionImported(JournalEvent):
    """A row of a plan file reached an action; its thread is the action's code."""

    has_caption = False
    line: int
    """The row's line in the file."""


@dataclass(frozen=True, kw_only=True)
class ActionCreated(ActionImported):
    """The plan has a new action."""

    name = "action.created"


@dataclass(frozen=True, kw_only=True)
class ActionChanged(ActionImported):
    """An action of the plan reads otherwise than before."""

    name = "action.changed"
