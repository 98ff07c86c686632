"""Points, cells and distances: the few spatial expressions that SpatiaLite and PostGIS write differently, in one place.

Coordinates are WGS84 degrees, longitude first; distances are metres. It knows neither observations nor cities.
"""

from dataclasses import dataclass
from math import asin, cos, floor, radians, sin, sqrt
from typing import Any

from geoalchemy2 import Geography, WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import ColumnElement, and_, cast, func, select
from sqlalchemy import column as plain
from sqlalchemy import table as named
from sqlalchemy.orm import InstrumentedAttribute

from cohab_report.db import db

SRID = 4326
EARTH_RADIUS = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""
METRES_PER_DEGREE = 111_320.0
_HALF = 1 << 25
"""Added to lattice indices so that they are never negative before their bits are interleaved."""


@dataclass(frozen=True)
class Point:
    """A place on Earth: longitude and latitude in WGS84 degrees."""

    lon: float
    lat: float

    @property
    def ewkt(self) -> str:
        """The point as extended well-known text, which both databases read."""
        return f"SRID={SRID};POINT({self.lon!r} {self.lat!r})"

    def metres_to(self, other: "Point") -> float:
        """Great-circle distance by the haversine formula; within 0.6 % of the ellipsoid's."""
        north, east = radians(other.lat - self.lat), radians(other.lon - self.lon)
        chord = sin(north / 2) ** 2 + cos(radians(self.lat)) * cos(radians(other.lat)) * sin(east / 2) ** 2
        return 2 * EARTH_RADIUS * asin(sqrt(chord))


@dataclass(frozen=True)
class Lattice:
    """A fixed grid of cells `dlon` by `dlat` degrees; a point always falls into the same cell, so repeating it reveals no more."""

    dlon: float
    dlat: float

    def cell(self, point: Point) -> int:
        """The Morton number of the point's cell: its column's and row's bits interleaved, so that `>> 2` names the parent cell."""
        return interleave(floor(point.lon / self.dlon) + _HALF, floor(point.lat / self.dlat) + _HALF)

    def centre(self, cell: int, zoom_out: int = 0) -> Point:
        """The centre of a cell, or of the parent cell that `zoom_out` halvings make of it (`cell` then being that parent's number)."""
        column, row = separate(cell)
        scale = 1 << zoom_out
        lon = (column * scale + scale / 2 - _HALF) * self.dlon
        lat = (row * scale + scale / 2 - _HALF) * self.dlat
        return Point(round(lon, 6), round(lat, 6))


def interleave(column: int, row: int) -> int:
    """The Morton number whose even bits are the column's and whose odd bits are the row's (26 bits each)."""
    return _spread(column) | (_spread(row) << 1)


def separate(cell: int) -> tuple[int, int]:
    """The column and the row that `interleave` made the number of."""
    return _gather(cell), _gather(cell >> 1)


def _spread(number: int) -> int:
    return sum(((number >> bit) & 1) << (2 * bit) for bit in range(26))


def _gather(number: int) -> int:
    return sum(((number >> (2 * bit)) & 1) << bit for bit in range(26))


def point_of(element: WKBElement | str | None) -> Point | None:
    """The point that a geometry column brought back, or None where there is none any more."""
    if element is None:
        return None
    if isinstance(element, str):
        lon, lat = element.rsplit("(", 1)[1].rstrip(")").split()
        return Point(float(lon), float(lat))
    shape: Any = to_shape(element)
    return Point(shape.x, shape.y)


def within(column: InstrumentedAttribute[Any], centre: Point, metres: float) -> ColumnElement[bool]:
    """True for rows whose point lies at most `metres` from `centre`, on the ellipsoid; the spatial index narrows, the distance decides."""
    south_north = metres / METRES_PER_DEGREE * 1.01
    west_east = south_north / max(cos(radians(centre.lat)), 0.01)
    box = (centre.lon - west_east, centre.lat - south_north, centre.lon + west_east, centre.lat + south_north)
    if db.engine.dialect.name == "sqlite":
        return and_(
            _in_rtree(column, box), func.ST_Distance(column, func.MakePoint(centre.lon, centre.lat, SRID), 1) <= metres
        )
    there = func.ST_SetSRID(func.ST_MakePoint(centre.lon, centre.lat), SRID)
    near = func.ST_Distance(cast(column, Geography(srid=SRID)), cast(there, Geography(srid=SRID))) <= metres
    return and_(column.op("&&")(func.ST_MakeEnvelope(*box, SRID)), near)


def _in_rtree(column: InstrumentedAttribute[Any], box: tuple[float, float, float, float]) -> ColumnElement[bool]:
    table = column.class_.__table__
    west, south, east, north = box
    rtree = named(
        f"idx_{table.name}_{column.key}", plain("pkid"), plain("xmin"), plain("xmax"), plain("ymin"), plain("ymax")
    )
    inside = select(rtree.c.pkid).where(
        rtree.c.xmax >= west, rtree.c.xmin <= east, rtree.c.ymax >= south, rtree.c.ymin <= north
    )
    found: ColumnElement[bool] = table.c.id.in_(inside)
    return found
