"""Which companions a small count gets, worked out by hand: what hiding costs, and how far each number must move."""

import pytest

from cohab_report.insight.suppression import COMMITTEE_THRESHOLD, TOTAL, CountTable, EntryKey, hiding, suppress
from cohab_report.insight.suppression.flows import Circulation, Edge
from tests.insight.test_suppression import one_way, table_of

A_FIELD_EACH = CountTable(tuple("abc"), tuple("xy"), ((1, 2), (3, 4), (5, 6)), groups=tuple("ggh"))


@pytest.mark.parametrize(
    ("key", "count", "cost"),
    [
        (("inner", "a", "x"), 1, 11),
        (("inner", "a", "x"), 999, 1_009),
        (("inner", "a", "x"), 1_000, 1_010),
        (("inner", "a", "x"), 1_001, 1_010),
        (("inner", "a", "x"), 0, 5_000),
        (("row", "a", ""), 0, 20_000),
        (("row", "a", ""), 999, 20_999),
        (("row", "a", ""), 1_001, 21_000),
        (("group", "g", ""), 7, 50_007),
        (("column", "", "x"), 7, 100_007),
        (TOTAL, 7, 1_000_007),
    ],
)
def test_hiding_costs_least_for_small_counts_then_large_ones_zeros_totals_and_all_of_it(
    key: EntryKey, count: int, cost: int
) -> None:
    assert hiding._hiding_cost(key, count) == cost


def test_of_two_companions_that_would_do_the_smaller_is_hidden() -> None:
    safe = suppress(one_way({"a": 2, "b": 40, "c": 30}), threshold=COMMITTEE_THRESHOLD)
    assert [safe.row_total(row).hiding_reason for row in "abc"] == ["primary", None, "complementary"]


def test_a_companion_is_rather_a_large_count_than_a_zero() -> None:
    safe = suppress(table_of([3, 900, 0], [900, 900, 0], [0, 0, 50]), threshold=COMMITTEE_THRESHOLD)
    hidden = {key for key, entry in safe.entries.items() if entry.hiding_reason}
    assert hidden == {("inner", f"r{row}", f"c{column}") for row in (0, 1) for column in (0, 1)}


@pytest.mark.parametrize(("count", "grows", "shrinks"), [(1, 5, 0), (3, 3, 2), (4, 2, 3)])
def test_a_small_count_must_be_able_to_be_anything_from_one_to_the_threshold(
    count: int, grows: int, shrinks: int
) -> None:
    network = Circulation([Edge(0, 1, count), Edge(1, 0, count)])
    needed = hiding._needed_slack(network, 0, {0, 1}, COMMITTEE_THRESHOLD)
    assert needed == [(True, grows), (False, shrinks)]


@pytest.mark.parametrize(("count", "grows"), [(0, 5), (5, 0), (7, 0)])
def test_another_count_grows_by_what_it_cannot_shrink_of_the_threshold(count: int, grows: int) -> None:
    network = Circulation([Edge(0, 1, count), Edge(1, 0, count)])
    assert hiding._needed_slack(network, 0, {0, 1}, COMMITTEE_THRESHOLD) == [(True, grows)]
    assert hiding._needed_slack(network, 0, {0}, COMMITTEE_THRESHOLD) == [(True, 5)], "nothing beside it may move"


def test_totals_flow_through_groups_into_rows_and_counts_from_rows_to_columns() -> None:
    nodes = hiding._number_nodes(A_FIELD_EACH)
    assert (nodes.row, nodes.column, nodes.group) == ({"a": 2, "b": 3, "c": 4}, {"x": 5, "y": 6}, {"g": 7, "h": 8})
    edges = {key: hiding._edge(key, count, nodes) for key, count in A_FIELD_EACH.counts_by_key().items()}
    assert edges["inner", "b", "y"] == Edge(3, 6, 4)
    assert (edges["row", "a", ""], edges["row", "c", ""]) == (Edge(7, 2, 3), Edge(8, 4, 11))
    assert (edges["group", "g", ""], edges["group", "h", ""]) == (Edge(0, 7, 10), Edge(0, 8, 11))
    assert (edges["column", "", "y"], edges[TOTAL]) == (Edge(6, 1, 12), Edge(1, 0, 21))


def test_without_groups_totals_flow_straight_into_rows() -> None:
    table = table_of([1, 2], [3, 4])
    nodes = hiding._number_nodes(table)
    assert (nodes.group, nodes.group_of) == ({}, {})
    edges = {key: hiding._edge(key, count, nodes) for key, count in table.counts_by_key().items()}
    assert edges["row", "r1", ""] == Edge(0, 3, 7)
