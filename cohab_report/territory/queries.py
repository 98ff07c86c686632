"""Answers about the ground. What the city profile brought changes only when it is loaded anew, so each process keeps it in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from zoneinfo import ZoneInfo

import shapely
from flask import current_app, g
from geoalchemy2.shape import to_shape
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from cohab_report.db import Words, db
from cohab_report.errors import Unavailable
from cohab_report.geo import Lattice, Point
from cohab_report.territory.models import Boundary, City, District, Place, ProtectedSite, Sector
from cohab_report.territory.names import Gazetteer, Named

KEY = "ground"
CORNER_WITHIN = 400
"""Metres between two streets' reference points; beyond, midway says nothing about where they meet."""


@dataclass(frozen=True)
class SectorFacts:
    """A sector, without the database."""

    id: int
    code: str
    name: Words
    point: Point


@dataclass(frozen=True)
class PlaceFacts:
    """A public place or a street that may be named, without the database."""

    code: str
    name: Words
    also: tuple[str, ...]
    point: Point
    sector: Words
    is_street: bool


@dataclass(frozen=True)
class Corner:
    """About where two streets meet: the city's table has one point a street, so it is never more than about."""

    name: Words
    point: Point
    sector: Words


@dataclass(frozen=True)
class Ground:
    """What every observation stands on, as one process remembers it until the profile is loaded anew."""

    stamp: tuple[datetime, int]
    code: str
    name: Words
    zone: ZoneInfo
    holidays: tuple[str, str]
    lattice: Lattice
    centre: Point
    accept_box: tuple[float, float, float, float]
    about: dict[str, Any]
    outline: Any
    """A prepared shapely geometry."""
    outline_is_approximate: bool
    sectors: tuple[SectorFacts, ...]
    places: tuple[PlaceFacts, ...]
    """What residents may name, places before streets, by name."""
    protected_sites: tuple[tuple[Point, int], ...]
    """Where they are and how far, in metres, they protect."""

    @property
    def time_zone(self) -> ZoneInfo:
        """The zone in which the city lives."""
        return self.zone

    def contains(self, point: Point) -> bool:
        """Whether the point is in the city, its border included."""
        west, south, east, north = self.accept_box
        in_box = west <= point.lon <= east and south <= point.lat <= north
        return in_box and bool(self.outline.covers(shapely.Point(point.lon, point.lat)))

    def sector_of(self, point: Point) -> SectorFacts:
        """The sector whose reference point is nearest: no outlines of the sectors are published."""
        return min(self.sectors, key=lambda sector: sector.point.metres_to(point))

    @cached_property
    def by_code(self) -> Mapping[str, PlaceFacts]:
        """The places by their codes."""
        return {place.code: place for place in self.places}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The places by all their names."""
        return Gazetteer(
            Named(each.code, (each.name.fr, each.name.en, *each.also), each.is_street) for each in self.places
        )

    def place_of(self, code: str) -> PlaceFacts | None:
        """The place of this code, if it may be named."""
        return self.by_code.get(code)

    def corner(self, first: str, second: str) -> Corner | None:
        """About where two streets meet: midway between their reference points, when these lie near enough to say so; else None."""
        one, other = self.place_of(first), self.place_of(second)
        if one is None or other is None or one == other or not (one.is_street and other.is_street):
            return None
        if one.point.metres_to(other.point) > CORNER_WITHIN:
            return None
        names = Words(f"{one.name.fr} / {other.name.fr}", f"{one.name.en} / {other.name.en}")
        return Corner(
            names, Point((one.point.lon + other.point.lon) / 2, (one.point.lat + other.point.lat) / 2), one.sector
        )

    def nearest_places(self, to: Point | None) -> Sequence[PlaceFacts]:
        """The places, those nearest to the point first; to the city's reference point when none is given."""
        near = to or self.centre
        return sorted(self.places, key=lambda place: place.point.metres_to(near))

    def is_near_protected(self, point: Point) -> bool:
        """Whether the point lies within the radius of a protected site."""
        return any(site.metres_to(point) <= radius for site, radius in self.protected_sites)


def ground() -> Ground:
    """The present ground; one small query a request, and all of it again only when the profile was loaded anew.

    Raises Unavailable while no city is loaded.
    """
    known: Ground | None = g.get(KEY)
    if known is not None:
        return known
    stamp = db.session.execute(select(City.loaded_at, select(func.max(Boundary.id)).scalar_subquery())).first()
    if stamp is None or stamp[1] is None:
        raise Unavailable
    remembered = cast(Ground | None, current_app.extensions.get(KEY))
    if remembered is None or remembered.stamp != tuple(stamp):
        remembered = current_app.extensions[KEY] = _read_ground((stamp[0], stamp[1]))
    g.ground = remembered
    return remembered


def _read_ground(stamp: tuple[datetime, int]) -> Ground:
    city = db.session.scalars(select(City)).one()
    boundary = db.session.get_one(Boundary, stamp[1])
    outline = to_shape(boundary.shape)
    shapely.prepare(outline)
    sectors = db.session.scalars(select(Sector).where(~Sector.is_retired).order_by(Sector.id)).all()
    named = places()
    sites = db.session.scalars(select(ProtectedSite).where(~ProtectedSite.is_retired)).all()
    west, south, east, north = city.accept_box
    return Ground(
        stamp=stamp, code=city.code, name=city.name, zone=ZoneInfo(city.time_zone),
        holidays=(city.holiday_country, city.holiday_subdivision), lattice=city.lattice, centre=Point(city.lon, city.lat),
        accept_box=(west, south, east, north), about=city.about, outline=outline, outline_is_approximate=boundary.is_approximate,
        sectors=tuple(SectorFacts(sector.id, sector.code, sector.name, sector.point) for sector in sectors),
        places=tuple(
            PlaceFacts(each.code, each.name, tuple(each.also), each.point, each.sector.name, each.is_street) for each in named
        ),
        protected_sites=tuple((Point(site.lon, site.lat), site.radius) for site in sites),
    )  # fmt: skip


def places() -> Sequence[Place]:
    """Public places and streets that a resident may name, with their sectors, places before streets, by name."""
    query = (
        select(Place)
        .where(~Place.is_retired)
        .options(joinedload(Place.sector))
        .order_by(Place.kind == "street", Place.name_fr)
    )
    return db.session.scalars(query).all()


def place_by_code(code: str) -> Place | None:
    """The place or street of this code, or None; retired ones can't be chosen any more."""
    return db.session.scalars(select(Place).where(Place.code == code, ~Place.is_retired)).one_or_none()


def districts() -> Sequence[District]:
    """The electoral districts, by name."""
    return db.session.scalars(select(District).where(~District.is_retired).order_by(District.name_fr)).all()
