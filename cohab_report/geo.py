"""Points, lattice cells and distances, with the spatial SQL expressions that SpatiaLite and PostGIS write differently.

Coordinates are WGS84 degrees, longitude first; distances are metres. Knows neither observations nor cities.
"""

from dataclasses import dataclass
from math import asin, cos, floor, radians, sin, sqrt
from typing import Any

from geoalchemy2 import Geography, WKBElement
from geoalchemy2.shape import to_shape
from sqlalchemy import ColumnClause, ColumnElement, and_, cast, func, select
from sqlalchemy import column as plain_column
from sqlalchemy import table as plain_table
from sqlalchemy.orm import InstrumentedAttribute

from cohab_report.db import db

SRID = 4326
EARTH_RADIUS_METRES = 6_371_008.8
"""Mean radius of the Earth in metres (IUGG)."""
METRES_PER_DEGREE = 111_320.0
_INDEX_OFFSET = 1 << 25
"""Added to a lattice's column and row indices so that they are never negative before their bits are interleaved."""


@dataclass(frozen=True)
class Point:
    """A position: longitude and latitude in WGS84 degrees."""

    lon: float
    lat: float

    @property
    def ewkt(self) -> str:
        """Returns the point as extended well-known text, which both databases read."""
        return f"SRID={SRID};POINT({self.lon!r} {self.lat!r})"

    def metres_to(self, other: "Point") -> float:
        """Returns the great-circle distance in metres, by the haversine formula; within 0.6 % of the ellipsoid's."""
        north, east = radians(other.lat - self.lat), radians(other.lon - self.lon)
        chord = sin(north / 2) ** 2 + cos(radians(self.lat)) * cos(radians(other.lat)) * sin(east / 2) ** 2
        return 2 * EARTH_RADIUS_METRES * asin(sqrt(chord))


@dataclass(frozen=True)
class Lattice:
    """A fixed grid of cells `dlon` by `dlat` degrees.

    A point is always in the same cell, so repeating it reveals no more.
    """

    dlon: float
    dlat: float

    def cell(self, point: Point) -> int:
        """Returns the Morton number of the point's cell, whose parent cell's number is `>> 2` of it."""
        return interleave(floor(point.lon / self.dlon) + _INDEX_OFFSET, floor(point.lat / self.dlat) + _INDEX_OFFSET)

    def centre(self, cell: int, zoom_out: int = 0) -> Point:
        """Returns the centre of a cell.

        With `zoom_out`, of the parent cell of that number whose sides are 2**zoom_out times longer.
        """
        column, row = deinterleave(cell)
        scale = 1 << zoom_out
        lon = (column * scale + scale / 2 - _INDEX_OFFSET) * self.dlon
        lat = (row * scale + scale / 2 - _INDEX_OFFSET) * self.dlat
        return Point(round(lon, 6), round(lat, 6))

    def square_centre(self, point: Point, metres: float) -> Point:
        """Returns the centre of the square of about `metres` a side that the point lies in.

        Each cell is cut evenly into such squares, so that a square lies in one cell and, like a cell, never moves.
        """
        parallel = METRES_PER_DEGREE * cos(radians(self.centre(self.cell(point)).lat))
        return Point(
            _part_centre(point.lon, self.dlon, parallel / metres),
            _part_centre(point.lat, self.dlat, METRES_PER_DEGREE / metres),
        )


def _part_centre(degrees: float, step: float, parts_per_degree: float) -> float:
    """Returns the middle of the part of a step that the degrees lie in, in degrees with 6 decimals."""
    parts = max(1, round(step * parts_per_degree))
    whole = floor(degrees / step)
    part = min(floor((degrees / step - whole) * parts), parts - 1)
    return round((whole + (part + 0.5) / parts) * step, 6)


def interleave(column: int, row: int) -> int:
    """Returns the Morton number: its even bits are the column's, its odd bits the row's (26 bits each)."""
    return _spread_bits(column) | (_spread_bits(row) << 1)


def deinterleave(cell: int) -> tuple[int, int]:
    """Returns the column and row of a Morton number; the inverse of `interleave`."""
    return _gather_bits(cell), _gather_bits(cell >> 1)


def _spread_bits(number: int) -> int:
    return sum(((number >> bit) & 1) << (2 * bit) for bit in range(26))


def _gather_bits(number: int) -> int:
    return sum(((number >> (2 * bit)) & 1) << bit for bit in range(26))


def point_of(element: WKBElement | str | None) -> Point | None:
    """Returns the point of a geometry column's value (WKB, or WKT like `POINT(lon lat)`), or None for None."""
    if element is None:
        return None
    if isinstance(element, str):
        lon, lat = element.rsplit("(", 1)[1].rstrip(")").split()
        return Point(float(lon), float(lat))
    shape: Any = to_shape(element)
    return Point(shape.x, shape.y)


def within_distance(column: InstrumentedAttribute[Any], centre: Point, metres: float) -> ColumnElement[bool]:
    """Returns the SQL condition for rows whose point is at most `metres` from `centre`, on the ellipsoid.

    The spatial index narrows to a box first; the distance then decides.
    """
    south_north = metres / METRES_PER_DEGREE * 1.01
    west_east = south_north / max(cos(radians(centre.lat)), 0.01)
    box = (centre.lon - west_east, centre.lat - south_north, centre.lon + west_east, centre.lat + south_north)
    if db.engine.dialect.name == "sqlite":
        return and_(
            _in_rtree(column, box), func.ST_Distance(column, func.MakePoint(centre.lon, centre.lat, SRID), 1) <= metres
        )
    postgis_centre = func.ST_SetSRID(func.ST_MakePoint(centre.lon, centre.lat), SRID)
    is_near = func.ST_Distance(cast(column, Geography(srid=SRID)), cast(postgis_centre, Geography(srid=SRID))) <= metres
    return and_(column.op("&&")(func.ST_MakeEnvelope(*box, SRID)), is_near)


def _in_rtree(column: InstrumentedAttribute[Any], box: tuple[float, float, float, float]) -> ColumnElement[bool]:
    table = column.class_.__table__
    west, south, east, north = box
    columns: list[ColumnClause[Any]] = [plain_column(name) for name in ("pkid", "xmin", "xmax", "ymin", "ymax")]
    rtree = plain_table(f"idx_{table.name}_{column.key}", *columns)
    ids_in_box = select(rtree.c.pkid).where(
        rtree.c.xmax >= west, rtree.c.xmin <= east, rtree.c.ymax >= south, rtree.c.ymin <= north
    )
    condition: ColumnElement[bool] = table.c.id.in_(ids_in_box)
    return condition
