"""What tables that share their column totals give away together, worked out by hand: each demand of the guarantee."""

from itertools import cycle
from types import SimpleNamespace

import pytest

from cohab_report.insight.intervals import Interval
from cohab_report.insight.suppression import (
    COMMITTEE_THRESHOLD,
    TOTAL,
    CountTable,
    EntryKey,
    joint_bounds,
    suppress,
    suppress_together,
)
from cohab_report.insight.suppression.flows import Circulation, Edge
from tests.insight.test_suppression import assert_guarantee_holds, table_of

SMALL = (table_of([0, 4, 0], [9, 9, 4]), table_of([7, 12, 0], [2, 1, 4]))
"""Alone each is safe; together the 4 of the first table can't be less than 3: no longer anything from 1 on."""
NARROW = (
    table_of([9, 0, 0], [12, 1, 0], [0, 1, 12]),
    table_of([3, 0, 4], [9, 2, 8], [9, 0, 0]),
)
"""Alone each is safe; together the 12 of the first table lies between 9 and 13."""


@pytest.mark.parametrize("tables", [SMALL, NARROW], ids=["known to be small", "known within a few"])
def test_a_table_that_the_other_one_gives_away_hides_everything(tables: tuple[CountTable, CountTable]) -> None:
    published = suppress_together(tables, threshold=COMMITTEE_THRESHOLD)
    assert_guarantee_holds(tables, published, COMMITTEE_THRESHOLD)
    assert all(cell.value is None for cell in published[0].entries.values()), "the first table says nothing any more"
    assert {cell.hiding_reason for cell in published[0].entries.values()} == {"primary", "complementary"}


def too_narrow(low_to_high: tuple[float, float], true: int, threshold: int = COMMITTEE_THRESHOLD) -> bool:
    """Whether an entry of that value, of which that much can be computed, breaks the guarantee."""
    return not joint_bounds._is_wide(Interval(*low_to_high), true, threshold)


def test_what_is_hidden_beside_small_counts_is_known_no_closer_than_the_threshold() -> None:
    assert not too_narrow((7, 12), 9)
    assert too_narrow((8, 12), 9)
    assert not too_narrow((0, 5), 0) and too_narrow((0, 4), 0)
    assert not too_narrow((7, 12), COMMITTEE_THRESHOLD), "the threshold itself is not small"


def test_of_a_small_count_nobody_can_tell_that_it_is_small() -> None:
    assert not too_narrow((0, 5), 4) and not too_narrow((1, 6), 4)
    assert too_narrow((2, 8), 4), "it can't be one"
    assert too_narrow((0, 4.9), 4), "it can't be the threshold"
    assert not too_narrow((0, float("inf")), 1)
    assert too_narrow((2, float("inf")), 4)


def test_bounds_are_rounded_inwards_to_whole_numbers_but_for_the_solvers_own_dust() -> None:
    assert not too_narrow((7 + 1e-9, 12 - 1e-9), 9)
    assert too_narrow((7.1, 12), 9) and too_narrow((7, 11.9), 9)


def test_what_is_hidden_is_bounded_by_all_that_both_tables_show() -> None:
    """20 of column c0 are split 12 to 8 in the one table; the other hides its cell and shows the rest of its row."""
    one, other = table_of([12, 3], [8, 9]), table_of([15, 4], [5, 8])
    hidden: list[set[EntryKey]] = [
        set(one.counts_by_key()) - {TOTAL},
        set(other.counts_by_key()) - {TOTAL, ("row", "r0", "")},
    ]
    found = joint_bounds.joint_bounds(
        [one.counts_by_key(), other.counts_by_key()], [dict.fromkeys(each, "primary") for each in hidden]
    )
    assert found[0]["column", "", "c0"] == found[1]["column", "", "c0"] == Interval(0, 32)
    assert found[1]["inner", "r0", "c0"] == Interval(0, 19) and found[1]["row", "r1", ""] == Interval(13, 13)


def test_a_column_that_one_table_shows_bounds_the_other() -> None:
    one, other = table_of([12, 3], [8, 9]), table_of([15, 4], [5, 8])
    nothing_of_one = dict.fromkeys(one.counts_by_key(), "primary")
    cells_of_other = {key: "primary" for key in other.counts_by_key() if key[0] in ("inner", "row")}
    found = joint_bounds.joint_bounds([one.counts_by_key(), other.counts_by_key()], [nothing_of_one, cells_of_other])
    assert found[0]["column", "", "c0"] == Interval(20, 20), "hidden here, shown there"
    assert found[0]["inner", "r0", "c1"] == Interval(0, 12) and found[0][TOTAL] == Interval(32, 32)


def test_a_table_that_hides_all_of_itself_has_no_upper_bound() -> None:
    table = table_of([3])
    (found,) = joint_bounds.joint_bounds([table.counts_by_key()], [dict.fromkeys(table.counts_by_key(), "primary")])
    assert found["inner", "r0", "c0"] == Interval(0, float("inf"))


@pytest.mark.parametrize("statuses", [(4, 0), (0, 4), (4, 3)], ids=["no least", "no largest", "no least, no limit"])
def test_a_bound_of_which_the_solver_settles_only_one_side_counts_as_known(
    monkeypatch: pytest.MonkeyPatch, statuses: tuple[int, int]
) -> None:
    answers = cycle(SimpleNamespace(status=status, fun=fun) for status, fun in zip(statuses, (0.0, -99.0), strict=True))
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_facts, **_more: next(answers))
    counts = table_of([3]).counts_by_key()
    (found,) = joint_bounds.joint_bounds([counts], [dict.fromkeys(counts, "primary")])
    assert all(bounds.low == bounds.high for bounds in found.values())


