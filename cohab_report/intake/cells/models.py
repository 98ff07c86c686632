"""A ledger of what the map counts: rows are only added, and a cell's count is their sum. Once a day they are summed up and written anew."""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.catalogue.models import Kind
from cohab_report.db import Id, Model, one_of
from cohab_report.intake.models import Status

LEVELS = (0, 2, 4, 6)
"""How many halvings of the lattice a cell is made of: sides of about 150 m, 600 m, 2.4 km and 9.6 km."""
SPANS = (30, 90)
"""Days that a reader may ask for."""


class CellCount(Model):
    """So many more (or fewer) public observations of one sort in one cell."""

    __tablename__ = "cell_count"
    __table_args__ = (
        Index("ix_cell_count_level", "level", "days", "cell"),
        Index("ix_cell_count_days_since", "days", "since"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    days: Mapped[int] = mapped_column(SmallInteger)
    since: Mapped[date] = mapped_column(Date)
    """The first day that counts; the same in all rows of one span until they are written anew."""
    cell: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[Kind] = mapped_column(one_of(Kind))
    status: Mapped[Status] = mapped_column(one_of(Status))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    is_exact: Mapped[bool] = mapped_column(Boolean)
    """Whether these may also be shown as points."""
    n: Mapped[int] = mapped_column(Integer)
