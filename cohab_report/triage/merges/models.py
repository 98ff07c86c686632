"""Tables of merges: what both cases, their links and their observations were before.

Ids, codes and times only. No text; and no public point or cell of an observation: both follow from its own point and
its protection, and must be gone when it is withdrawn.
"""

from datetime import date, datetime

from sqlalchemy import Boolean, Date, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cohab_report.catalogue.models import Priority, Protection
from cohab_report.db import Id, Model, OrderedEnum, UtcDateTime, enum_column
from cohab_report.intake.models import Status
from cohab_report.triage.models import CaseState, LinkState, Occupancy


class Merge(Model):
    """A merge of one case into another, with both cases as they were. It is written once and never changed."""

    __tablename__ = "merge"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    merged_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    merged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """None, like `merged_by_id`, only in a reconstructed row whose event the journal does not hold."""
    is_reconstructed: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether a migration made it, long after, of what could still be known: it can't be undone exactly."""
    cases: Mapped[list["CaseBeforeMerge"]] = relationship(order_by="CaseBeforeMerge.case_id")
    links: Mapped[list["LinkBeforeMerge"]] = relationship(order_by="LinkBeforeMerge.action_id")
    observations: Mapped[list["ObservationBeforeMerge"]] = relationship(
        order_by="ObservationBeforeMerge.observation_id"
    )

    @property
    def moved_observation_ids(self) -> list[int]:
        """Returns the ids of the observations that came with the merged case, wherever they are now."""
        return [each.observation_id for each in self.observations if each.case_id == self.case_id]


class CaseBeforeMerge(Model):
    """The columns that a merge changes of one of its two cases, as they were; named as in `Case`."""

    __tablename__ = "case_before_merge"
    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True, index=True)
    state: Mapped[CaseState | None] = mapped_column(enum_column(CaseState))
    """None only in a reconstructed merge: the state was overwritten."""
    protection: Mapped[Protection] = mapped_column(OrderedEnum(Protection))
    priority: Mapped[Priority] = mapped_column(OrderedEnum(Priority))
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"))
    occupancy: Mapped[Occupancy] = mapped_column(enum_column(Occupancy))
    occupancy_doubted_on: Mapped[date | None] = mapped_column(Date)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_out_of_plan: Mapped[bool] = mapped_column(Boolean)
    claimed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class LinkBeforeMerge(Model):
    """A link of one of the two cases to an action of the plan, as it was before the merge; named as in `Link`."""

    __tablename__ = "link_before_merge"
    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id", ondelete="CASCADE"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), primary_key=True, index=True)
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id"), primary_key=True)
    state: Mapped[LinkState] = mapped_column(enum_column(LinkState))
    suggested_by: Mapped[str] = mapped_column(String(12))
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ObservationBeforeMerge(Model):
    """An observation of one of the two cases, as it was before the merge; named as in `Observation`."""

    __tablename__ = "observation_before_merge"
    merge_id: Mapped[int] = mapped_column(ForeignKey("merge.id", ondelete="CASCADE"), primary_key=True)
    observation_id: Mapped[int] = mapped_column(
        ForeignKey("observation.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    case_id: Mapped[int] = mapped_column(ForeignKey("case.id", ondelete="CASCADE"), index=True)
    """The case that it belonged to."""
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    protection: Mapped[Protection | None] = mapped_column(OrderedEnum(Protection))
    """None, like `public_protection` and `status`, only in a reconstructed merge."""
    public_protection: Mapped[Protection | None] = mapped_column(OrderedEnum(Protection))
    status: Mapped[Status | None] = mapped_column(enum_column(Status))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
