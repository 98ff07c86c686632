"""Tables of the territory, filled from the city profile: city, outline, sectors, districts, places, protected sites.

No city's name or coordinate stands in the code.
"""

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
    """West, south, east, north in degrees: a point outside of it is refused before the outline is looked at."""
    about: Mapped[dict[str, Any]] = mapped_column(JSON)
    """The profile's other tables by name: `plan`, `team`, `deadlines`, `demo`, and `population`, `contact_phone`."""
    profile_source: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The name of the shipped profile, or the folder of the city's own, that was loaded last; empty if unknown."""
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def lattice(self) -> Lattice:
        """Returns the city's fixed grid of cells of about 150 m."""
        return Lattice(self.cell_dlon, self.cell_dlat)


class Boundary(Model):
    """An outline of the city (WGS84 lon/lat), with its source and whether it is approximate; the row with the highest
    id counts.
    """

    __tablename__ = "boundary"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shape: Mapped[WKBElement] = mapped_column(Geometry("MULTIPOLYGON", srid=SRID, spatial_index=False))
    source: Mapped[str] = mapped_column(Text)
    is_approximate: Mapped[bool] = mapped_column(Boolean)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Sector(Model):
    """A part of the city that figures are published for; a point belongs to the sector whose reference point is
    nearest.
    """

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
        """Returns the sector's reference point."""
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
    """The profile's kind of place (park, square, building…), or `street`."""
    name_fr: Mapped[str] = mapped_column(Text)
    name_en: Mapped[str] = mapped_column(Text)
    name: Mapped[Words] = composite(Words, "name_fr", "name_en")
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    is_approximate: Mapped[bool] = mapped_column(Boolean)
    sector_id: Mapped[int] = mapped_column(ForeignKey("sector.id"))
    also: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    """Alternative names for the search (older ones, other spellings); never shown."""
    is_retired: Mapped[bool] = mapped_column(Boolean, default=False)
    sector: Mapped[Sector] = relationship()

    @property
    def point(self) -> Point:
        """Returns the place's reference point; approximate where `is_approximate` says so."""
        return Point(self.lon, self.lat)

    @property
    def is_street(self) -> bool:
        """Whether this is a street rather than a place."""
        return self.kind == "street"


class ProtectedSite(Model):
    """A shelter, day centre, school or clinic, in a `ProtectedBlock` where observations are protected more; never shown
    to anyone outside triage.
    """

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


class ProtectedBlock(Model):
    """A rectangle of whole cells in which observations are protected more, around a protected site or around none.

    Rows are only added: what was protected once stays so, whatever becomes of the site or of the key that drew it.
    """

    __tablename__ = "protected_block"
    id: Mapped[int] = mapped_column(Id, primary_key=True)
    west: Mapped[int] = mapped_column(Integer)
    """The first column of the lattice's cells, as in a cell's number; `east` is the last one."""
    south: Mapped[int] = mapped_column(Integer)
    east: Mapped[int] = mapped_column(Integer)
    north: Mapped[int] = mapped_column(Integer)
