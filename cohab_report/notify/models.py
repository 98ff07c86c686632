"""One message to one address: what became of telling somebody."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.db import Id, Model, UtcDateTime, one_of

PATIENCE = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long to wait after the first, second, … failure that may pass."""


class DeliveryState(StrEnum):
    """Where a delivery is in its life."""

    WAITING = "waiting"
    SENT = "sent"
    TOGETHER = "together"
    """What it says is in the letter of another delivery to the same recipient."""
    GIVEN_UP = "given_up"


class Delivery(Model):
    """A message that one recipient is owed because of one event; unique, so that repeating tells nobody twice."""

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
    state: Mapped[DeliveryState] = mapped_column(one_of(DeliveryState))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When somebody first set out to send it: from then on nothing is added to its letter, so that a repetition says the same."""
    told_with_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id", ondelete="SET NULL"), index=True)
    """The delivery in whose letter this one is told."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_problem: Mapped[str] = mapped_column(Text, default="")

    @property
    def is_to_a_resident(self) -> bool:
        """Whether it goes to an address that somebody left for an observation, which nobody but this program reads."""
        return self.recipient.startswith("contact:")

    def is_sent(self, *, at: datetime) -> None:
        """The message left."""
        self.state, self.sent_at, self.attempts = DeliveryState.SENT, at, self.attempts + 1

    def give_up(self, problem: str) -> None:
        """The message will never leave, and `problem` codes why."""
        self.state, self.last_problem, self.attempts = DeliveryState.GIVEN_UP, problem, self.attempts + 1

    def try_again_after(self, problem: str, *, at: datetime) -> None:
        """The message is due again later, or given up when patience is at its end."""
        if self.attempts >= len(PATIENCE):
            self.give_up(problem)
            return
        self.due_at, self.last_problem, self.attempts = at + PATIENCE[self.attempts], problem, self.attempts + 1
