"""Tables of partners (organisations of the plan) and of the people who work there and sign in."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Boolean, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, Words, enum_column


class Purpose(StrEnum):
    """Why a case is routed to a partner; a partner sees what its purposes need and no more."""

    MAINTENANCE = "maintenance"
    WELLBEING = "wellbeing"
    MEDIATION = "mediation"
    SAFETY = "safety"
    THANKS = "thanks"


class Role(StrEnum):
    """A person's role, one each: decides which pages they may open."""

    TRIAGER = "triager"
    PARTNER = "partner"
    PILOT = "pilot"
    COMMITTEE = "committee"
    ADMIN = "admin"


class ShortcutKeys(StrEnum):
    """How a person presses the keyboard shortcuts of staff pages: a key alone, with Alt, or not at all."""

    PLAIN = "plain"
    ALT = "alt"
    OFF = "off"


class HiddenPoint(StrEnum):
    """How precisely a partner sees the place of a never-public observation."""

    EXACT = "exact"
    CELL = "cell"
    SECTOR = "sector"


class SeesContact(StrEnum):
    """Whether a partner may read a resident's contact details."""

    NO = "no"
    CONSENTED = "consented"
    YES = "yes"


class Partner(Model):
    """An organisation that carries actions of the plan or takes on cases."""

    __tablename__ = "partner"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    mission_fr: Mapped[str] = mapped_column(Text, default="")
    mission_en: Mapped[str] = mapped_column(Text, default="")
    mission: Mapped[Words] = composite(Words, "mission_fr", "mission_en")
    purposes: Mapped[list[str]] = mapped_column(JSON)
    email: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    hours: Mapped[str] = mapped_column(Text, default="")
    """As `mon-fri 08:30-16:30;sat 10:00-12:00`, `24/7`, or empty where nothing is published."""
    fallback_fr: Mapped[str] = mapped_column(Text, default="")
    fallback_en: Mapped[str] = mapped_column(Text, default="")
    fallback: Mapped[Words] = composite(Words, "fallback_fr", "fallback_en")
    hidden_point: Mapped[HiddenPoint] = mapped_column(enum_column(HiddenPoint))
    exact_categories: Mapped[list[str]] = mapped_column(JSON)
    """Codes of the never-public categories whose exact point this partner needs all the same."""
    sees_contact: Mapped[SeesContact] = mapped_column(enum_column(SeesContact))
    is_transfer_only: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether only a person's transfer with a written reason may bring a case here (the police)."""
    does_works: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether its people clear and clean; it gets no case while works are locked there."""
    does_outreach: Mapped[bool] = mapped_column(Boolean, default=False)
    """Whether its people may visit a place where somebody may live, and record whether it is occupied."""
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)

    def serves(self, purpose: Purpose) -> bool:
        """Returns whether cases of this purpose may be handed over to the partner."""
        return purpose.value in self.purposes


class Person(Model):
    """A staff account: somebody who works for a partner and signs in."""

    __tablename__ = "person"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case, trimmed."""
    name: Mapped[str] = mapped_column(Text)
    role: Mapped[Role] = mapped_column(enum_column(Role))
    partner_id: Mapped[int | None] = mapped_column(ForeignKey("partner.id"))
    password_hash: Mapped[str] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_demo: Mapped[bool] = mapped_column(Boolean, default=False)
    shortcut_keys: Mapped[ShortcutKeys] = mapped_column(enum_column(ShortcutKeys), default=ShortcutKeys.PLAIN)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    partner: Mapped[Partner | None] = relationship()

    is_authenticated = True
    is_anonymous = False

    session_token = ""
    """The token of the session in which the person was found, or that they just began; of no column."""

    def get_id(self) -> str:
        """Returns the session cookie's value: the token of a session on the server."""
        return self.session_token

    @property
    def journal_name(self) -> str:
        """Returns the person's name in the journal: `person:` and the row's id, never a real name."""
        return f"person:{self.id}"


class StaffSession(Model):
    """A session of somebody who signed in. What the browser's cookie holds opens it only while it has not ended."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_person_id_started_at", "person_id", "started_at"),)
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the cookie's random token: a copy of the database opens no session."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
