"""The triage team's judgement on what residents sent: cases, the queues they wait in, and their links to the plan."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
)
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from cohab_report.catalogue.models import Category, Kind, Priority, Protection
from cohab_report.db import Id, Model, Ordered, UtcDateTime, Words, db, one_of
from cohab_report.errors import MoveRefused
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Partner, Person, Purpose
from cohab_report.plan.models import Action
from cohab_report.territory.models import Place, Sector


class QueueKind(StrEnum):
    """What a queue is for, beside its purpose."""

    NORMAL = "normal"
    OCCUPANCY = "occupancy"
    QUARANTINE = "quarantine"


class CaseState(StrEnum):
    """Where a case is in its life."""

    NEW = "new"
    OCCUPANCY_CHECK = "occupancy_check"
    ACCEPTED = "accepted"
    HANDED_OVER = "handed_over"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    MERGED = "merged"
    REOPEN_REQUESTED = "reopen_requested"


MOVES: Mapping[CaseState, frozenset[CaseState]] = {
    CaseState.NEW: frozenset({CaseState.OCCUPANCY_CHECK, CaseState.ACCEPTED, CaseState.MERGED, CaseState.CLOSED}),
    CaseState.OCCUPANCY_CHECK: frozenset(
        {CaseState.ACCEPTED, CaseState.HANDED_OVER, CaseState.MERGED, CaseState.CLOSED}
    ),
    CaseState.ACCEPTED: frozenset(
        {CaseState.OCCUPANCY_CHECK, CaseState.HANDED_OVER, CaseState.MERGED, CaseState.CLOSED}
    ),
    # What a partner holds comes back to triage before it is closed, so that no handover is ever left standing on a closed case.
    CaseState.HANDED_OVER: frozenset({CaseState.IN_PROGRESS, CaseState.ACCEPTED, CaseState.OCCUPANCY_CHECK}),
    CaseState.IN_PROGRESS: frozenset({CaseState.ACCEPTED, CaseState.OCCUPANCY_CHECK}),
    CaseState.CLOSED: frozenset({CaseState.REOPEN_REQUESTED}),
    CaseState.REOPEN_REQUESTED: frozenset({CaseState.ACCEPTED, CaseState.CLOSED}),
    CaseState.MERGED: frozenset(),
}
OPEN_STATES = tuple(state for state in CaseState if state not in (CaseState.CLOSED, CaseState.MERGED))
_OPEN = [state.value for state in OPEN_STATES]


class ClosingReason(StrEnum):
    """Why a case is closed; there is always one."""

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
    """How sure it is that a case counts toward an action."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


queue_action = Table(
    "queue_action", db.metadata,
    Column("queue_id", ForeignKey("queue.id", ondelete="CASCADE"), primary_key=True),
    Column("action_id", ForeignKey("action.id"), primary_key=True),
)  # fmt: skip


class Queue(Model):
    """Where open cases wait, for one purpose; its actions are suggested to the cases in it."""

    __tablename__ = "queue"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    position: Mapped[int] = mapped_column(Integer)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    purpose: Mapped[Purpose] = mapped_column(one_of(Purpose))
    kind: Mapped[QueueKind] = mapped_column(one_of(QueueKind))
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    actions: Mapped[list[Action]] = relationship(secondary=queue_action, order_by=Action.code)


class Case(Model):
    """The team's judgement on one or more observations of the same thing."""

    __tablename__ = "case"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    """The reference of the observation that opened it."""
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    state: Mapped[CaseState] = mapped_column(one_of(CaseState))
    kind: Mapped[Kind] = mapped_column(one_of(Kind))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    protection: Mapped[Protection] = mapped_column(Ordered(Protection))
    priority: Mapped[Priority] = mapped_column(Ordered(Priority))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closing_reason: Mapped[ClosingReason | None] = mapped_column(one_of(ClosingReason))
    closing_note: Mapped[str] = mapped_column(Text, default="")
    recode_reason: Mapped[str] = mapped_column(Text, default="")
    """Why the team last changed the category."""
    is_out_of_plan: Mapped[bool] = mapped_column(Boolean, default=False)
    occupancy: Mapped[Occupancy] = mapped_column(one_of(Occupancy))
    occupancy_on: Mapped[date | None] = mapped_column(Date)
    occupancy_note: Mapped[str] = mapped_column(Text, default="")
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    """The partner that holds it; None means the triage team does."""
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
        Index(
            "ix_case_open", "queue_id", "priority", "opened_at", "id", "due_at", "claimed_by_id", "state",
            sqlite_where=state.in_(_OPEN), postgresql_where=state.in_(_OPEN),
        ),
        Index(
            "ix_case_claimed", "claimed_by_id", "priority", "opened_at",
            sqlite_where=and_(claimed_by_id.is_not(None), state.in_(_OPEN)),
            postgresql_where=and_(claimed_by_id.is_not(None), state.in_(_OPEN)),
        ),
        Index("ix_case_holder", "holder_id", "state"),
        Index("ix_case_closed_at", "closed_at"),
    )  # fmt: skip

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.state in OPEN_STATES

    @property
    def is_with_triage(self) -> bool:
        """Whether the triage team has it in hand and may act on it: no handover stands and it is not over."""
        return self.is_open and self.state not in (CaseState.HANDED_OVER, CaseState.IN_PROGRESS)

    @property
    def works_are_locked(self) -> bool:
        """Whether public works must stay away: somebody may live there and outreach has not cleared the place."""
        return self.occupancy in (Occupancy.POSSIBLE, Occupancy.IN_USE)

    @property
    def counts_toward_the_plan(self) -> bool:
        """Whether it is decided what the case counts toward: a confirmed action, or none on purpose."""
        return self.is_out_of_plan or any(link.state is LinkState.CONFIRMED for link in self.links)

    def is_overdue_at(self, at: datetime) -> bool:
        """Whether its deadline has passed while it is still open."""
        return self.is_open and self.due_at is not None and self.due_at < at

    def may_move_to(self, state: CaseState) -> bool:
        """Whether the table of moves leads there from here."""
        return state in MOVES[self.state]

    def move_to(self, state: CaseState) -> None:
        """The case is in `state`; raises MoveRefused where the table of moves has no such step."""
        if not self.may_move_to(state):
            raise MoveRefused("case", self.state.value, state.value)
        self.state = state


class CaseObservation(Model):
    """An observation's place in a case: one case at a time, the same from its first day unless merged."""

    __tablename__ = "case_observation"
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"), primary_key=True, unique=True)
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Link(Model):
    """A case tied to an action of the plan: suggested, confirmed or rejected, by whom and when. Rejections are kept."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("case_id", "action_id"), Index("ix_link_action_id_state", "action_id", "state"))
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"))
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    state: Mapped[LinkState] = mapped_column(one_of(LinkState))
    suggested_by: Mapped[str] = mapped_column(String(12))
    """`category`, `queue` or `person`."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    case: Mapped[Case] = relationship(back_populates="links")
    action: Mapped[Action] = relationship()
    decided_by: Mapped[Person | None] = relationship()


class SavedFilter(Model):
    """What a person of the team looks for in a queue, kept under a name; shared ones are read by the whole team."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("person_id", "name"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[dict[str, str]] = mapped_column(JSON)
    """The filters as the address of the queue's page says them, and nothing else of it."""
    is_shared: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    person: Mapped[Person] = relationship()
    queue: Mapped[Queue] = relationship()
