"""Nobody gets a hidden count back from what is published: linear programs and plain enumeration try."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product
from math import inf
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from cohab_report.insight.suppression import (
    COMMITTEE_THRESHOLD,
    PUBLIC_THRESHOLD,
    TOTAL,
    CountTable,
    Entry,
    EntryKey,
    SafeTable,
    joint_bounds,
    round_table,
    round_to,
    suppress,
    suppress_together,
)


def table_of(*lines: Sequence[int | None]) -> CountTable:
    """A table whose rows are r0, r1, … and columns c0, c1, …."""
    rows, columns = tuple(f"r{i}" for i in range(len(lines))), tuple(f"c{j}" for j in range(len(lines[0])))
    return CountTable(rows, columns, tuple(tuple(line) for line in lines))


def one_way(counts: dict[str, int]) -> CountTable:
    """A list of counts and its total: a table of one column, whose name is empty."""
    return CountTable(tuple(counts), ("",), tuple((count,) for count in counts.values()))


def counts_in(*, sizes: int = 6, highest: int = 40, impossible: bool = False) -> st.SearchStrategy[CountTable]:
    """Tables of few and of many, up to `sizes` rows and columns."""
    count = st.one_of(st.just(0), st.integers(1, 4), st.integers(5, 12), st.integers(0, highest))
    entry: st.SearchStrategy[int | None] = st.one_of(st.none(), count) if impossible else count
    shapes = st.tuples(st.integers(1, sizes), st.integers(1, sizes))
    return shapes.flatmap(
        lambda shape: st.lists(
            st.lists(entry, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
        )
    ).map(lambda lines: table_of(*lines))


class Reader:
    """Somebody with the published tables and a linear-programming solver. Written apart from the product on purpose."""

    def __init__(self, tables: Sequence[CountTable], published: Sequence[SafeTable]) -> None:
        self.unknowns = [
            (n, i, j)
            for n, t in enumerate(tables)
            for i, line in enumerate(t.counts)
            for j, c in enumerate(line)
            if c is not None
        ]
        self.tables, self.published = tables, published
        self.equations: list[list[float]] = []
        self.values: list[float] = []
        for n, table in enumerate(published):
            for key, entry in table.entries.items():
                if entry.value is not None:
                    self.equations.append(self.line(n, key))
                    self.values.append(entry.value)
                if n and key[0] in ("column", "total"):
                    self.equations.append([a - b for a, b in zip(self.line(n, key), self.line(0, key), strict=True)])
                    self.values.append(0)

    def line(self, n: int, key: EntryKey) -> list[float]:
        return [float(m == n and self.is_part(n, i, j, key)) for m, i, j in self.unknowns]

    def is_part(self, n: int, i: int, j: int, key: EntryKey) -> bool:
        """Whether the inner count is one of those that this entry adds up."""
        kind, name, column = key
        table = self.tables[n]
        if kind == "group":
            return table.groups[i] == name
        return (kind in ("column", "total") or table.rows[i] == name) and (
            kind in ("row", "total") or table.columns[j] == column
        )

    def could_be(self, n: int, key: EntryKey) -> tuple[float, float]:
        objective = np.array(self.line(n, key))
        limits = {"A_eq": np.array(self.equations), "b_eq": np.array(self.values)} if self.equations else {}
        low, high = linprog(objective, **limits), linprog(-objective, **limits)
        assert low.status == 0, low.message
        assert high.status in (0, 3), high.message
        return float(low.fun), inf if high.status == 3 else -float(high.fun)


def assert_guarantee_holds(tables: Sequence[CountTable], published: Sequence[SafeTable], threshold: int) -> None:
    """The guarantee, entry by entry, against the reader."""
    reader = Reader(tables, published)
    for n, (table, safe) in enumerate(zip(tables, published, strict=True)):
        counts = table.counts_by_key()
        assert set(safe.entries) == set(counts)
        for key, entry in safe.entries.items():
            true = counts[key]
            if entry.hiding_reason is None:
                assert entry.value == true
                assert not 0 < true < threshold, f"{key} shows {true}"
                continue
            assert entry.value is None
            assert (entry.hiding_reason == "primary") == (0 < true < threshold)
            low, high = reader.could_be(n, key)
            assert high - low >= threshold - 1e-6, f"{key} = {true} lies in [{low}, {high}]"
            if entry.hiding_reason == "primary":
                assert low <= 1 + 1e-6 and high >= threshold - 1e-6, f"{key} = {true} lies in [{low}, {high}]"


@settings(max_examples=80, deadline=None)
@given(counts_in(), st.sampled_from([3, COMMITTEE_THRESHOLD, PUBLIC_THRESHOLD]))
@example(table_of([3, 20], [20, 20]), 5)
@example(table_of([0, 0, 3], [0, 12, 0], [7, 0, 0]), 5)
@example(table_of([4]), 5)
@example(table_of([1, 1, 1, 1]), 5)
def test_no_published_table_gives_back_a_hidden_entry(table: CountTable, threshold: int) -> None:
    assert_guarantee_holds([table], [suppress(table, threshold=threshold)], threshold)


@settings(max_examples=60, deadline=None)
@given(counts_in(impossible=True), st.sampled_from([COMMITTEE_THRESHOLD, PUBLIC_THRESHOLD]))
def test_nor_when_some_pairs_can_not_be(table: CountTable, threshold: int) -> None:
    assert_guarantee_holds([table], [suppress(table, threshold=threshold)], threshold)


@settings(max_examples=60, deadline=None)
@given(counts_in(), st.integers(1, 3), st.sampled_from([COMMITTEE_THRESHOLD, PUBLIC_THRESHOLD]))
def test_nor_do_fields_with_their_actions(table: CountTable, fields: int, threshold: int) -> None:
    grouped = replace(table, groups=tuple(f"g{number % fields}" for number in range(len(table.rows))))
    safe = suppress(grouped, threshold=threshold)
    assert_guarantee_holds([grouped], [safe], threshold)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.one_of(st.just(0), st.integers(1, 30)), min_size=1, max_size=15),
    st.sampled_from([COMMITTEE_THRESHOLD, PUBLIC_THRESHOLD]),
)
def test_nor_does_a_list_with_its_total(counts: list[int], threshold: int) -> None:
    table = one_way({f"s{number}": count for number, count in enumerate(counts)})
    assert_guarantee_holds([table], [suppress(table, threshold=threshold)], threshold)


def ways_to_fill(table: CountTable, published: SafeTable, highest: int) -> Iterator[dict[EntryKey, int]]:
    """Every table of whole numbers up to `highest` that agrees with all that is published, by plain enumeration."""
    places = [(i, j) for i, line in enumerate(table.counts) for j, _ in enumerate(line)]
    choices = []
    for i, j in places:
        entry = published.entry(table.rows[i], table.columns[j])
        assert entry is not None
        choices.append(range(highest + 1) if entry.value is None else [entry.value])
    for filling in product(*choices):
        width = len(table.columns)
        other = table_of(*(filling[start : start + width] for start in range(0, len(filling), width))).counts_by_key()
        if all(entry.value in (None, other[key]) for key, entry in published.entries.items()):
            yield other


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=2, max_size=2), min_size=2, max_size=2))
def test_plain_enumeration_finds_at_least_as_many_values_as_promised(lines: list[list[int]]) -> None:
    threshold, table = 3, table_of(*lines)
    published = suppress(table, threshold=threshold)
    seen: dict[EntryKey, set[int]] = {key: set() for key, entry in published.entries.items() if entry.hiding_reason}
    for other in ways_to_fill(table, published, highest=9):
        for key, values in seen.items():
            values.add(other[key])
    for key, values in seen.items():
        assert len(values) >= threshold + 1, f"{key} can only be {sorted(values)}"
        if published.entries[key].hiding_reason == "primary":
            assert {*range(1, threshold + 1)} <= values


def star(rows: tuple[int, int], columns: int) -> st.SearchStrategy[tuple[CountTable, CountTable]]:
    """Two tables of the same observations. Each observation falls in a column, in a row of the one and of the other."""
    observation = st.tuples(
        st.integers(0, rows[0] - 1), st.integers(0, rows[1] - 1), st.integers(0, columns - 1), st.integers(1, 9)
    )

    def tabulate(batches: list[tuple[int, int, int, int]]) -> tuple[CountTable, CountTable]:
        counts = [[[0] * columns for _ in range(rows[n])] for n in (0, 1)]
        for one, other, column, many in batches:
            counts[0][one][column] += many
            counts[1][other][column] += many
        return table_of(*counts[0]), table_of(*counts[1])

    return st.lists(observation, max_size=25).map(tabulate)


@settings(max_examples=30, deadline=None)
@given(star((3, 4), 3), st.sampled_from([COMMITTEE_THRESHOLD, PUBLIC_THRESHOLD]))
def test_tables_side_by_side_do_not_give_back_what_each_hides(
    tables: tuple[CountTable, CountTable], threshold: int
) -> None:
    assert_guarantee_holds(tables, suppress_together(tables, threshold=threshold), threshold)


def test_a_shared_total_hidden_in_one_table_is_hidden_in_the_other() -> None:
    months_by_kind = table_of([20, 2], [30, 1], [25, 0])
    sectors_by_kind = table_of([60, 3], [15, 0])
    alone = (
        suppress(months_by_kind, threshold=COMMITTEE_THRESHOLD),
        suppress(sectors_by_kind, threshold=COMMITTEE_THRESHOLD),
    )
    together = suppress_together((months_by_kind, sectors_by_kind), threshold=COMMITTEE_THRESHOLD)
    assert alone[0].column_total("c1").hiding_reason == "primary"
    for key in [("column", "", "c0"), ("column", "", "c1"), TOTAL]:
        assert together[0].entries[key].value == together[1].entries[key].value
    assert_guarantee_holds([months_by_kind, sectors_by_kind], together, COMMITTEE_THRESHOLD)


def test_tables_of_different_observations_are_not_published_together() -> None:
    with pytest.raises(ValueError, match="^tables published together have the same column totals$"):
        suppress_together((table_of([10, 12]), table_of([10, 13])), threshold=COMMITTEE_THRESHOLD)


def test_enough_everywhere_hides_nothing() -> None:
    safe = suppress(table_of([5, 0, 17], [40, 6, 9]), threshold=COMMITTEE_THRESHOLD)
    assert [entry for entry in safe.entries.values() if entry.hiding_reason] == []
    assert safe.total == Entry(77)
    assert safe.row_total("r1") == Entry(55)
    assert (safe.rows, safe.columns) == (("r0", "r1"), ("c0", "c1", "c2"))


def test_one_small_count_takes_three_companions_and_no_total() -> None:
    safe = suppress(table_of([3, 20, 50], [20, 21, 60], [70, 80, 90]), threshold=COMMITTEE_THRESHOLD)
    assert safe.entry("r0", "c0") == Entry(None, "primary")
    assert sorted(key for key, entry in safe.entries.items() if entry.hiding_reason == "complementary") == [
        ("inner", "r0", "c1"),
        ("inner", "r1", "c0"),
        ("inner", "r1", "c1"),
    ]


def test_two_small_counts_that_add_up_to_little_are_not_left_alone() -> None:
    safe = suppress(one_way({"a": 1, "b": 1, "c": 30, "d": 40}), threshold=COMMITTEE_THRESHOLD)
    assert [safe.row_total(row).hiding_reason for row in "abcd"] == ["primary", "primary", "complementary", None]


def test_a_lonely_small_count_hides_its_totals_too() -> None:
    safe = suppress(table_of([4]), threshold=COMMITTEE_THRESHOLD)
    assert all(entry == Entry(None, "primary") for entry in safe.entries.values())


def test_an_empty_table_shows_its_zeros() -> None:
    safe = suppress(table_of([0, 0], [0, 0]), threshold=PUBLIC_THRESHOLD)
    assert {entry.value for entry in safe.entries.values()} == {0}


def test_actions_nested_in_fields_do_not_give_each_other_back() -> None:
    actions = table_of([30, None], [3, None], [None, 25], [None, 12])
    safe = suppress(actions, threshold=COMMITTEE_THRESHOLD)
    assert safe.entry("r1", "c0") == Entry(None, "primary") == safe.row_total("r1")
    assert safe.entry("r0", "c1") is None
    assert_guarantee_holds([actions], [safe], COMMITTEE_THRESHOLD)


@settings(max_examples=60, deadline=None)
@given(counts_in(sizes=5, highest=90))
def test_rounding_shows_multiples_of_five_and_loosens_what_can_be_computed(table: CountTable) -> None:
    safe = suppress(table, threshold=PUBLIC_THRESHOLD)
    rounded_table = round_table(safe)
    for key, entry in rounded_table.entries.items():
        exact = safe.entries[key]
        assert entry.hiding_reason == exact.hiding_reason
        if exact.value is not None:
            assert entry.value is not None
            assert entry.value % 5 == 0 and abs(entry.value - exact.value) <= 2
            assert (entry.value == 0) == (exact.value == 0)


def test_rounding_by_hand() -> None:
    assert [round_to(value) for value in (0, 10, 12, 13, 17, 18, None)] == [0, 10, 10, 15, 15, 20, None]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: CountTable(("a",), ("b",), ((1, 2),)),
        lambda: CountTable(("a", "a"), ("b",), ((1,), (2,))),
        lambda: table_of([-1]),
    ],
)
def test_what_is_no_table_is_refused(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ValueError, match="one count|names of their own|never negative"):
        wrong()


def test_a_year_by_every_category_is_done_in_few_steps() -> None:
    rng = np.random.default_rng(7)
    table = table_of(
        *([int(count) for count in line] for line in rng.poisson(rng.gamma(0.7, 12, size=(22, 1)), size=(22, 12)))
    )
    safe = suppress(table, threshold=COMMITTEE_THRESHOLD)
    hidden = [key for key, entry in safe.entries.items() if entry.hiding_reason]
    small = [key for key, value in table.counts_by_key().items() if 0 < value < COMMITTEE_THRESHOLD]
    assert len(small) <= len(hidden) <= 2 * len(small) + 12


def test_a_bound_that_the_solver_does_not_settle_counts_as_known(monkeypatch: pytest.MonkeyPatch) -> None:
    table = table_of([20, 2], [30, 1])
    hidden = [dict.fromkeys(table.counts_by_key(), "primary")]
    assert joint_bounds.tables_too_narrow([table.counts_by_key()], hidden, COMMITTEE_THRESHOLD) == set()
    monkeypatch.setattr("scipy.optimize.linprog", lambda *_facts, **_more: SimpleNamespace(status=4, fun=None))
    assert joint_bounds.tables_too_narrow([table.counts_by_key()], hidden, COMMITTEE_THRESHOLD) == {0}
