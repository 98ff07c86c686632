"""The table of cell counts: rows of plus or minus one are only added, and a cell's count is their sum.

Each night's edition recounts all of them.
"""

from datetime import date

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Index, Integer, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from cohab_report.catalogue.models import Kind
from cohab_report.db import Id, Model, enum_column
from cohab_report.intake.models import Status

CELL_LEVELS = (0, 2, 4, 6)
"""Halvings of the lattice that a cell is made of: sides of about 150 m, 600 m, 2.4 km and 9.6 km."""
CELL_SPANS = (30, 90)
"""Periods of the map's filter, in days."""


class CellCount(Model):
    """A change of the number of public observations in one cell, by level, period and filter columns."""

    __tablename__ = "cell_count"
    __table_args__ = (
        Index("ix_cell_count_level", "level", "days", "cell"),
        Index("ix_cell_count_days_since", "days", "since"),
    )
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    days: Mapped[int] = mapped_column(SmallInteger)
    since: Mapped[date] = mapped_column(Date)
    """The first day that counts; the same in all rows of one period until the next recount."""
    cell: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    status: Mapped[Status] = mapped_column(enum_column(Status))
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    is_exact: Mapped[bool] = mapped_column(Boolean)
    """Whether these observations may also be shown as points."""
    n: Mapped[int] = mapped_column(Integer)
