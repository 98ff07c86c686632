"""How far a public observation is from a point, told no finer than the observation itself may be told. Facts only; pages find the words."""

from dataclasses import dataclass

from cohab_report.geo import Lattice, Point, interleave, separate
from cohab_report.intake.queries import PublicObservation

METRES = 100
"""Further away, two observations of one category are hardly of the same thing."""


@dataclass(frozen=True)
class Nearby:
    """A public observation near a point, and how far it is."""

    seen: PublicObservation
    metres: int | None
    """Rounded to ten metres; None where only a cell may be told, whose centre is no place to measure from."""
    is_same_cell: bool


def how_far(seen: PublicObservation, point: Point, lattice: Lattice) -> Nearby | None:
    """The observation as near as may be said, or None when it is too far from the point."""
    there = Point(seen.lon, seen.lat)
    is_same = lattice.cell(there) == lattice.cell(point)
    if seen.is_cell:
        return Nearby(seen, None, is_same) if lattice.cell(there) in cells_around(point, lattice) else None
    metres = there.metres_to(point)
    return Nearby(seen, round(metres / 10) * 10, is_same) if metres <= METRES else None


def nearest_first(each: Nearby) -> tuple[float, str]:
    """Sorts by distance; a cell counts as half its width, a neighbouring one as all of it."""
    by_cell = 75 if each.is_same_cell else 150
    return (by_cell if each.metres is None else each.metres, each.seen.reference)


def cells_around(point: Point, lattice: Lattice) -> frozenset[int]:
    """The point's cell and its eight neighbours."""
    column, row = separate(lattice.cell(point))
    return frozenset(interleave(column + east, row + north) for east in (-1, 0, 1) for north in (-1, 0, 1))
