"""The ground that is laid before any report: all of it comes from the city profile, none of it is any one city's by code."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry, WKBElement
from sqlalchemy import JSON, Boolean, Float, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from cohab_report.db import Id, Model, UtcDateTime, Words
from cohab_report.geo import SRID, Lattice, Point


class City(Model):
    """The one city that this installation serves; one row."""

    __tablename__ = "city"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    time_zone: Mapped[str] = mapped_column(String(64))
    holiday_country: Mapped[str] = mapped_column(String(2))
    holiday_subdivision: Mapped[str] = mapped_column(String(8))
    cell_dlon: Mapped[float] = mapped_column(Float)
    cell_dlat: Mapped[float] = mapped_column(Float)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    accept_box: Mapped[list[float]] = mapped_column(JSON)
    """West, south, east, north in degrees: outside of it a point is refused before any outline is asked."""
    about: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The profile's other tables by name: `plan`, `team`, `deadlines`, `demo`, and `population`, `contact_phone`."""
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def lattice(self) -> Lattice:
        """The city's fixed grid of about 150 m."""
        return Lattice(self.cell_dlon, self.cell_dlat)


class Boundary(Model):
    """The city's outline; the latest row counts, and says how exact it is and where it comes from."""

    __tablename__ = "boundary"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shape: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False))
    source: Mapped[str] = mapped_column(Text)
    is_approximate: Mapped[bool] = mapped_column(Boolean)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Sector(Model):
    """A part of the city that figures are given for; a point belongs to the sector whose reference point is nearest."""

    __tablename__ = "sector"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    is_approximate: Mapped[bool] = mapped_column(Boolean)
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)

    @property
    def point(self) -> Point:
        """The sector's reference point."""
        return Point(self.lon, self.lat)


class District(Model):
    """An electoral district, by name only: no outline of it is published."""

    __tablename__ = "district"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)


class Place(Model):
    """A public place or a street that a resident may name instead of pointing at it; shelters are never among them."""

    __tablename__ = "place"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    """What the profile calls it (park, square, library…), or `street`."""
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    is_approximate: Mapped[bool] = mapped_column(Boolean)
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    also: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Other names that it is found by: older ones, other spellings; never shown."""
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    sector: Mapped[Sector] = relationship()

    @property
    def point(self) -> Point:
        """Where the place is, as well as the profile knows."""
        return Point(self.lon, self.lat)

    @property
    def is_street(self) -> bool:
        """Whether this is a street rather than a place."""
        return self.kind == "street"


class ProtectedSite(Model):
    """A shelter, day centre, school or clinic near which protection is stronger; never shown to anyone outside triage."""

    __tablename__ = "protected_site"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[str] = mapped_column(String(24))
    name_fr: Mapped[str] = mapped_column(Text)
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    radius: Mapped[int] = mapped_column(Integer)
    """Metres."""
    is_approximate: Mapped[bool] = mapped_column(Boolean)
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)

    def protects(self, point: Point) -> bool:
        """Whether `point` lies within this site's radius."""
        return Point(self.lon, self.lat).metres_to(point) <= self.radius
