"""The observation, as residents send it. It is never edited: only redacted, withdrawn or expired."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import JSON, BigInteger, Boolean, Date, Float, ForeignKey, Index, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column, relationship

from cohab_report.catalogue.models import Category, Kind, Protection
from cohab_report.db import Id, Model, OrderedEnum, UtcDateTime, enum_column, partial_index
from cohab_report.geo import SRID, Point, point_of
from cohab_report.territory.models import Place, Sector

LONGEST_TEXT = 280
LONGEST_LANDMARK = 80


class Belongings(StrEnum):
    """The resident's answer about tents, bedding or belongings that seem in use."""

    NO = "no"
    YES = "yes"
    UNKNOWN = "unknown"
    NOT_ASKED = "not_asked"


class Channel(StrEnum):
    """The channel an observation arrived through."""

    WEB = "web"
    PHONE = "phone"
    COUNTER = "counter"
    IMPORT = "import"
    DEMO = "demo"


class Status(StrEnum):
    """The status that residents read."""

    RECEIVED = "received"
    TAKEN_UP = "taken_up"
    DONE = "done"
    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"


OPEN_STATUSES = (Status.RECEIVED, Status.TAKEN_UP)
"""The statuses of an observation that somebody still works on."""


class Precision(StrEnum):
    """How precisely the resident located it."""

    POINT = "point"
    PLACE = "place"
    ABOUT = "about"


class Observation(Model):
    """One report by one resident about one public place."""

    __tablename__ = "observation"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    """Short, random, public; opens nothing by itself."""
    client_hash: Mapped[UUID] = mapped_column(Uuid)
    """Keyed hash of the client id, which the sender made so that sending twice is harmless. The id opens as much as
    the code, and is stored nowhere.
    """
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of the follow-up code; the code itself is stored nowhere."""
    kind: Mapped[Kind] = mapped_column(enum_column(Kind))
    category_id: Mapped[int] = mapped_column(ForeignKey("category.id"), index=True)
    """The category the resident chose; triage's own is in the case."""
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    precision: Mapped[Precision] = mapped_column(enum_column(Precision))
    point: Mapped[WKBElement | str | None] = mapped_column(
        Geometry("POINT", srid=SRID, spatial_index=True), deferred=True
    )
    """The exact point, loaded only by queries that ask for it; erased when the observation is withdrawn or expires."""
    is_near_protected: Mapped[bool] = mapped_column(Boolean, default=False)
    landmark: Mapped[str] = mapped_column(String(LONGEST_LANDMARK), default="", server_default="")
    """Where exactly at a named place (« devant le 12 »): a hint for triage, never public, never a dwelling."""
    text: Mapped[str] = mapped_column(Text, default="")
    text_flags: Mapped[list[str]] = mapped_column(JSON)
    """Kinds of personal wording detected in the text, for triage; never the words."""
    answers: Mapped[dict[str, str]] = mapped_column(JSON)
    belongings: Mapped[Belongings] = mapped_column(enum_column(Belongings))
    observed_on: Mapped[date] = mapped_column(Date)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    channel: Mapped[Channel] = mapped_column(enum_column(Channel))
    language: Mapped[str] = mapped_column(String(5))
    network_hash: Mapped[str | None] = mapped_column(String(32))
    """Salted hash of the sender's network for one day, used to detect floods; erased after two days."""
    protection: Mapped[Protection] = mapped_column(OrderedEnum(Protection))
    received_protection: Mapped[Protection] = mapped_column(OrderedEnum(Protection), server_default="3")
    """What its category and its author's own answers gave it when it was received; nothing changes it afterwards.

    Its surroundings play no part: its author may read it.
    """
    status: Mapped[Status] = mapped_column(enum_column(Status))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When triage published the public part; None: nothing is public."""
    public_until: Mapped[date | None] = mapped_column(Date)
    """The last day on which it is public if nothing ends that earlier; set when it is published."""
    left_public_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a night's edition took it off the public list and map, for good."""
    public_protection: Mapped[Protection] = mapped_column(OrderedEnum(Protection), server_default="3")
    """The protection that its public part was made for; a stronger one takes it off with the next night's edition."""
    public_lon: Mapped[float | None] = mapped_column(Float)
    public_lat: Mapped[float | None] = mapped_column(Float)
    public_cell: Mapped[int | None] = mapped_column(BigInteger)
    public_on: Mapped[date] = mapped_column(Date)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    redacted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    satisfaction: Mapped[str | None] = mapped_column(String(8))

    category: Mapped[Category] = relationship()
    sector: Mapped[Sector] = relationship()
    place: Mapped[Place | None] = relationship()

    __table_args__ = (
        # The column was renamed, and SQLite keeps the constraint's name.
        UniqueConstraint("client_hash", name="uq_observation_client_id"),
        Index("ix_observation_network", "network_hash", "received_at"),
        partial_index(
            "ix_observation_public",
            "public_on",
            "reference",
            where=published_at.is_not(None) & left_public_at.is_(None) & withdrawn_at.is_(None),
        ),
        partial_index(
            "ix_observation_public_cell",
            "public_cell",
            "public_on",
            where=published_at.is_not(None) & left_public_at.is_(None) & withdrawn_at.is_(None),
        ),
        partial_index(
            "ix_observation_public_open",
            "category_id",
            "public_cell",
            where=published_at.is_not(None)
            & left_public_at.is_(None)
            & withdrawn_at.is_(None)
            & status.in_(OPEN_STATUSES),
        ),
        partial_index(
            "ix_observation_public_until",
            "public_until",
            where=published_at.is_not(None) & left_public_at.is_(None) & withdrawn_at.is_(None),
        ),
        partial_index(
            "ix_observation_leaving",
            "id",
            where=published_at.is_not(None)
            & left_public_at.is_(None)
            & withdrawn_at.is_(None)
            & (protection > public_protection),
        ),
    )

    @property
    def exact_point(self) -> Point | None:
        """The exact point, None once it is erased."""
        return point_of(self.point)

    @property
    def is_public(self) -> bool:
        """Whether anything of it is public; must agree with `queries.is_public`."""
        return self.published_at is not None and self.left_public_at is None and self.withdrawn_at is None

    @property
    def is_withdrawn(self) -> bool:
        """Whether the resident withdrew it."""
        return self.withdrawn_at is not None
