"""The journal's table."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import JSON, Boolean, Index, Integer, String, Text, and_
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.db import Id, Model, UtcDateTime, partial_index


class Actor(Protocol):
    """Whoever acts: a person of a partner, a resident, or the system."""

    @property
    def journal_name(self) -> str:
        """Returns the journal's identifier of this actor: `person:7`, `resident`, `system`; never a name."""
        ...


class Event(Model):
    """One event: its name in the past tense, its actor, its facts.

    Its thread is the public reference of an observation or a case.
    """

    __tablename__ = "event"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    happened_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    name: Mapped[str] = mapped_column(String(64))
    thread: Mapped[str] = mapped_column(String(32), index=True)
    actor: Mapped[str] = mapped_column(String(32))
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    is_public: Mapped[bool] = mapped_column(Boolean)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """How often a worker has claimed it."""
    last_error: Mapped[str | None] = mapped_column(Text)
    """The name of the type of the error that ended the last attempt, never its text."""
    retry_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it is tried again after a failure; None: at once."""
    set_aside_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when it is not tried any more, until an admin puts it back."""

    __table_args__ = (
        partial_index("ix_event_waiting", "attempts", "id", where=and_(done_at.is_(None), set_aside_at.is_(None))),
        partial_index("ix_event_set_aside_at", "set_aside_at", where=set_aside_at.is_not(None)),
        Index("ix_event_name_happened_at", "name", "happened_at"),
    )
