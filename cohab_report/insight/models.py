"""The monthly cube: how many observations a month, so that no page has to count a hundred thousand rows.

Rebuilt from observations, cases and links, by a worker, which then makes publications of it: the suppressed tables of one quarter for one
audience. Pages and files read publications alone and say until when they count.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.catalogue.models import Kind
from cohab_report.db import Id, Model, UtcDateTime, one_of


class Audience(StrEnum):
    """For whom figures are suppressed."""

    PUBLIC = "public"
    COMMITTEE = "committee"


class Tally(Model):
    """How many observations were received in one month, of one category, in one sector, whose case stands so and counts toward this."""

    __tablename__ = "tally"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month: Mapped[date] = mapped_column(Date)
    """The first day of the month, in the city's time zone."""
    kind: Mapped[Kind] = mapped_column(one_of(Kind))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    outcome: Mapped[str] = mapped_column(String(24))
    """`open`, `out_of_plan` marks apart; otherwise the closing reason's code."""
    is_out_of_plan: Mapped[bool]
    observations: Mapped[int] = mapped_column(Integer)
    cases: Mapped[int] = mapped_column(Integer)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (
        UniqueConstraint("month", "category_id", "sector_id", "outcome", "is_out_of_plan", name="uq_tally_cell"),
        Index("ix_tally_counted_at", "counted_at"),
    )


class ActionTally(Model):
    """How many observations of one month count toward one action, by kind: confirmed links only."""

    __tablename__ = "action_tally"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month: Mapped[date] = mapped_column(Date)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    kind: Mapped[Kind] = mapped_column(one_of(Kind))
    observations: Mapped[int] = mapped_column(Integer)
    cases: Mapped[int] = mapped_column(Integer)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("month", "action_id", "kind", name="uq_action_tally_cell"),)


class Publication(Model):
    """What one audience reads of one quarter. The public one stays as it was made, so that nobody learns from the difference of two."""

    __tablename__ = "publication"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    audience: Mapped[Audience] = mapped_column(one_of(Audience))
    quarter: Mapped[date] = mapped_column(Date)
    """Its first day."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The count that it was made of, the same instant as its tallies' as long as they didn't change."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """An edition as `editions.written` writes it: suppressed, nothing hidden inside it."""
    __table_args__ = (UniqueConstraint("audience", "quarter"),)
