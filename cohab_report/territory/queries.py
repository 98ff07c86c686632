"""Queries on the territory. It seldom changes, so each process keeps it in memory until it does (`city_facts`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import shapely
from geoalchemy2.shape import to_shape
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from cohab_report.cache_stamps import StampedCache
from cohab_report.db import Words, db
from cohab_report.errors import Unavailable
from cohab_report.geo import Lattice, Point
from cohab_report.settings import current_settings
from cohab_report.territory.models import Boundary, City, Place, ProtectedBlock, ProtectedSite, Sector
from cohab_report.territory.names import Gazetteer, NamedPlace
from cohab_report.territory.protected_blocks import Block, Ground, Site, missing_blocks

LONGEST_CORNER_DISTANCE = 400
"""Metres between two streets' reference points; beyond that, their midpoint says nothing about where they meet."""


@dataclass(frozen=True)
class SectorFacts:
    """A sector as plain values, independent of a database session."""

    id: int
    code: str
    name: Words
    point: Point


@dataclass(frozen=True)
class PlaceFacts:
    """A public place or street as plain values, independent of a database session."""

    code: str
    name: Words
    also: tuple[str, ...]
    point: Point
    sector: Words
    is_street: bool


@dataclass(frozen=True)
class Corner:
    """The approximate crossing of two streets: midway between their reference points, since the profile has one point a
    street.
    """

    name: Words
    point: Point
    sector: Words


@dataclass(frozen=True)
class CityFacts:
    """The city, its outline, sectors, places and protected sites as one process keeps them until one changes."""

    loaded_at: datetime
    code: str
    name: Words
    zone: ZoneInfo
    holidays: tuple[str, str]
    lattice: Lattice
    centre: Point
    accept_box: tuple[float, float, float, float]
    about: dict[str, Any]
    outline: Any
    """A prepared shapely geometry, WGS84 degrees, longitude first."""
    sectors: tuple[SectorFacts, ...]
    places: tuple[PlaceFacts, ...]
    """The places and streets that residents may choose, places before streets, sorted by French name."""
    protected_cells: frozenset[int]
    """The cells of all blocks in which observations are protected more, whether a site is in them or not."""
    unsaved_blocks: tuple[Block, ...]
    """The blocks of protected cells that are not in the database yet."""

    @property
    def time_zone(self) -> ZoneInfo:
        """Returns the city's time zone."""
        return self.zone

    def contains(self, point: Point) -> bool:
        """Returns whether the point is in the city, its border included."""
        west, south, east, north = self.accept_box
        in_box = west <= point.lon <= east and south <= point.lat <= north
        return in_box and bool(self.outline.covers(shapely.Point(point.lon, point.lat)))

    def sector_of(self, point: Point) -> SectorFacts:
        """Returns the sector whose reference point is nearest, since no outlines of sectors are published.

        Measured from the middle of the point's cell: a sector is public, and must not tell where in its cell a point
        lies.
        """
        middle = self.lattice.centre(self.lattice.cell(point))
        return min(self.sectors, key=lambda sector: sector.point.metres_to(middle))

    @cached_property
    def by_code(self) -> Mapping[str, PlaceFacts]:
        """Returns the places and streets by code."""
        return {place.code: place for place in self.places}

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """Returns the name search over all places and streets."""
        return Gazetteer(
            NamedPlace(each.code, (each.name.fr, each.name.en, *each.also), each.is_street) for each in self.places
        )

    def place_of(self, code: str) -> PlaceFacts | None:
        """Returns the place or street of this code, or None if there is none or it is retired."""
        return self.by_code.get(code)

    def corner(self, first: str, second: str) -> Corner | None:
        """Returns the approximate crossing of two streets, given by their codes.

        None if a code is no street, or if their reference points are more than LONGEST_CORNER_DISTANCE apart.
        """
        one, other = self.place_of(first), self.place_of(second)
        if one is None or other is None or one == other or not (one.is_street and other.is_street):
            return None
        if one.point.metres_to(other.point) > LONGEST_CORNER_DISTANCE:
            return None
        names = Words(f"{one.name.fr} / {other.name.fr}", f"{one.name.en} / {other.name.en}")
        return Corner(
            names, Point((one.point.lon + other.point.lon) / 2, (one.point.lat + other.point.lat) / 2), one.sector
        )

    def nearest_places(self, to: Point | None) -> Sequence[PlaceFacts]:
        """Returns the places and streets sorted by distance to this point, or to the city's reference point."""
        origin = to or self.centre
        return sorted(self.places, key=lambda place: place.point.metres_to(origin))

    def is_near_protected(self, point: Point) -> bool:
        """Returns whether the point lies in a protected cell: near a protected site, or in a block without one.

        It costs the same for every point.
        """
        return self.lattice.cell(point) in self.protected_cells


