"""A photo of an observation: its state, and the names of its files. Of the original only a keyed hash stays."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, enum_column, partial_index
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Person
from cohab_report.state_machine import StateMachine

MAX_PHOTOS = 3
"""Photos that an observation may carry."""


class PhotoState(StrEnum):
    """The state of a photo."""

    RECEIVED = "received"
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    REFUSED = "refused"
    REMOVED = "removed"
    DROPPED = "dropped"


_ENDED_STATES = {PhotoState.REMOVED, PhotoState.DROPPED}
PHOTO_MOVES: Mapping[PhotoState, frozenset[PhotoState]] = {
    PhotoState.RECEIVED: frozenset({PhotoState.WAITING, PhotoState.REFUSED, *_ENDED_STATES}),
    PhotoState.WAITING: frozenset({PhotoState.APPROVED, PhotoState.REJECTED, *_ENDED_STATES}),
    PhotoState.APPROVED: frozenset({PhotoState.REJECTED, *_ENDED_STATES}),
    # Whoever isn't told that a photo is gone may still remove it.
    PhotoState.REFUSED: frozenset({PhotoState.RECEIVED, PhotoState.REMOVED}),
    PhotoState.REJECTED: frozenset({PhotoState.REMOVED}),
    PhotoState.REMOVED: frozenset(),
    PhotoState.DROPPED: frozenset({PhotoState.REMOVED}),
}
STANDING_PHOTO_STATES = (PhotoState.RECEIVED, PhotoState.WAITING, PhotoState.APPROVED)
"""The states of a photo that takes one of the places of its observation."""
_STANDING_PHOTO_VALUES = [state.value for state in STANDING_PHOTO_STATES]


class PhotoReason(StrEnum):
    """Why a photo was refused, rejected, removed or dropped."""

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


RETRYABLE_REASONS = (PhotoReason.TOO_SLOW, PhotoReason.LOST)
"""Refusals that say nothing against the file: the same file is tried again when it is sent again."""
REJECTION_REASONS = (
    PhotoReason.PERSON,
    PhotoReason.BELONGINGS,
    PhotoReason.PLATE_OR_ADDRESS,
    PhotoReason.NOTHING_TO_SEE,
    PhotoReason.OTHER,
)
"""The reasons that a triage worker may choose."""


class Photo(StateMachine[PhotoState], Model):
    """One photo of one observation."""

    MOVES, NOUN, WHY_REFUSED = PHOTO_MOVES, "photo", "photo"

    __tablename__ = "photo"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference: Mapped[str] = mapped_column(String(32), unique=True)
    """Random; part of the addresses for those who may see the photo, and of no file name."""
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id"))
    position: Mapped[int] = mapped_column(Integer)
    """First, second or third of its observation."""
    state: Mapped[PhotoState] = mapped_column(enum_column(PhotoState))
    reason: Mapped[PhotoReason | None] = mapped_column(enum_column(PhotoReason))
    digest: Mapped[str] = mapped_column(String(64))
    """Keyed hash of the bytes that were sent, within this observation: the same file again is the same photo."""
    incoming_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    """File name of the encrypted original until it is re-encoded."""
    incoming_key: Mapped[str | None] = mapped_column(String(64), deferred=True)
    """The only key of the original; erased with it."""
    full_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    small_name: Mapped[str | None] = mapped_column(String(64), unique=True)
    width: Mapped[int | None] = mapped_column(Integer)
    height: Mapped[int | None] = mapped_column(Integer)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a worker last claimed it for re-encoding."""
    tries: Mapped[int] = mapped_column(Integer)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))

    observation: Mapped[Observation] = relationship()
    decided_by: Mapped[Person | None] = relationship()

    __table_args__ = (
        UniqueConstraint("observation_id", "digest"),
        partial_index(
            "ix_photo_place",
            "observation_id",
            "position",
            unique=True,
            where=state.in_(_STANDING_PHOTO_VALUES),
        ),
        partial_index("ix_photo_received", "id", where=state == "received"),
    )

    @property
    def is_standing(self) -> bool:
        """Whether it takes one of the places of its observation."""
        return self.state in STANDING_PHOTO_STATES

    @property
    def has_picture(self) -> bool:
        """Whether there is a re-encoded picture."""
        return self.full_name is not None

    @property
    def is_approved(self) -> bool:
        """Whether triage approved it for those who work on the case and for its author."""
        return self.state is PhotoState.APPROVED

    @property
    def may_be_tried_again(self) -> bool:
        """Whether it was refused for a reason that says nothing against the file."""
        return self.state is PhotoState.REFUSED and self.reason in RETRYABLE_REASONS

    def file_of(self, size: str) -> str | None:
        """Returns the file name of the size `small` or `full`; None where there is none."""
        return {"small": self.small_name, "full": self.full_name}.get(size)
