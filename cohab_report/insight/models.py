"""The tables of figures: counts of observations by month, and the publications made of them.

A worker rebuilds the monthly counts from observations, cases and links, so that no page has to count a hundred thousand
rows. It then makes publications of them: the suppressed tables of one quarter for one audience. Pages and files read
publications alone and say until when they count.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.catalogue.models import Kind
from cohab_report.db import Id, Model, UtcDateTime, enum_column


class Audience(StrEnum):
    """For whom figures are suppressed."""

    PUBLIC = "public"
    COMMITTEE = "committee"


class MonthlyCount(Model):
    """How many observations were received in a month, by category, sector, outcome, and whether out of the plan."""

    __tablename__ = "monthly_count"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month: Mapped[date] = mapped_column(Date)
    """The first day of the month, in the city's time zone."""
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    outcome: Mapped[str] = mapped_column(String(24))
    """The closing reason's code, or `open`."""
    is_out_of_plan: Mapped[bool]
    observations: Mapped[int] = mapped_column(Integer)
    cases: Mapped[int] = mapped_column(Integer)
    """Cases opened in the month; those merged into another are not counted."""
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (
        UniqueConstraint("month", "category_id", "sector_id", "outcome", "is_out_of_plan", name="uq_monthly_count_key"),
        Index("ix_monthly_count_counted_at", "counted_at"),
    )


class ActionMonthlyCount(Model):
    """How many observations of one month count toward one action, by kind: confirmed links only."""

    __tablename__ = "action_monthly_count"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    month: Mapped[date] = mapped_column(Date)
    """The first day of the month, in the city's time zone."""
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"))
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    observations: Mapped[int] = mapped_column(Integer)
    cases: Mapped[int] = mapped_column(Integer)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    __table_args__ = (UniqueConstraint("month", "action_id", "kind", name="uq_action_monthly_count_key"),)


class Publication(Model):
    """The tables that one audience reads of one quarter.

    The public's never changes, so that two versions can't be subtracted.
    """

    __tablename__ = "publication"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    audience: Mapped[Audience] = mapped_column(enum_column(Audience))
    quarter: Mapped[date] = mapped_column(Date)
    """Its first day."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When its monthly counts were counted; moves with theirs as long as they stay the same."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    """`QuarterTables` as `quarter_tables.to_json` writes them: suppressed, without the hidden numbers."""
    __table_args__ = (UniqueConstraint("audience", "quarter"),)
