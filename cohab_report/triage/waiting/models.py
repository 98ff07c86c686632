"""Tables of queues, in which cases wait, and of the filters of queues that people save."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, Words, db, enum_column
from cohab_report.partners.models import Person, Purpose
from cohab_report.plan.models import Action


class QueueKind(StrEnum):
    """The kind of a queue, beside its purpose: normal, for occupancy checks, or quarantine."""

    NORMAL = "normal"
    OCCUPANCY = "occupancy"
    QUARANTINE = "quarantine"


queue_action = Table(
    "queue_action",
    db.metadata,
    Column("queue_id", ForeignKey("queue.id", ondelete="CASCADE"), primary_key=True),
    Column("action_id", ForeignKey("action.id"), primary_key=True),
)


class Queue(Model):
    """A queue in which open cases wait, for one purpose; its actions are suggested to the cases in it."""

    __tablename__ = "queue"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    position: Mapped[int] = mapped_column(Integer)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    purpose: Mapped[Purpose] = mapped_column(enum_column(Purpose))
    kind: Mapped[QueueKind] = mapped_column(enum_column(QueueKind))
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    actions: Mapped[list[Action]] = relationship(secondary=queue_action, order_by=Action.code)


class SavedFilter(Model):
    """A filter of a queue that a person of the team saved under a name; shared ones are read by the whole team."""

    __tablename__ = "saved_filter"
    __table_args__ = (UniqueConstraint("person_id", "name"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[dict[str, str]] = mapped_column(JSON)
    """The filter's query parameters, as the address of the queue's page has them, and nothing else of it."""
    is_shared: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    person: Mapped[Person] = relationship()
    queue: Mapped[Queue] = relationship()
