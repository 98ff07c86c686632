"""The journal's table."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import JSON, Boolean, Index, String, Text
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
    last_error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        partial_index("ix_event_unclaimed", "id", where=done_at.is_(None)),
        Index("ix_event_name_happened_at", "name", "happened_at"),
    )
