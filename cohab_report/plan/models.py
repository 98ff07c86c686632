"""Tables of the plan as published: fields, actions, their partners, sources and milestones. No progress is ever made up
here.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Integer, String, Table, Text
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, Words, db, enum_column
from cohab_report.partners.models import Partner


class Origin(StrEnum):
    """Whether a row's content was published by the city or is demo data."""

    PUBLISHED = "published"
    DEMO = "demo"


class InPlan(StrEnum):
    """How surely a source shows that an action belongs to the plan."""

    STATED = "stated"
    CITY_PAGE = "city_page"
    INFERRED = "inferred"


class ActionStatus(StrEnum):
    """An action's published status."""

    NOT_PUBLISHED = "not_published"
    UPCOMING = "upcoming"
    UNDER_WAY = "under_way"
    DONE = "done"
    POSTPONED = "postponed"
    ABANDONED = "abandoned"


class Field(Model):
    """A field of intervention of the plan."""

    __tablename__ = "field"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    position: Mapped[int] = mapped_column(Integer)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    actions: Mapped[list["Action"]] = relationship(back_populates="field", order_by="Action.position")


class Source(Model):
    """A public page that supports an action, and the day it was read."""

    __tablename__ = "source"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    seen_on: Mapped[date | None] = mapped_column(Date)


action_support = Table(
    "action_support",
    db.metadata,
    Column("action_id", ForeignKey("action.id", ondelete="CASCADE"), primary_key=True),
    Column("partner_id", ForeignKey("partner.id"), primary_key=True),
)
action_source = Table(
    "action_source",
    db.metadata,
    Column("action_id", ForeignKey("action.id", ondelete="CASCADE"), primary_key=True),
    Column("source_id", ForeignKey("source.id"), primary_key=True),
)


class Action(Model):
    """An action of the plan, with its leading partner, supporting partners and sources."""

    __tablename__ = "action"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    field_id: Mapped[int] = mapped_column(ForeignKey("field.id"), index=True)
    position: Mapped[int] = mapped_column(Integer)
    title_fr: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    title: Mapped[Words] = composite(Words, "title_fr", "title_en")
    lead_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    from_year: Mapped[int | None] = mapped_column(Integer)
    to_year: Mapped[int | None] = mapped_column(Integer)
    period_fr: Mapped[str] = mapped_column(Text, default="")
    period_en: Mapped[str] = mapped_column(Text, default="")
    period: Mapped[Words] = composite(Words, "period_fr", "period_en")
    status: Mapped[ActionStatus] = mapped_column(enum_column(ActionStatus))
    indicator_fr: Mapped[str] = mapped_column(Text, default="")
    indicator_en: Mapped[str] = mapped_column(Text, default="")
    indicator: Mapped[Words] = composite(Words, "indicator_fr", "indicator_en")
    target: Mapped[str] = mapped_column(Text, default="")
    budget_cents: Mapped[int | None] = mapped_column(BigInteger)
    funding_fr: Mapped[str] = mapped_column(Text, default="")
    funding_en: Mapped[str] = mapped_column(Text, default="")
    funding: Mapped[Words] = composite(Words, "funding_fr", "funding_en")
    note_fr: Mapped[str] = mapped_column(Text, default="")
    note_en: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[Words] = composite(Words, "note_fr", "note_en")
    origin: Mapped[Origin] = mapped_column(enum_column(Origin))
    in_plan: Mapped[InPlan] = mapped_column(enum_column(InPlan))
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    field: Mapped[Field] = relationship(back_populates="actions")
    lead: Mapped[Partner] = relationship()
    support: Mapped[list[Partner]] = relationship(secondary=action_support, order_by=Partner.code)
    sources: Mapped[list[Source]] = relationship(secondary=action_source, order_by=Source.key)
    milestones: Mapped[list["Milestone"]] = relationship(back_populates="action", order_by="Milestone.due_on")


class Milestone(Model):
    """A dated step of an action."""

    __tablename__ = "milestone"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    title_fr: Mapped[str] = mapped_column(Text)
    title_en: Mapped[str] = mapped_column(Text)
    title: Mapped[Words] = composite(Words, "title_fr", "title_en")
    due_on: Mapped[date] = mapped_column(Date)
    done_on: Mapped[date | None] = mapped_column(Date)
    origin: Mapped[Origin] = mapped_column(enum_column(Origin))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[Action] = relationship(back_populates="milestones")
