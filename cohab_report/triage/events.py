"""What happens to a case: each act of the triage team on it, with the version of the case that the act made."""

from dataclasses import dataclass

from cohab_report.intake.events import (
    ChangesHolder,
    ContinuesElsewhere,
    DecidesPlanLink,
    FinishesObservation,
    ReopensObservation,
    TakesUpObservation,
)
from cohab_report.journal import JournalEvent, no_fact
from cohab_report.triage.models import ClosingReason


@dataclass(frozen=True, kw_only=True)
class CaseEvent(JournalEvent):
    """Something happened to a case."""

    case: int
    version: int
    """Who read a smaller version of the case has not seen this yet."""


@dataclass(frozen=True, kw_only=True)
class CaseClaimed(CaseEvent):
    """A person of the team works on the case."""

    name = "case.claimed"


@dataclass(frozen=True, kw_only=True)
class CaseReleased(CaseEvent):
    """Nobody in particular works on the case any more."""

    name = "case.released"


@dataclass(frozen=True, kw_only=True)
class CaseAccepted(CaseEvent, TakesUpObservation):
    """Triage took the case up; what may be public of it is."""

    name = "case.accepted"
    public = True


@dataclass(frozen=True, kw_only=True)
class CaseRecoded(CaseEvent):
    """The case is of another category."""

    name = "case.recoded"
    from_: str
    to: str
    across: bool
    """Whether the new category is for another purpose: figures go on counting what was sent."""


@dataclass(frozen=True, kw_only=True)
class CaseOutOfPlan(CaseEvent):
    """The case counts toward no action of the plan, on purpose."""

    name = "case.out_of_plan"


@dataclass(frozen=True, kw_only=True)
class CaseProtected(CaseEvent):
    """The case lies in a block of protected cells that was drawn after it had been opened: less of it is public."""

    name = "case.protected"


@dataclass(frozen=True, kw_only=True)
class CaseMerged(CaseEvent, ContinuesElsewhere):
    """The case's observations belong to another case from now on."""

    name = "case.merged"
    public = True


@dataclass(frozen=True, kw_only=True)
class CaseJoined(CaseEvent):
    """The observations of another case belong to this one from now on."""

    name = "case.joined"
    from_: str
    """The other case's reference."""


@dataclass(frozen=True, kw_only=True)
class CaseClosed(CaseEvent, ChangesHolder, FinishesObservation):
    """The case is over."""

    name = "case.closed"
    public = True
    reason: str
    """The code of the reason, as in `ClosingReason`."""

    @classmethod
    def discreet_reason(cls, reason: str) -> str:
        """Returns what is also true where help was offered: that it is done."""
        return ClosingReason.DONE.value if reason == ClosingReason.HELP_OFFERED.value else reason


@dataclass(frozen=True, kw_only=True)
class EndsWithOutcome(CaseEvent):
    """A partner's work on the case ended."""

    outcome: str
    """The code of the outcome, as in `ClosingReason`."""


@dataclass(frozen=True, kw_only=True)
class CaseReopeningRequested(CaseEvent):
    """A closed case waits to be looked at again."""

    name = "case.reopening_requested"


@dataclass(frozen=True, kw_only=True)
class CaseReopened(CaseEvent, ReopensObservation):
    """The team took a closed case up again."""

    name = "case.reopened"
    public = True


@dataclass(frozen=True, kw_only=True)
class LinkConfirmed(CaseEvent, DecidesPlanLink):
    """The case counts toward an action of the plan."""

    name = "link.confirmed"
    public = True
    counts = True


@dataclass(frozen=True, kw_only=True)
class LinkRejected(CaseEvent, DecidesPlanLink):
    """The case does not count toward an action that was suggested or confirmed."""

    name = "link.rejected"
    counts = False
    was_public: bool = no_fact()
    """Whether residents had read that it counts: only then they read that it does not."""

    @property
    def is_public(self) -> bool:
        """Whether residents may read it: where they had read the contrary."""
        return self.was_public


@dataclass(frozen=True, kw_only=True)
class OccupancyDoubted(CaseEvent):
    """Somebody may live there: an occupancy check was requested."""

    name = "occupancy.doubted"


@dataclass(frozen=True, kw_only=True)
class OccupancyChecked(CaseEvent):
    """Somebody went to see whether belongings are in use."""

    on: str
    """The day of the visit, ISO 8601."""


@dataclass(frozen=True, kw_only=True)
class OccupancyInUse(OccupancyChecked):
    """Belongings are in use: works stay locked."""

    name = "occupancy.in_use"


@dataclass(frozen=True, kw_only=True)
class OccupancyCleared(OccupancyChecked):
    """Nothing is in use: works may come."""

    name = "occupancy.cleared"
