"""Which events the author of an observation reads, and of which case: the one place that decides it.

Nothing that somebody else answered may show. Who opened a case reads what becomes of it, but never that works were
stopped, that an outreach partner holds it, or that help was offered. Who joined a case, or was merged into one, reads
that it is received, taken up and finished, and no more: joining is open to anybody who is curious about a place.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cohab_report import journal
from cohab_report.intake.events import (
    AuthorEvent,
    ChangesHolder,
    ContinuesElsewhere,
    DecidesPlanLink,
    FinishesObservation,
    ReopensObservation,
    StopsWorks,
    TakesUpObservation,
)
from cohab_report.intake.models import Status
from cohab_report.journal import Event


@dataclass(frozen=True)
class ToldEvent:
    """An event as the author of an observation reads it."""

    id: int
    name: str
    happened_at: datetime
    reason: str | None = None
    """The code of the reason why the case is closed; None where the author doesn't read it."""


@dataclass(frozen=True)
class AuthorFacts:
    """What decides how much an author reads."""

    reference: str
    threads: dict[str, datetime]
    """The reference of the observation and of the cases that it belongs to, in order, each with since when."""
    knows_of_people: bool = False
    """Whether the author's own answers say that somebody may live there."""
    hidden_actions: Collection[int] = ()
    """The ids of actions of the plan that would tell that somebody lives there."""

    @property
    def shares_a_case(self) -> bool:
        """Whether it joined or was merged into a case that others opened."""
        return len(self.threads) > 1


@dataclass
class Story:
    """What an author reads of an observation, the newest event first."""

    events: list[ToldEvent] = field(default_factory=list)
    holder_id: int | None = None
    """The partner that the case was entrusted to; None for the triage team."""
    action_ids: set[int] = field(default_factory=set)
    """The actions of the plan that it counts toward."""
    finished_at: datetime | None = None
    """When it was last finished; None if never."""


@dataclass
class _CaseProgress:
    """How far one case is, by the events read so far."""

    is_taken_up: bool = False
    is_stopped: bool = False


def story_of_events(events: Sequence[Event], author: AuthorFacts) -> Story:
    """Returns what this author reads of these events, which begin with the oldest and may hold hidden ones."""
    story, cases = Story(), defaultdict[str, _CaseProgress](_CaseProgress)
    for event in events:
        declared, case = journal.event_class(event.name), cases[event.thread]
        if _is_told(event, declared, author, case):
            _tell(story, event, declared, author)
        case.is_taken_up |= issubclass(declared, TakesUpObservation)
        case.is_stopped |= issubclass(declared, StopsWorks)
        if issubclass(declared, FinishesObservation):
            case.is_taken_up = case.is_stopped = False
    if author.shares_a_case:
        story.holder_id, story.action_ids = None, set()
    story.events.reverse()
    return story


def coarse_status(status: Status) -> Status:
    """Returns the status without why it is finished."""
    return Status.DONE if status is Status.REDIRECTED else status


def _is_told(event: Event, declared: type[journal.JournalEvent], author: AuthorFacts, case: _CaseProgress) -> bool:
    if not event.is_public or event.happened_at < author.threads[event.thread]:
        return False
    if issubclass(declared, AuthorEvent):
        return event.thread == author.reference
    if issubclass(declared, TakesUpObservation):
        # A second time without an end between: somebody checked whether the place is lived in.
        return not case.is_taken_up
    if issubclass(declared, FinishesObservation | ReopensObservation):
        return True
    return _is_told_to_opener(event, declared, author, case)


def _is_told_to_opener(
    event: Event, declared: type[journal.JournalEvent], author: AuthorFacts, case: _CaseProgress
) -> bool:
    """Tells whether who opened the case reads what partners do with it, and what it counts toward."""
    if event.thread != author.reference:
        return False
    if issubclass(declared, ContinuesElsewhere):
        return True
    if issubclass(declared, ChangesHolder):
        # Whoever has it next would tell that the one before was stopped.
        return not case.is_stopped
    return not issubclass(declared, DecidesPlanLink) or event.facts["action"] not in author.hidden_actions


def _tell(story: Story, event: Event, declared: type[journal.JournalEvent], author: AuthorFacts) -> None:
    reason = None
    if issubclass(declared, FinishesObservation):
        story.finished_at = event.happened_at
        if not author.shares_a_case:
            reason = str(event.facts.get("reason", ""))
            reason = reason if author.knows_of_people else declared.discreet_reason(reason)
    if issubclass(declared, ChangesHolder):
        story.holder_id = event.facts["holder"]
    if issubclass(declared, DecidesPlanLink):
        change = story.action_ids.add if declared.counts else story.action_ids.discard
        change(event.facts["action"])
    story.events.append(ToldEvent(event.id, event.name, event.happened_at, reason or None))
