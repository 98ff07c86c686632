"""Tables of cases: their observations and their links to the plan. Queues are in `waiting.models`."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Boolean, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cohab_report.catalogue.models import Category, Kind, Priority, Protection
from cohab_report.db import Id, Model, OrderedEnum, UtcDateTime, enum_column, partial_index
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Partner, Person
from cohab_report.plan.models import Action
from cohab_report.state_machine import StateMachine
from cohab_report.territory.models import Place, Sector
from cohab_report.triage.waiting.models import Queue


class CaseState(StrEnum):
    """The state of a case in its life."""

    NEW = "new"
    OCCUPANCY_CHECK = "occupancy_check"
    ACCEPTED = "accepted"
    HANDED_OVER = "handed_over"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    MERGED = "merged"
    REOPEN_REQUESTED = "reopen_requested"


CASE_MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.NEW: frozenset({CaseState.OCCUPANCY_CHECK, CaseState.ACCEPTED, CaseState.MERGED, CaseState.CLOSED}),
    CaseState.OCCUPANCY_CHECK: frozenset(
        {CaseState.ACCEPTED, CaseState.HANDED_OVER, CaseState.MERGED, CaseState.CLOSED}
    ),
    CaseState.ACCEPTED: frozenset(
        {CaseState.OCCUPANCY_CHECK, CaseState.HANDED_OVER, CaseState.MERGED, CaseState.CLOSED}
    ),
    # What a partner holds returns to triage before it is closed: no handover may be left standing on a closed case.
    CaseState.HANDED_OVER: frozenset({CaseState.IN_PROGRESS, CaseState.ACCEPTED, CaseState.OCCUPANCY_CHECK}),
    CaseState.IN_PROGRESS: frozenset({CaseState.ACCEPTED, CaseState.OCCUPANCY_CHECK}),
    # The team takes a closed case up as what it was before; an author may only request it.
    CaseState.CLOSED: frozenset(
        {CaseState.REOPEN_REQUESTED, CaseState.NEW, CaseState.ACCEPTED, CaseState.OCCUPANCY_CHECK}
    ),
    CaseState.REOPEN_REQUESTED: frozenset(
        {CaseState.ACCEPTED, CaseState.OCCUPANCY_CHECK, CaseState.HANDED_OVER, CaseState.MERGED, CaseState.CLOSED}
    ),
    CaseState.MERGED: frozenset(),
}
"""The table of moves: from each state of a case, the states that it may move to."""
OPEN_STATES = tuple(state for state in CaseState if state not in (CaseState.CLOSED, CaseState.MERGED))
_OPEN_VALUES = [state.value for state in OPEN_STATES]


class ClosingReason(StrEnum):
    """The reason why a case is closed; every closed case has one."""

    DONE = "done"
    NOTHING_FOUND = "nothing_found"
    ALREADY_FOLLOWED = "already_followed"
    HELP_OFFERED = "help_offered"
    OUTSIDE_MANDATE = "outside_mandate"
    REDIRECTED = "redirected"
    NOT_POSSIBLE = "not_possible"


class Occupancy(StrEnum):
    """What is known of tents, bedding or belongings in use at the place."""

    NONE = "none"
    POSSIBLE = "possible"
    IN_USE = "in_use"
    CLEARED = "cleared"


class LinkState(StrEnum):
    """The state of a link between a case and an action: suggested, confirmed or rejected."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class Case(StateMachine[CaseState], Model):
    """A case: the team's work on one or more observations of the same thing."""

    MOVES, NOUN, WHY_REFUSED = CASE_MOVES, "case", "state"

    __tablename__ = "case"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    """The reference of the observation that opened it."""
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    state: Mapped[CaseState] = mapped_column(enum_column(CaseState))
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    protection: Mapped[Protection] = mapped_column(OrderedEnum(Protection))
    priority: Mapped[Priority] = mapped_column(OrderedEnum(Priority))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closing_reason: Mapped[ClosingReason | None] = mapped_column(enum_column(ClosingReason))
    closing_note: Mapped[str] = mapped_column(Text, default="")
    reopening_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why the team last took the case up again after it was closed."""
    recode_reason: Mapped[str] = mapped_column(Text, default="")
    """Why the team last changed the category."""
    is_out_of_plan: Mapped[bool] = mapped_column(Boolean, default=False)
    occupancy: Mapped[Occupancy] = mapped_column(enum_column(Occupancy))
    occupancy_on: Mapped[date | None] = mapped_column(Date)
    occupancy_note: Mapped[str] = mapped_column(Text, default="")
    occupancy_doubted_on: Mapped[date | None] = mapped_column(Date)
    """The last day on which there was reason to think that somebody may live there; None where there never was.

    A visit of an earlier day says nothing about the place.
    """
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    """The partner that holds the case; None while the triage team does."""
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("case.id"))
    version: Mapped[int] = mapped_column(Integer)

    queue: Mapped[Queue] = relationship()
    category: Mapped[Category] = relationship()
    sector: Mapped[Sector] = relationship()
    place: Mapped[Place | None] = relationship()
    claimed_by: Mapped[Person | None] = relationship()
    holder: Mapped[Partner | None] = relationship()
    merged_into: Mapped["Case | None"] = relationship(remote_side="Case.id")
    observations: Mapped[list[Observation]] = relationship(
        secondary="case_observation", order_by=Observation.received_at
    )
    links: Mapped[list["Link"]] = relationship(back_populates="case", order_by="Link.id")

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        # The order of a queue, then what else its counts need, so that the cases themselves aren't read.
        partial_index(
            "ix_case_open",
            "queue_id",
            "priority",
            "opened_at",
            "id",
            "due_at",
            "claimed_by_id",
            "state",
            where=state.in_(_OPEN_VALUES),
        ),
        partial_index(
            "ix_case_claimed",
            "claimed_by_id",
            "priority",
            "opened_at",
            where=and_(claimed_by_id.is_not(None), state.in_(_OPEN_VALUES)),
        ),
        Index("ix_case_holder", "holder_id", "state"),
        Index("ix_case_closed_at", "closed_at"),
    )

    @property
    def is_open(self) -> bool:
        """Tells whether somebody still has to do something about the case."""
        return self.state in OPEN_STATES

    @property
    def is_with_triage(self) -> bool:
        """Tells whether the triage team holds the case and may act on it: it is open and no handover stands."""
        return self.is_open and self.state not in (CaseState.HANDED_OVER, CaseState.IN_PROGRESS)

    @property
    def is_concern(self) -> bool:
        """Tells whether the case is about a worry for a person: the team says so, or whoever sent an observation."""
        return Kind.CONCERN in (self.kind, *(observation.kind for observation in self.observations))

    @property
    def works_are_locked(self) -> bool:
        """Tells whether public works must stay away: somebody may live there and no outreach team has cleared it."""
        return self.occupancy in (Occupancy.POSSIBLE, Occupancy.IN_USE)

    @property
    def counts_toward_the_plan(self) -> bool:
        """Tells whether it is decided what the case counts toward: a confirmed action, or none on purpose."""
        return self.is_out_of_plan or any(link.state is LinkState.CONFIRMED for link in self.links)

    def is_overdue_at(self, at: datetime) -> bool:
        """Tells whether the deadline has passed while the case is still open."""
        return self.is_open and self.due_at is not None and self.due_at < at


class CaseObservation(Model):
    """Membership of an observation in a case: one case at a time, the same from its first day unless merged."""

    __tablename__ = "case_observation"
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), primary_key=True, unique=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Link(Model):
    """A link between a case and an action of the plan: suggested, confirmed or rejected, by whom and when.

    Rejected links are kept.
    """

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("case_id", "action_id"), Index("ix_link_action_id_state", "action_id", "state"))
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    state: Mapped[LinkState] = mapped_column(enum_column(LinkState))
    suggested_by: Mapped[str] = mapped_column(String(12))
    """The source of the suggestion: `category`, `queue` or `person`."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    case: Mapped[Case] = relationship(back_populates="links")
    action: Mapped[Action] = relationship()
    decided_by: Mapped[Person | None] = relationship()
