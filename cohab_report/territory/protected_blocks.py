"""Blocks: rectangles of whole cells of the lattice, inside of which observations are protected more.

A protected site lies in a block, together with those near to it, and each such block comes with others, alike, around
no site. Where a site lies in its block, and where the other blocks are, is drawn with a keyed hash (HMAC-SHA-256), so
that neither the shape of a block nor its place says where a site is, or whether there is one. Pure: decides from facts.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import cos, floor, radians

from cohab_report.geo import METRES_PER_DEGREE, Lattice, Point, deinterleave, interleave

MARGIN_CELLS = 2
"""Cells by which a block is wider, and higher, than the most cells that circles like its sites' can touch."""
DECOYS = 2
"""Blocks around no site for each block around a site."""
GROUP_METRES = 500
"""Circles nearer to each other than this share a block: blocks of their own would overlap, and more be protected."""
DECOY_METRES = 4000
"""The farthest that decoys lie north, south, east or west of a public place or street: where people live."""
DECOY_TRIES = 400
SLACK = 1.01
"""A circle is taken to be one hundredth larger, more than a distance on the sphere differs from the ellipsoid's."""


@dataclass(frozen=True)
class Site:
    """A protected site's code, point (WGS84 degrees) and radius in metres."""

    code: str
    point: Point
    radius: int


@dataclass(frozen=True)
class Block:
    """The columns and rows of the lattice's cells in a block, both ends included."""

    west: int
    south: int
    east: int
    north: int

    def cells(self, around: int = 0) -> frozenset[int]:
        """Returns the numbers of its cells, and of those so many cells around it."""
        columns = range(self.west - around, self.east + around + 1)
        rows = range(self.south - around, self.north + around + 1)
        return frozenset(interleave(column, row) for column, row in product(columns, rows))


@dataclass(frozen=True)
class Ground:
    """What is known of the city where blocks are drawn: its lattice, its outline, its public places and streets."""

    lattice: Lattice
    contains: Callable[[Point], bool]
    anchors: Sequence[Point]


def missing_blocks(sites: Sequence[Site], protected: frozenset[int], ground: Ground, key: str) -> Sequence[Block]:
    """Returns the blocks to add so that every cell that a site's circle touches is in one, decoys included.

    `protected` are the cells of the blocks that there are. The result is the same each time for the same arguments, in
    an order that tells nothing.
    """
    uncovered = sorted(
        (site for site in sites if not _touched([site], ground.lattice).cells() <= protected),
        key=lambda site: site.code,
    )
    groups = _groups(uncovered)
    blocks = [_block_around(group, _size(group, ground.lattice), ground.lattice, key) for group in groups]
    for group in groups:
        for number in range(DECOYS):
            taken = protected.union(*(block.cells() for block in blocks))
            blocks += _decoy(group, number, taken, ground, key)
    return sorted(blocks, key=lambda block: _keyed_number(key, 1 << 62, "order", str(block)))


def _bounds(group: Sequence[Site]) -> tuple[float, float, float, float]:
    """Returns west, south, east and north in degrees of the circles of a group."""
    reaches = [(site.point, site.radius / METRES_PER_DEGREE * SLACK) for site in group]
    circles = [(point, reach / max(cos(radians(point.lat)), 0.01), reach) for point, reach in reaches]
    return (
        min(point.lon - dlon for point, dlon, _dlat in circles),
        min(point.lat - dlat for point, _dlon, dlat in circles),
        max(point.lon + dlon for point, dlon, _dlat in circles),
        max(point.lat + dlat for point, _dlon, dlat in circles),
    )


def _touched(group: Sequence[Site], lattice: Lattice) -> Block:
    """Returns the cells that the circles of a group may touch: those of the rectangle around them."""
    west, south, east, north = _bounds(group)
    first, last = (deinterleave(lattice.cell(corner)) for corner in (Point(west, south), Point(east, north)))
    return Block(*first, *last)


def _size(group: Sequence[Site], lattice: Lattice) -> tuple[int, int]:
    """Returns columns and rows of the group's block, which don't depend on where in their cells the sites are."""
    west, south, east, north = _bounds(group)
    return (
        floor((east - west) / lattice.dlon) + 2 + MARGIN_CELLS,
        floor((north - south) / lattice.dlat) + 2 + MARGIN_CELLS,
    )


def _block_around(group: Sequence[Site], size: tuple[int, int], lattice: Lattice, key: str) -> Block:
    """Returns a block of this size in which the group lies anywhere."""
    touched, (columns, rows), name = _touched(group, lattice), size, group[0].code
    west = touched.east - columns + 1 + _keyed_number(key, columns - (touched.east - touched.west), "column", name)
    south = touched.north - rows + 1 + _keyed_number(key, rows - (touched.north - touched.south), "row", name)
    return Block(west, south, west + columns - 1, south + rows - 1)


def _groups(sites: Sequence[Site]) -> Sequence[Sequence[Site]]:
    """Returns the sites in groups: of one group are sites that are near to each other, or to one between them."""
    groups: list[list[Site]] = []
    for site in sites:
        near = [group for group in groups if any(_are_near(site, other) for other in group)]
        groups = [group for group in groups if group not in near]
        groups.append([site, *(other for group in near for other in group)])
    return groups


def _are_near(site: Site, other: Site) -> bool:
    return site.point.metres_to(other.point) < GROUP_METRES + site.radius + other.radius


def _decoy(group: Sequence[Site], number: int, taken: frozenset[int], ground: Ground, key: str) -> Sequence[Block]:
    """Returns the block of a copy of the group elsewhere in the city; none where no copy fits into the city.

    Where there is room, it neither covers nor touches what is taken.
    """
    fallback: Sequence[Block] = []
    size = _size(group, ground.lattice)
    for copy in _copies(group, number, ground, key):
        if not all(ground.contains(site.point) for site in copy):
            continue
        block = _block_around(copy, size, ground.lattice, key)
        if taken.isdisjoint(block.cells(around=1)):
            return [block]
        fallback = fallback or [block]
    return fallback


def _copies(group: Sequence[Site], number: int, ground: Ground, key: str) -> Iterator[Sequence[Site]]:
    """Yields copies of the group, each moved as a whole to somewhere near a public place or street."""
    first = group[0]
    for attempt in range(DECOY_TRIES if ground.anchors else 0):
        name = f"{first.code}\0{number}\0{attempt}"
        anchor = ground.anchors[_keyed_number(key, len(ground.anchors), "anchor", name)]
        north, east = (
            (_keyed_number(key, 2 * DECOY_METRES + 1, axis, name) - DECOY_METRES) / METRES_PER_DEGREE
            for axis in ("north", "east")
        )
        to = Point(anchor.lon + east / max(cos(radians(anchor.lat)), 0.01), anchor.lat + north)
        yield [
            Site(
                f"{name}\0{site.code}",
                Point(to.lon + site.point.lon - first.point.lon, to.lat + site.point.lat - first.point.lat),
                site.radius,
            )
            for site in group
        ]


def _keyed_number(key: str, below: int, purpose: str, name: str) -> int:
    """Returns a number from 0 to below `below` that only the key's holder can compute, the same each time."""
    digest = hmac.new(key.encode(), f"protected cells\0{purpose}\0{name}".encode(), hashlib.sha256).digest()
    return int.from_bytes(digest, "big") % below
