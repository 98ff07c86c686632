"""A photo that came with an observation: what became of it, and where its files lie. Of the original it knows a keyed hash."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, one_of
from cohab_report.errors import MoveRefused
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Person

MOST = 3
"""Photos that an observation may carry."""


class PhotoState(StrEnum):
    """Where a photo is in its life."""

    RECEIVED = "received"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    REFUSED = "refused"
    REMOVED = "removed"
    DROPPED = "dropped"


_ENDS = {PhotoState.REMOVED, PhotoState.DROPPED}
MOVES: Mapping[PhotoState, frozenset[PhotoState]] = {
    PhotoState.RECEIVED: frozenset({PhotoState.WAITING, PhotoState.REFUSED, *_ENDS}),
    PhotoState.WAITING: frozenset({PhotoState.APPROVED, PhotoState.REJECTED, *_ENDS}),
    PhotoState.APPROVED: frozenset({PhotoState.REJECTED, *_ENDS}),
    PhotoState.REFUSED: frozenset({PhotoState.RECEIVED}),
    PhotoState.REJECTED: frozenset(),
    PhotoState.REMOVED: frozenset(),
    PhotoState.DROPPED: frozenset(),
}
STANDING = (PhotoState.RECEIVED, PhotoState.WAITING, PhotoState.APPROVED)
_STANDING = [state.value for state in STANDING]


class PhotoReason(StrEnum):
    """Why a photo is not there: what the darkroom, the team, a guard rail or the author said."""

    NOT_A_PICTURE = "not_a_picture"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    TOO_SLOW = "too_slow"
    LOST = "lost"
    PERSON = "person"
    BELONGINGS = "belongings"
    PLATE_OR_ADDRESS = "plate_or_address"
    NOTHING_TO_SEE = "nothing_to_see"
    OTHER = "other"
    OCCUPANCY = "occupancy"
    PROTECTED = "protected"
    BY_AUTHOR = "by_author"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


OURS = (PhotoReason.TOO_SLOW, PhotoReason.LOST)
"""Refusals that say nothing against the file: sent again, it is tried again."""
REJECTIONS = (
    PhotoReason.PERSON, PhotoReason.BELONGINGS, PhotoReason.PLATE_OR_ADDRESS, PhotoReason.NOTHING_TO_SEE, PhotoReason.OTHER,
)  # fmt: skip
"""What a triage worker may say of a photo that is not kept."""


class Photo(Model):
    """One photo of one observation."""

    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; stands in the addresses of those who may see it, and names no file."""
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"))
    position: Mapped[int] = mapped_column(Integer)
    """First, second or third of its observation."""
    state: Mapped[PhotoState] = mapped_column(one_of(PhotoState))
    reason: Mapped[PhotoReason | None] = mapped_column(one_of(PhotoReason))
    digest: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the bytes that were sent, within this observation: the same file again is the same photo."""
    incoming_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Where the sealed original lies until it is developed."""
    incoming_key: Mapped[str | None] = mapped_column(String(64), deferred=True)
    """The only key to it; emptied with it."""
    full_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    small_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a worker last began to develop it."""
    tries: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    observation: Mapped[Observation] = relationship()
    decided_by: Mapped[Person | None] = relationship()

    __table_args__ = (
        UniqueConstraint("observation_id", "digest"),
        Index(
            "ix_photo_place", "observation_id", "position", unique=True,
            sqlite_where=state.in_(_STANDING), postgresql_where=state.in_(_STANDING),
        ),
        Index("ix_photo_received", "id", sqlite_where=state == "received", postgresql_where=state == "received"),
    )  # fmt: skip

    @property
    def is_standing(self) -> bool:
        """Whether it takes one of the places of its observation."""
        return self.state in STANDING

    @property
    def has_picture(self) -> bool:
        """Whether there is something to look at."""
        return self.full_name is not None

    @property
    def is_approved(self) -> bool:
        """Whether triage let it be seen by those who work on the case and by its author."""
        return self.state is PhotoState.APPROVED

    @property
    def may_be_tried_again(self) -> bool:
        """Whether it was refused for a reason that says nothing against the file."""
        return self.state is PhotoState.REFUSED and self.reason in OURS

    def may_move_to(self, state: PhotoState) -> bool:
        """Whether the table of moves leads there from here."""
        return state in MOVES[self.state]

    def move_to(self, state: PhotoState) -> None:
        """The photo is in `state`; raises MoveRefused (why: photo) where the table of moves has no such step."""
        if not self.may_move_to(state):
            raise MoveRefused("photo", self.state.value, state.value, "photo")
        self.state = state

    def file_of(self, size: str) -> str | None:
        """The name of its file in this size, `small` or `full`; None where there is none."""
        return {"small": self.small_name, "full": self.full_name}.get(size)
