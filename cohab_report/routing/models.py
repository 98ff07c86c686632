"""Tables of routing: rules that suggest a partner, and handovers that entrust a case to one."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, Words, enum_column, partial_index
from cohab_report.partners.models import Partner, Person
from cohab_report.plan.models import Source
from cohab_report.state_machine import StateMachine
from cohab_report.triage.models import Case, ClosingReason


class RuleOccupancy(StrEnum):
    """The occupancy of the place for which a rule applies."""

    ANY = "any"
    NONE = "none"
    POSSIBLE = "possible"


class RuleHours(StrEnum):
    """The hours of the triage team in which a rule applies: any, open or closed."""

    ANY = "any"
    OPEN = "open"
    CLOSED = "closed"


class RuleOrigin(StrEnum):
    """Whether a rule came with the city profile, or a person added it."""

    PROFILE = "profile"
    PERSON = "person"


class HandoverState(StrEnum):
    """The state of a handover in its life."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    GIVEN_BACK = "given_back"


HANDOVER_MOVES: Mapping[HandoverState, frozenset[HandoverState]] = {
    HandoverState.OFFERED: frozenset(
        {HandoverState.ACCEPTED, HandoverState.DECLINED, HandoverState.EXPIRED, HandoverState.GIVEN_BACK}
    ),
    HandoverState.ACCEPTED: frozenset({HandoverState.IN_PROGRESS, HandoverState.DONE, HandoverState.GIVEN_BACK}),
    HandoverState.IN_PROGRESS: frozenset({HandoverState.DONE, HandoverState.GIVEN_BACK}),
    HandoverState.DECLINED: frozenset(),
    HandoverState.EXPIRED: frozenset(),
    HandoverState.DONE: frozenset(),
    HandoverState.GIVEN_BACK: frozenset(),
}
"""The table of moves: from each state of a handover, the states that it may move to."""
HOLDING_STATES = (HandoverState.ACCEPTED, HandoverState.IN_PROGRESS)
"""The states in which the partner holds the case."""
STANDING_STATES = (HandoverState.OFFERED, *HOLDING_STATES)
"""The states in which the handover has not ended."""
_STANDING_STATE_VALUES = [state.value for state in STANDING_STATES]


class Rule(Model):
    """A row of the routing table: the first that fits, by position, suggests its partner and says why."""

    __tablename__ = "rule"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    position: Mapped[int] = mapped_column(Integer)
    categories: Mapped[list[str]] = mapped_column(JSON)
    queues: Mapped[list[str]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)
    sectors: Mapped[list[str]] = mapped_column(JSON)
    occupancy: Mapped[RuleOccupancy] = mapped_column(enum_column(RuleOccupancy))
    hours: Mapped[RuleHours] = mapped_column(enum_column(RuleHours))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    because_fr: Mapped[str] = mapped_column(Text)
    because_en: Mapped[str] = mapped_column(Text)
    because: Mapped[Words] = composite(Words, "because_fr", "because_en")
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    origin: Mapped[RuleOrigin] = mapped_column(enum_column(RuleOrigin), default=RuleOrigin.PROFILE)
    edited_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who last added, changed or retired it; None while it is as the profile says."""
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(Integer)
    partner: Mapped[Partner] = relationship()
    edited_by: Mapped[Person | None] = relationship()

    __mapper_args__ = {"version_id_col": version}

    @property
    def belongs_to_people(self) -> bool:
        """Tells whether a person added or edited it: loading a profile leaves it as it is."""
        return self.origin is RuleOrigin.PERSON or self.edited_at is not None


class LegalGround(Model):
    """A ground in law on which a person may transfer a case to the police, as the city profile lists them."""

    __tablename__ = "legal_ground"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    position: Mapped[int] = mapped_column(Integer)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    article: Mapped[str] = mapped_column(Text)
    """Where the law says so, as `art. 59.1`."""
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id"))
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    source: Mapped[Source] = relationship()
    """The law."""


class Handover(StateMachine[HandoverState], Model):
    """A handover: a case entrusted to one partner. A case has at most one that stands."""

    MOVES, NOUN = HANDOVER_MOVES, "handover"

    __tablename__ = "handover"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id"), index=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    state: Mapped[HandoverState] = mapped_column(enum_column(HandoverState))
    offered_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    offered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    rule_code: Mapped[str] = mapped_column(String(40), default="")
    """The rule that suggested this partner; empty when a person chose another."""
    suggested_partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why a person chose this partner; mandatory for a transfer to the police."""
    legal_ground_id: Mapped[int | None] = mapped_column(ForeignKey("legal_ground.id"))
    """The ground in law of a transfer to the police; None for every other handover."""
    answer: Mapped[str] = mapped_column(Text, default="")
    """The partner's words when declining, giving back or finishing."""
    outcome: Mapped[ClosingReason | None] = mapped_column(enum_column(ClosingReason))
    version: Mapped[int] = mapped_column(Integer)
    has_numbered_address: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether e-mails of before name its page by the row's number; no later handover can be opened by it."""
    case: Mapped[Case] = relationship()
    partner: Mapped[Partner] = relationship(foreign_keys=[partner_id])
    suggested_partner: Mapped[Partner | None] = relationship(foreign_keys=[suggested_partner_id])
    offered_by: Mapped[Person] = relationship()
    legal_ground: Mapped[LegalGround | None] = relationship()

    __mapper_args__ = {"version_id_col": version}
    __table_args__ = (
        partial_index(
            "uq_handover_standing",
            "case_id",
            unique=True,
            where=state.in_(_STANDING_STATE_VALUES),
        ),
        Index("ix_handover_partner_id_state", "partner_id", "state", "offered_at"),
    )

    @property
    def is_standing(self) -> bool:
        """Tells whether the handover has not ended."""
        return self.state in STANDING_STATES
