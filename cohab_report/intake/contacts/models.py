"""One e-mail address that a resident gave for one observation. No column holds the address in clear."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, enum_column, partial_index
from cohab_report.intake.models import Observation


class Ending(StrEnum):
    """Why an address was erased."""

    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    UNDELIVERABLE = "undeliverable"
    UNCONFIRMED = "unconfirmed"
    EXPIRED = "expired"


class Contact(Model):
    """The e-mail address for messages about one observation; once it ended, nothing is left of the address."""

    __tablename__ = "contact"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    observation_id: Mapped[int] = mapped_column(ForeignKey("observation.id", ondelete="CASCADE"), unique=True)
    encrypted_address: Mapped[str | None] = mapped_column("sealed", Text)
    """The e-mail address, encrypted; None once it is erased."""
    language: Mapped[str] = mapped_column(String(5))
    seed: Mapped[str | None] = mapped_column(String(43))
    """256 random bits from which, with a key that is not in the database, the tokens of its links are derived."""
    confirm_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Keyed hash of the token that confirms the address; None once it was used."""
    stop_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Keyed hash of the token that ends the messages."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ending: Mapped[Ending | None] = mapped_column(enum_column(Ending))

    observation: Mapped[Observation] = relationship()

    __table_args__ = (
        partial_index(
            "ix_contact_kept",
            "asked_at",
            where=encrypted_address.is_not(None),
        ),
    )

    @property
    def has_address(self) -> bool:
        """Whether the address is still stored."""
        return self.encrypted_address is not None

    @property
    def is_waiting(self) -> bool:
        """Whether its owner has not confirmed the address yet."""
        return self.has_address and self.confirmed_at is None

    @property
    def is_confirmed(self) -> bool:
        """Whether messages may be sent to the address."""
        return self.has_address and self.confirmed_at is not None
