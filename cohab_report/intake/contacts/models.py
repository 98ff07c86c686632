"""One e-mail address that a resident left for one observation. The address itself is never in a column that can be read."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, one_of
from cohab_report.intake.models import Observation


class Ending(StrEnum):
    """Why an address is not kept any more."""

    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    UNDELIVERABLE = "undeliverable"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"


class Contact(Model):
    """Where the author of one observation wants to be told; once it has ended, nothing is left of the address."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id", ondelete="CASCADE"), unique=True)
    sealed: Mapped[str | None] = mapped_column(Text)
    """The address, encrypted; None once it is erased."""
    language: Mapped[str] = mapped_column(String(5))
    seed: Mapped[str | None] = mapped_column(String(43))
    """256 random bits from which, with a key that is not in the database, the tokens of its links are made."""
    confirm_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Keyed hash of the token that confirms; None once it was used."""
    stop_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Keyed hash of the token that ends it."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[Ending | None] = mapped_column(one_of(Ending))

    observation: Mapped[Observation] = relationship()

    __table_args__ = (
        Index("ix_contact_kept", "asked_at", sqlite_where=sealed.is_not(None), postgresql_where=sealed.is_not(None)),
    )

    @property
    def is_kept(self) -> bool:
        """Whether there is an address at all."""
        return self.sealed is not None

    @property
    def is_waiting(self) -> bool:
        """Whether the address still waits for its owner to confirm it."""
        return self.is_kept and self.confirmed_at is None

    @property
    def is_confirmed(self) -> bool:
        """Whether messages may be sent to it."""
        return self.is_kept and self.confirmed_at is not None
