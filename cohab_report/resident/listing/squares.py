"""What of the lattice a map's window shows: how coarse its squares are, which lie inside, and in which words a count may be told."""

import math
from dataclasses import dataclass

from cohab_report.geo import Lattice, Point, interleave, separate
from cohab_report.intake.cells.models import LEVELS
from cohab_report.intake.cells.queries import Span

FINEST_ZOOM = 16
"""From here on a square is one cell of the lattice, some 90 pixels wide."""
WHOLE_CITY = 12
MOST_SQUARES = 600
FEW = 10
"""Counts below are not told to the public (domain.md 5.2)."""
STEP = 5
"""Counts told to the public are rounded to this (domain.md 5.2)."""


@dataclass(frozen=True)
class Window:
    """The columns and rows of squares of one level that a map shows, all included."""

    level: int
    west: int
    south: int
    east: int
    north: int

    @property
    def span(self) -> Span:
        """The Morton numbers from corner to corner."""
        return Span(self.level, interleave(self.west, self.south), interleave(self.east, self.north))

    @property
    def size(self) -> int:
        """How many squares it has."""
        return (self.east - self.west + 1) * (self.north - self.south + 1)

    def shows(self, cell: int) -> bool:
        """Whether that square lies inside."""
        column, row = separate(cell)
        return self.west <= column <= self.east and self.south <= row <= self.north

    def cells(self) -> list[int]:
        """The numbers of all its squares."""
        columns, rows = range(self.west, self.east + 1), range(self.south, self.north + 1)
        return [interleave(column, row) for column in columns for row in rows]


def window(zoom: int, box: tuple[float, float, float, float], lattice: Lattice) -> Window:
    """The squares of a map at this zoom over this box (west, south, east, north): coarser where there would be too many."""
    west, south, east, north = box
    (left, low), (right, high) = (separate(lattice.cell(corner)) for corner in (Point(west, south), Point(east, north)))
    wide_enough = [level for level in LEVELS if level >= FINEST_ZOOM - zoom] or [LEVELS[-1]]
    made = [Window(level, left >> level, low >> level, right >> level, high >> level) for level in wide_enough]
    return next((each for each in made if each.size <= MOST_SQUARES), made[-1])


def outline(cell: int, level: int, lattice: Lattice) -> list[list[float]]:
    """The square's corners as GeoJSON has them, counter-clockwise and closed."""
    centre, half = lattice.centre(cell, level), 2**level / 2
    west, east = centre.lon - half * lattice.dlon, centre.lon + half * lattice.dlon
    south, north = centre.lat - half * lattice.dlat, centre.lat + half * lattice.dlat
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [[round(lon, 6), round(lat, 6)] for lon, lat in ring]


def told(count: int) -> int | None:
    """The count as the public may read it: rounded to fives, or None for few."""
    return None if count < FEW else round(count / STEP) * STEP


def clamped(typed: str, limits: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """The box that was asked for (west, south, east, north), no larger than the city's; all of the city's when it can't be read."""
    try:
        west, south, east, north = (float(part) for part in typed.split(","))
    except ValueError:
        return limits
    if not all(map(math.isfinite, (west, south, east, north))) or west > east or south > north:
        return limits
    left, low, right, high = limits
    box = (max(west, left), max(south, low), min(east, right), min(north, high))
    return box if box[0] <= box[2] and box[1] <= box[3] else (left, low, left, low)