def test_only_the_tables_that_break_it_are_named() -> None:
    shown = {("inner", "r0", "c0"): 10, ("row", "r0", ""): 10, ("column", "", "c0"): 10, TOTAL: 10}
    hides_one = [{}, {("inner", "r0", "c0"): "complementary"}]
    assert joint_bounds.tables_too_narrow([shown, shown], hides_one, COMMITTEE_THRESHOLD) == {1}


def test_a_total_that_one_table_hides_is_hidden_by_all_and_nothing_more() -> None:
    one, other = table_of([20, 2], [30, 1]), table_of([45, 2], [5, 1])
    published = suppress_together((one, other), threshold=COMMITTEE_THRESHOLD)
    for key in one.counts_by_key():
        if key[0] in ("column", "total"):
            assert (published[0].entries[key].value is None) is (published[1].entries[key].value is None)
    assert_guarantee_holds((one, other), published, COMMITTEE_THRESHOLD)
    assert published[0].entry("r1", "c0") is not None


def test_tables_whose_totals_are_shown_are_published_as_they_would_be_alone() -> None:
    one, other = table_of([20, 12], [30, 11], [3, 9]), table_of([45, 20], [8, 12])
    together = suppress_together((one, other), threshold=COMMITTEE_THRESHOLD)
    assert together == (suppress(one, threshold=COMMITTEE_THRESHOLD), suppress(other, threshold=COMMITTEE_THRESHOLD))
    assert together[1] == suppress(other, threshold=COMMITTEE_THRESHOLD) and all(
        cell.hiding_reason is None for cell in together[1].entries.values()
    )


def test_no_tables_are_published_as_none_and_one_as_itself() -> None:
    assert suppress_together((), threshold=COMMITTEE_THRESHOLD) == ()
    alone = table_of([3, 20, 50], [20, 21, 60])
    assert suppress_together((alone,), threshold=COMMITTEE_THRESHOLD) == (
        suppress(alone, threshold=COMMITTEE_THRESHOLD),
    )


def test_rows_in_groups_are_not_published_side_by_side() -> None:
    grouped = CountTable(("a", "b"), ("c",), ((20,), (30,)), groups=("g", "h"))
    with pytest.raises(ValueError, match="^rows of tables published together have no groups$"):
        suppress_together((grouped, table_of([50])), threshold=COMMITTEE_THRESHOLD)


def test_the_companion_of_a_small_count_is_of_its_own_group() -> None:
    table = CountTable(tuple("abcd"), ("",), ((3,), (30,), (20,), (25,)), groups=tuple("gghh"))
    safe = suppress(table, threshold=COMMITTEE_THRESHOLD)
    assert [safe.row_total(row).hiding_reason for row in "abcd"] == ["primary", "complementary", None, None]
    assert_guarantee_holds([table], [safe], COMMITTEE_THRESHOLD)


@pytest.mark.parametrize(("count", "hidden"), [(0, False), (1, True), (4, True), (5, False)])
def test_counts_below_the_threshold_are_hidden_and_zero_and_the_threshold_are_not(count: int, hidden: bool) -> None:
    safe = suppress(table_of([count, 30, 40], [50, 60, 70], [50, 60, 70]), threshold=COMMITTEE_THRESHOLD)
    cell = safe.entry("r0", "c0")
    assert cell is not None and (cell.hiding_reason == "primary") is hidden and (cell.value is None) is hidden
    assert hidden or not any(each.hiding_reason for each in safe.entries.values())


# --- How far a number may move ---

SQUARE = [Edge(0, 1, 5), Edge(1, 2, 5), Edge(2, 0, 5)]


def test_a_number_grows_without_limit_where_its_circle_may_and_shrinks_to_zero() -> None:
    network = Circulation(SQUARE)
    assert network.slack(0, {0, 1, 2}, up=True, need=99) == 99
    assert network.slack(0, {0, 1, 2}, up=False, need=99) == 5
    assert network.slack(0, {0, 1, 2}, up=False, need=3) == 3
    assert network.slack(0, {0, 1}, up=True, need=9) == 0, "the circle is not closed"


def test_what_shrinks_along_the_way_gives_no_more_than_it_has() -> None:
    """Edge 0 grows only while edge 1, beside it, shrinks."""
    network = Circulation([Edge(0, 1, 5), Edge(0, 1, 3)])
    assert network.slack(0, {0, 1}, up=True, need=9) == 3
    assert network.slack(1, {0, 1}, up=True, need=9) == 5
    assert network.slack(0, {0, 1}, up=False, need=9) == 5, "the other one grows without limit"


def test_the_cheapest_companions_move() -> None:
    network = Circulation([Edge(0, 1, 9), Edge(1, 0, 9), Edge(1, 0, 2), Edge(1, 0, 9)])
    prices = {1: 8, 2: 1, 3: 5}

    def price(edge: int) -> int | None:
        return prices.get(edge)

    push = network.augment(0, price, up=True, need=4)
    assert (push.amount, push.other_edges) == (4, frozenset({2}))
    down = network.augment(0, price, up=False, need=4)
    assert (down.amount, down.other_edges) == (4, frozenset({2, 3})), "two of the cheapest, then of the next"
    assert network.augment(0, lambda _edge: None, up=True, need=4).amount == 0, "nothing else may move"
