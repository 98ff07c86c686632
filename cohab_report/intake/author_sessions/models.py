"""The table of author sessions. A row opens nothing without its token, which only the browser's cookie has."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, enum_column
from cohab_report.intake.models import Observation


class AuthorPage(StrEnum):
    """The page that a session opens."""

    RECEIPT = "receipt"
    FOLLOW = "follow"


class AuthorSession(Model):
    """The right of one browser to open one page of one observation, for a while."""

    __tablename__ = "author_session"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Hash of the token of 256 random bits that the cookie has."""
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id", ondelete="CASCADE"), index=True)
    page: Mapped[AuthorPage] = mapped_column(enum_column(AuthorPage))
    sealed: Mapped[str] = mapped_column(Text, default="")
    """What the page needs besides the observation, encrypted with a key derived from the token: the code, the place."""
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    observation: Mapped[Observation] = relationship()