def city_facts() -> CityFacts:
    """Returns the loaded city from memory; one small query a request checks that nothing of it was changed since.

    Raises Unavailable while no city is loaded.
    """
    return _city_facts_cache.value()


def _read_city_facts() -> CityFacts:
    city = db.session.scalars(select(City)).first()
    boundary = db.session.scalars(select(Boundary).order_by(Boundary.id.desc()).limit(1)).first()
    if city is None or boundary is None:
        raise Unavailable
    outline = to_shape(boundary.shape)
    shapely.prepare(outline)
    sectors = db.session.scalars(select(Sector).where(~Sector.is_retired).order_by(Sector.id)).all()
    place_rows = places()
    west, south, east, north = city.accept_box
    saved_cells, unsaved_blocks = _protected_cells(city, place_rows, outline)
    return CityFacts(
        loaded_at=city.loaded_at,
        code=city.code,
        name=city.name,
        zone=ZoneInfo(city.time_zone),
        holidays=(city.holiday_country, city.holiday_subdivision),
        lattice=city.lattice,
        centre=Point(city.lon, city.lat),
        accept_box=(west, south, east, north),
        about=city.about,
        outline=outline,
        sectors=tuple(SectorFacts(sector.id, sector.code, sector.name, sector.point) for sector in sectors),
        places=tuple(
            PlaceFacts(place.code, place.name, tuple(place.also), place.point, place.sector.name, place.is_street)
            for place in place_rows
        ),
        protected_cells=saved_cells.union(*(block.cells() for block in unsaved_blocks)),
        unsaved_blocks=tuple(unsaved_blocks),
    )


def _protected_cells(city: City, place_rows: Sequence[Place], outline: Any) -> tuple[frozenset[int], Sequence[Block]]:
    """Returns the cells of the blocks in the database, and the blocks that are to be added to them."""
    blocks = [Block(row.west, row.south, row.east, row.north) for row in db.session.scalars(select(ProtectedBlock))]
    cells = frozenset[int]().union(*(block.cells() for block in blocks))
    sites = db.session.scalars(select(ProtectedSite).where(~ProtectedSite.is_retired)).all()
    ground = Ground(
        city.lattice,
        lambda point: bool(outline.covers(shapely.Point(point.lon, point.lat))),
        [place.point for place in sorted(place_rows, key=lambda place: place.code)],
    )
    facts = [Site(site.code, Point(site.lon, site.lat), site.radius) for site in sites]
    return cells, missing_blocks(facts, cells, ground, current_settings().newest_code_key)


_city_facts_cache = StampedCache(
    "city",
    ("city", "boundary", "sector", "place", "protected_site", "protected_block"),
    _read_city_facts,
)


def places() -> Sequence[Place]:
    """Returns the public places and streets that residents may choose, with their sectors, places first, by French
    name.
    """
    query = (
        select(Place)
        .where(~Place.is_retired)
        .options(joinedload(Place.sector))
        .order_by(Place.kind == "street", Place.name_fr)
    )
    return db.session.scalars(query).all()


def place_by_code(code: str) -> Place | None:
    """Returns the place or street of this code, or None if there is none or it is retired."""
    return db.session.scalars(select(Place).where(Place.code == code, ~Place.is_retired)).one_or_none()
