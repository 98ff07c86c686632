"""What happens to an observation, and what intake reads of events that packages downstream declare."""

from dataclasses import dataclass
from typing import ClassVar

from cohab_report.journal import JournalEvent, optional_fact


@dataclass(frozen=True, kw_only=True)
class ContinuesElsewhere(JournalEvent):
    """An observation's history continues on another thread, from this event on."""

    into: str
    """The reference of the case on whose thread it continues."""


@dataclass(frozen=True, kw_only=True)
class TakesUpObservation(JournalEvent):
    """The observations of a case are taken up for their authors."""


@dataclass(frozen=True, kw_only=True)
class FinishesObservation(JournalEvent):
    """The observations of a case are finished for their authors."""

    @classmethod
    def discreet_reason(cls, reason: str) -> str:
        """Returns the reason's code as it may be told to who doesn't know whether somebody lives there."""
        return reason


@dataclass(frozen=True, kw_only=True)
class ReopensObservation(JournalEvent):
    """The observations of a case that was finished are worked on again."""


@dataclass(frozen=True, kw_only=True)
class StopsWorks(JournalEvent):
    """Works were stopped, because somebody may live there; what partners do from then on is told to no author."""


@dataclass(frozen=True, kw_only=True)
class ChangesHolder(JournalEvent):
    """Another partner, or the triage team, holds the case from this event on."""

    holder: int | None
    """The partner's id; None for the triage team."""


@dataclass(frozen=True, kw_only=True)
class DecidesPlanLink(JournalEvent):
    """It is decided whether an observation counts toward an action of the plan."""

    counts: ClassVar[bool]
    action: int
    """The action's id."""


@dataclass(frozen=True, kw_only=True)
class AuthorEvent(JournalEvent):
    """It concerns the author of one observation alone, never the others of the same case."""


@dataclass(frozen=True, kw_only=True)
class ObservationReceived(AuthorEvent):
    """An observation was stored, and its author has a follow-up code."""

    name = "observation.received"
    public = True
    observation: int
    priority: int
    flooded: bool
    """Whether so many came from its network that it waits in quarantine."""
    joins: int | None = optional_fact()
    """The id of the public observation that its author recognised as the same thing."""


@dataclass(frozen=True, kw_only=True)
class ObservationJoined(AuthorEvent, ContinuesElsewhere):
    """An observation became part of the case of the observation that it says the same as."""

    name = "observation.joined"
    public = True
    case: int
    version: int


@dataclass(frozen=True, kw_only=True)
class ObservationRedacted(AuthorEvent):
    """An author's own words were erased for good."""

    name = "observation.redacted"
    public = True


@dataclass(frozen=True, kw_only=True)
class ObservationWithdrawn(AuthorEvent):
    """An author took the observation back."""

    name = "observation.withdrawn"
    public = True
    observation: int


@dataclass(frozen=True, kw_only=True)
class ReopeningRequested(AuthorEvent):
    """An author said that it is not settled."""

    name = "observation.reopening_requested"
    public = True
    observation: int


@dataclass(frozen=True, kw_only=True)
class ObservationRated(AuthorEvent):
    """An author answered the question of satisfaction."""

    name = "observation.rated"
    answer: str
    """`yes`, `partly` or `no`."""
