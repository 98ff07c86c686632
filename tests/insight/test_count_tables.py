"""Tables of counts before anything is hidden: what is refused, how totals add up, where rounding turns."""

import pytest

from cohab_report.insight.suppression import TOTAL, CountTable, Entry, SafeTable, round_table, round_to


@pytest.mark.parametrize(
    ("rows", "columns", "counts", "groups", "mistake"),
    [
        (("a", "b"), ("x",), ((1,), (2,)), ("g",), "each row has one group"),
        (("a",), ("x",), ((1,),), ("g", "g"), "each row has one group"),
        (("a", "b"), ("x",), ((1,),), (), "a table has one count for each row and column"),
        (("a", "b"), ("x", "y"), ((1, 2), (3,)), (), "a table has one count for each row and column"),
        (("a", "a"), ("x",), ((1,), (2,)), (), "rows and columns have names of their own"),
        (("a",), ("x", "x"), ((1, 2),), (), "rows and columns have names of their own"),
        (("a", "b"), ("x", "y"), ((1, 2), (3, -1)), (), "a count is never negative"),
    ],
)
def test_what_does_not_fit_together_is_refused_by_name(rows, columns, counts, groups, mistake):
    with pytest.raises(ValueError, match=f"^{mistake}$"):
        CountTable(rows, columns, counts, groups)


def test_zeros_and_pairs_that_cannot_be_are_no_mistake():
    table = CountTable(("a",), ("x", "y"), ((0, None),))
    assert table.counts_by_key() == {
        ("inner", "a", "x"): 0,
        ("row", "a", ""): 0,
        ("column", "", "x"): 0,
        ("column", "", "y"): 0,
        TOTAL: 0,
    }


def test_totals_of_rows_columns_and_groups_add_up_by_hand():
    table = CountTable(tuple("abc"), tuple("xy"), ((1, 20), (300, None), (4000, 50000)), groups=tuple("ggh"))
    assert table.counts_by_key() == {
        ("inner", "a", "x"): 1,
        ("inner", "a", "y"): 20,
        ("inner", "b", "x"): 300,
        ("inner", "c", "x"): 4000,
        ("inner", "c", "y"): 50000,
        ("row", "a", ""): 21,
        ("row", "b", ""): 300,
        ("row", "c", ""): 54000,
        ("group", "g", ""): 321,
        ("group", "h", ""): 54000,
        ("column", "", "x"): 4301,
        ("column", "", "y"): 50020,
        TOTAL: 54321,
    }


def test_an_entry_is_found_by_its_row_and_column_and_by_its_totals():
    keys = CountTable(("a", "b"), ("x",), ((7,), (None,))).counts_by_key()
    table = SafeTable(("a", "b"), ("x",), {key: Entry(number) for number, key in enumerate(keys)})
    assert table.entry("a", "x") == Entry(0) and table.entry("b", "x") is None
    assert [table.row_total("a"), table.row_total("b"), table.column_total("x"), table.total] == [
        Entry(1),
        Entry(2),
        Entry(3),
        Entry(4),
    ]


@pytest.mark.parametrize(
    ("value", "by_five", "by_ten"),
    [(0, 0, 0), (2, 0, 0), (3, 5, 0), (4, 5, 0), (5, 5, 10), (7, 5, 10), (8, 10, 10), (14, 15, 10), (15, 15, 20)],
)
def test_values_are_rounded_to_the_nearest_step_and_halves_upward(value, by_five, by_ten):
    assert (round_to(value), round_to(value, 10)) == (by_five, by_ten)
    table = SafeTable((), (), {TOTAL: Entry(value)})
    assert (round_table(table).total, round_table(table, 10).total) == (Entry(by_five), Entry(by_ten))


def test_what_is_hidden_stays_hidden_for_its_reason_when_the_rest_is_rounded():
    table = SafeTable(("a",), ("x",), {("row", "a", ""): Entry(None, "primary"), TOTAL: Entry(12)})
    rounded = round_table(table)
    assert rounded == SafeTable(("a",), ("x",), {("row", "a", ""): Entry(None, "primary"), TOTAL: Entry(10)})
