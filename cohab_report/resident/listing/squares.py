"""The squares of the lattice in a map's window: how coarse they are, which lie inside, and the rounding of their
counts.
"""

import math
from dataclasses import dataclass

from cohab_report.geo import Lattice, Point, deinterleave, interleave
from cohab_report.intake.cells.models import CELL_LEVELS
from cohab_report.intake.cells.queries import CellRange

FINEST_ZOOM = 16
"""From here on a square is one cell of the lattice, some 90 pixels wide."""
WHOLE_CITY = 12
MOST_SQUARES = 600
FEWEST_COUNTED = 10
"""Smaller counts are not published (domain.md 5.2)."""
ROUNDING_STEP = 5
"""Published counts are rounded to multiples of this (domain.md 5.2)."""


@dataclass(frozen=True)
class Window:
    """The columns and rows of squares of one level that a map shows, both ends included."""

    level: int
    west: int
    south: int
    east: int
    north: int

    @property
    def span(self) -> CellRange:
        """The Morton numbers from the south-west to the north-east corner."""
        return CellRange(self.level, interleave(self.west, self.south), interleave(self.east, self.north))

    @property
    def size(self) -> int:
        """The number of squares."""
        return (self.east - self.west + 1) * (self.north - self.south + 1)

    def shows(self, cell: int) -> bool:
        """Whether that square lies inside."""
        column, row = deinterleave(cell)
        return self.west <= column <= self.east and self.south <= row <= self.north

    def cells(self) -> list[int]:
        """Returns the Morton numbers of all its squares."""
        columns, rows = range(self.west, self.east + 1), range(self.south, self.north + 1)
        return [interleave(column, row) for column in columns for row in rows]


def window(zoom: int, box: tuple[float, float, float, float], lattice: Lattice) -> Window:
    """Returns the squares of a map at this zoom over this box (degrees west, south, east, north): coarser where they
    would be too many.
    """
    west, south, east, north = box
    (left, low), (right, high) = (
        deinterleave(lattice.cell(corner)) for corner in (Point(west, south), Point(east, north))
    )
    wide_enough = [level for level in CELL_LEVELS if level >= FINEST_ZOOM - zoom] or [CELL_LEVELS[-1]]
    windows = [Window(level, left >> level, low >> level, right >> level, high >> level) for level in wide_enough]
    return next((each for each in windows if each.size <= MOST_SQUARES), windows[-1])


def outline(cell: int, level: int, lattice: Lattice) -> list[list[float]]:
    """Returns the square's corners as a GeoJSON ring (lon/lat, 6 decimals), counter-clockwise and closed."""
    centre, half = lattice.centre(cell, level), 2**level / 2
    west, east = centre.lon - half * lattice.dlon, centre.lon + half * lattice.dlon
    south, north = centre.lat - half * lattice.dlat, centre.lat + half * lattice.dlat
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [[round(lon, 6), round(lat, 6)] for lon, lat in ring]


def rounded_count(count: int) -> int | None:
    """Returns the count as the public may read it: rounded to fives, or None below ten (domain.md 5.2)."""
    return None if count < FEWEST_COUNTED else round(count / ROUNDING_STEP) * ROUNDING_STEP


def box_or_city(typed: str, limits: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Returns the typed box (degrees west, south, east, north) cut to these limits.

    The limits when it can't be read.
    """
    try:
        west, south, east, north = (float(part) for part in typed.split(","))
    except ValueError:
        return limits
    if not all(map(math.isfinite, (west, south, east, north))) or west > east or south > north:
        return limits
    left, low, right, high = limits
    box = (max(west, left), max(south, low), min(east, right), min(north, high))
    return box if box[0] <= box[2] and box[1] <= box[3] else (left, low, left, low)
