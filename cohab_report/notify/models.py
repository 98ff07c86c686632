"""The table of deliveries: one message to one recipient, and what became of it."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.db import Id, Model, UtcDateTime, enum_column

RETRY_DELAYS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long to wait after the first, second, … temporary failure before trying again."""


class DeliveryState(StrEnum):
    """The state of a delivery."""

    WAITING = "waiting"
    SENT = "sent"
    TOGETHER = "together"
    """Its news is part of the e-mail of another delivery to the same recipient (`told_with_id`)."""
    GIVEN_UP = "given_up"


class Delivery(Model):
    """A message that one recipient is owed because of one event.

    Unique on event and recipient, so that a repetition sends nothing twice.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("event_id", "recipient"),
        Index("ix_delivery_state_due_at", "state", "due_at"),
        Index("ix_delivery_recipient", "recipient", "state"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id"))
    recipient: Mapped[str] = mapped_column(String(40))
    """`partner:7` or `contact:12`: the address is looked up when sending, so that erasing it erases it everywhere."""
    channel: Mapped[str] = mapped_column(String(12))
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a worker first claimed it: from then on nothing is added to its e-mail, so that a repetition is identical.
    """
    told_with_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id", ondelete="SET NULL"), index=True)
    """The delivery whose e-mail contains this one's news."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_problem: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_to_a_resident(self) -> bool:
        """Whether it goes to the address that a resident left for an observation, which only this program reads."""
        return self.recipient.startswith("contact:")

    def is_sent(self, *, at: datetime) -> None:
        """Marks the message as sent."""
        self.state, self.sent_at, self.attempts = DeliveryState.SENT, at, self.attempts + 1

    def give_up(self, problem: str) -> None:
        """Gives the message up for good; `problem` is the code of the reason."""
        self.state, self.last_problem, self.attempts = DeliveryState.GIVEN_UP, problem, self.attempts + 1

    def try_again_after(self, problem: str, *, at: datetime) -> None:
        """Makes the message due again later, or gives it up after the last retry.

        `problem` is the code of the failure.
        """
        if self.attempts >= len(RETRY_DELAYS):
            self.give_up(problem)
            return
        self.due_at, self.last_problem, self.attempts = at + RETRY_DELAYS[self.attempts], problem, self.attempts + 1
