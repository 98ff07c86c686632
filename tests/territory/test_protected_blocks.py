"""Blocks of protected cells: all of every circle is inside, and neither their shape nor their place tells of a site."""

from collections import Counter
from dataclasses import replace

from hypothesis import assume, given
from hypothesis import strategies as st

from cohab_report.geo import METRES_PER_DEGREE, Lattice, Point, deinterleave
from cohab_report.territory.protected_blocks import DECOYS, MARGIN_CELLS, Block, Ground, Site, missing_blocks

LATTICE = Lattice(0.002, 0.0014)
MIDDLE = Point(-1.25, 47.15)
KEY = "k" * 40
NOTHING: frozenset[int] = frozenset()
near_the_middle = st.builds(
    lambda east, north: Point(MIDDLE.lon + east, MIDDLE.lat + north), st.floats(-0.05, 0.05), st.floats(-0.05, 0.05)
)
sites = st.lists(
    st.tuples(near_the_middle, st.sampled_from([10, 150, 400])), min_size=1, max_size=5, unique_by=lambda each: each[0]
).map(lambda found: [Site(f"site-{number}", *each) for number, each in enumerate(found)])


def in_city(point: Point) -> bool:
    return abs(point.lon - MIDDLE.lon) < 0.12 and abs(point.lat - MIDDLE.lat) < 0.08


GROUND = Ground(LATTICE, in_city, [Point(MIDDLE.lon + 0.01 * step, MIDDLE.lat) for step in range(-6, 7)])


def cells_of(blocks: list[Block]) -> frozenset[int]:
    return frozenset[int]().union(*(block.cells() for block in blocks))


def drawn(*sites: Site, protected: frozenset[int] = NOTHING, key: str = KEY) -> list[Block]:
    return list(missing_blocks(sites, protected, GROUND, key))


@given(sites=sites, bearing=st.floats(-1, 1), north=st.booleans(), share=st.floats(0, 1))
def test_every_point_of_every_circle_is_in_a_protected_cell(sites, bearing, north, share) -> None:
    cells = cells_of(drawn(*sites))
    for site in sites:
        reach = site.radius / METRES_PER_DEGREE * share
        side = (1 - bearing**2) ** 0.5 * (1 if north else -1)
        point = Point(site.point.lon + reach * bearing / 0.681, site.point.lat + reach * side)
        assume(site.point.metres_to(point) <= site.radius)
        assert LATTICE.cell(point) in cells


@given(sites=sites)
def test_where_all_is_protected_already_nothing_is_added(sites) -> None:
    assert drawn(*sites, protected=cells_of(drawn(*sites))) == []


@given(sites=sites, key=st.text("abc", min_size=32, max_size=40))
def test_another_key_takes_nothing_away_and_adds_nothing_that_could_be_compared(sites, key) -> None:
    assert drawn(*sites, protected=cells_of(drawn(*sites)), key=key) == []


@given(sites=sites)
def test_each_block_comes_with_others_of_the_same_size_whichever_is_the_real_one(sites) -> None:
    sizes = Counter((block.east - block.west, block.north - block.south) for block in drawn(*sites))
    assert 1 + DECOYS <= sum(sizes.values()) <= len(sites) * (1 + DECOYS)
    assert all(count % (1 + DECOYS) == 0 for count in sizes.values())


@given(point=near_the_middle, east=st.floats(-0.3, 0.3), north=st.floats(-0.3, 0.3))
def test_the_size_of_a_block_does_not_tell_where_in_its_cell_a_site_is(point, east, north) -> None:
    moved = Point(point.lon + east * LATTICE.dlon, point.lat + north * LATTICE.dlat)
    first, second = (drawn(Site("shelter", each, 150))[0] for each in (point, moved))
    assert (first.east - first.west, first.north - first.south) == (
        second.east - second.west,
        second.north - second.south,
    )


def test_a_block_does_not_tell_in_which_of_its_cells_the_site_is() -> None:
    """Over many keys the site is in each of the cells where it can be about as often as in any other."""
    site = Site("shelter", LATTICE.centre(LATTICE.cell(MIDDLE)), 150)
    column, row = deinterleave(LATTICE.cell(site.point))
    columns, rows = Counter[int](), Counter[int]()
    for number in range(600):
        (block,) = (each for each in drawn(site, key=f"key {number}") if LATTICE.cell(site.point) in each.cells())
        columns[column - block.west] += 1
        rows[row - block.south] += 1
    for positions in (columns, rows):
        assert len(positions) > MARGIN_CELLS
        assert min(positions.values()) > 600 / len(positions) * 0.7


def test_without_the_key_nobody_draws_the_same_blocks() -> None:
    site = Site("shelter", MIDDLE, 150)
    assert drawn(site) == drawn(site) != drawn(site, key="another key of the same length as the one")


def test_a_new_site_moves_no_block_that_there_was() -> None:
    one = Site("shelter", MIDDLE, 150)
    before = cells_of(drawn(one))
    other = Site("clinic", Point(MIDDLE.lon + 0.04, MIDDLE.lat + 0.03), 150)
    assert LATTICE.cell(other.point) not in before
    added = drawn(one, other, protected=before)
    assert len(added) == 1 + DECOYS, "the real one does not appear alone"
    assert LATTICE.cell(other.point) in cells_of(added)


def test_sites_near_each_other_share_a_block_which_its_decoys_are_like() -> None:
    """Else the blocks that overlap would be the real ones."""
    two = [Site("shelter", MIDDLE, 150), Site("clinic", Point(MIDDLE.lon + 0.004, MIDDLE.lat), 150)]
    blocks = drawn(*two)
    assert len(blocks) == 1 + DECOYS
    assert len({(block.east - block.west, block.north - block.south) for block in blocks}) == 1
    assert any({LATTICE.cell(site.point) for site in two} <= block.cells() for block in blocks)
    assert sum(len(block.cells()) for block in blocks) == len(cells_of(blocks)), "they don't overlap"


def test_where_no_place_is_known_a_site_is_protected_all_the_same() -> None:
    site = Site("shelter", MIDDLE, 150)
    (block,) = missing_blocks([site], NOTHING, replace(GROUND, anchors=[]), KEY)
    assert LATTICE.cell(MIDDLE) in block.cells()
