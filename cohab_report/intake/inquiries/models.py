"""A question from triage to one author (« demande de précision »).

A catalogue question, in contrast, is asked of everybody.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.db import Id, Model, UtcDateTime, enum_column, partial_index


class InquiryState(StrEnum):
    """The state of an inquiry."""

    OPEN = "open"
    ANSWERED = "answered"
    DECLINED = "declined"
    DROPPED = "dropped"


class Inquiry(Model):
    """One question about one observation; at most one is open at a time."""

    __tablename__ = "inquiry"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id", ondelete="CASCADE"), index=True)
    state: Mapped[InquiryState] = mapped_column(enum_column(InquiryState))
    question: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str] = mapped_column(Text, default="")
    answer_flags: Mapped[list[str]] = mapped_column(JSON)
    """Kinds of personal wording detected in the answer, for triage; never the words."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    __table_args__ = (
        partial_index(
            "ix_inquiry_open",
            "observation_id",
            unique=True,
            where=state == InquiryState.OPEN.value,
        ),
    )

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer."""
        return self.state is InquiryState.OPEN

    @property
    def is_erased(self) -> bool:
        """Whether its answer was erased by its author."""
        return self.state is InquiryState.ANSWERED and not self.answer
