"""Distance of public observations from a point, no more precise than their public location.

Facts only; pages word them.
"""

from dataclasses import dataclass

from cohab_report.geo import Lattice, Point, deinterleave, interleave
from cohab_report.intake.queries import PublicObservation

NEARBY_METRES = 100
"""Farther away, two observations of one category are hardly about the same thing."""


@dataclass(frozen=True)
class Nearby:
    """A public observation near a point, and its distance."""

    observation: PublicObservation
    metres: int | None
    """Rounded to ten metres; None where only the cell is public, whose centre is no place to measure from."""
    is_same_cell: bool


def nearby_or_none(observation: PublicObservation, point: Point, grid: Lattice) -> Nearby | None:
    """Returns the observation with its distance from the point, or None when it is too far away."""
    location = Point(observation.lon, observation.lat)
    is_same = grid.cell(location) == grid.cell(point)
    if observation.is_cell:
        return Nearby(observation, None, is_same) if grid.cell(location) in cells_around(point, grid) else None
    metres = location.metres_to(point)
    return Nearby(observation, round(metres / 10) * 10, is_same) if metres <= NEARBY_METRES else None


def distance_key(nearby: Nearby) -> tuple[float, str]:
    """Sorts by distance; the same cell counts as 75 m, a neighbouring cell as 150 m."""
    cell_metres = 75 if nearby.is_same_cell else 150
    return (cell_metres if nearby.metres is None else nearby.metres, nearby.observation.reference)


def cells_around(point: Point, grid: Lattice) -> frozenset[int]:
    """Returns the point's cell and its eight neighbours."""
    column, row = deinterleave(grid.cell(point))
    return frozenset(interleave(column + east, row + north) for east in (-1, 0, 1) for north in (-1, 0, 1))
