"""What happens between the triage team and a partner about a case, and to the rules that suggest partners."""

from dataclasses import dataclass
from typing import TypedDict

from cohab_report.intake.events import ChangesHolder, StopsWorks
from cohab_report.journal import JournalEvent, no_fact
from cohab_report.triage.events import CaseEvent, EndsWithOutcome


class HandoverFacts(TypedDict):
    """What every event about a handover says."""

    thread: str
    case: int
    version: int
    handover: int
    partner: int
    outreach: bool


@dataclass(frozen=True, kw_only=True)
class HandoverEvent(CaseEvent):
    """Something happened to a handover."""

    handover: int
    partner: int
    outreach: bool = no_fact()
    """Whether the partner does outreach: then no resident reads of it, since it tells that somebody may live there."""

    @property
    def is_public(self) -> bool:
        """Whether residents may read it."""
        return self.public and not self.outreach


@dataclass(frozen=True, kw_only=True)
class HandoverOffered(HandoverEvent):
    """The case was offered to a partner."""

    name = "handover.offered"
    followed: bool
    """Whether the partner is the one that was suggested."""


@dataclass(frozen=True, kw_only=True)
class PoliceTransferred(HandoverEvent):
    """A person transferred the case to the police, which is counted."""

    name = "police.transferred"
    ground: str
    """The code of the ground in law; empty for transfers of before grounds were asked."""


@dataclass(frozen=True, kw_only=True)
class HandoverAccepted(HandoverEvent, ChangesHolder):
    """The partner holds the case."""

    name = "handover.accepted"
    public = True


@dataclass(frozen=True, kw_only=True)
class HandoverDeclined(HandoverEvent):
    """The partner does not take the case."""

    name = "handover.declined"


@dataclass(frozen=True, kw_only=True)
class HandoverStarted(HandoverEvent, ChangesHolder):
    """The partner is at work on the case."""

    name = "handover.started"
    public = True


@dataclass(frozen=True, kw_only=True)
class HandoverDone(HandoverEvent, ChangesHolder, EndsWithOutcome):
    """The partner finished; triage holds the case."""

    name = "handover.done"
    public = True


@dataclass(frozen=True, kw_only=True)
class HandoverGivenBack(HandoverEvent, ChangesHolder):
    """The partner gave the case back to triage."""

    name = "handover.given_back"
    public = True


@dataclass(frozen=True, kw_only=True)
class HandoverTakenBack(HandoverEvent):
    """Triage withdrew an offer that nobody had answered."""

    name = "handover.taken_back"


@dataclass(frozen=True, kw_only=True)
class HandoverStopped(HandoverEvent, ChangesHolder, StopsWorks):
    """Works were stopped, because somebody may live there. No resident ever reads it."""

    name = "handover.stopped"


@dataclass(frozen=True, kw_only=True)
class RuleEvent(JournalEvent):
    """A person did something to a rule of the routing table; its thread is `rule:` and the row's id."""

    has_caption = False
    rule: int
    version: int
    """The version of the rule that this made."""


@dataclass(frozen=True, kw_only=True)
class RuleAdded(RuleEvent):
    """The table has a rule of a person's."""

    name = "rule.added"


@dataclass(frozen=True, kw_only=True)
class RuleChanged(RuleEvent):
    """A rule reads otherwise than before, or is in force again."""

    name = "rule.changed"


@dataclass(frozen=True, kw_only=True)
class RuleRetired(RuleEvent):
    """A rule is no longer in force."""

    name = "rule.retired"
