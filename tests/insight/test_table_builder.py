"""What is published of a quarter: nothing of concerns outside, nothing exact that the rounded table would not tell."""

import json
import random
from datetime import date

import pytest

from cohab_report.catalogue.models import Kind
from cohab_report.insight.intervals import Interval, poisson_interval, share_interval
from cohab_report.insight.publishing.quarter_tables import (
    Figure,
    QuarterTables,
    SuppressedRow,
    SuppressedTable,
    from_json,
    to_json,
)
from cohab_report.insight.publishing.table_builder import RowCodes, committee_tables, public_tables, share_with_interval
from cohab_report.insight.quarters import Quarter
from cohab_report.insight.queries import ActionQuarterCount, MonthlyCountValues

SUMMER = Quarter(2026, 3)
KIND_OF = {"C1": Kind.CLEANLINESS, "C2": Kind.CLEANLINESS, "S1": Kind.SAFETY, "P1": Kind.POSITIVE, "W1": Kind.CONCERN}
CODES = RowCodes(
    ("north", "south"),
    {1: "north", 2: "south"},
    KIND_OF,
    dict(enumerate(KIND_OF, start=1)),
    ("open", "done"),
    {"A-1": "A", "A-2": "A", "B-1": "B"},
    {1: "A-1", 2: "A-2", 3: "B-1"},
)


def count(
    category: int,
    observations: int,
    *,
    month: int = 7,
    sector: int = 1,
    outcome: str = "open",
    out_of_plan: bool = False,
) -> MonthlyCountValues:
    """The values of one monthly count."""
    kind = list(KIND_OF.values())[category - 1]
    return MonthlyCountValues(
        date(2026, month, 1), kind, category, sector, outcome, out_of_plan, observations, observations
    )


MANY = [
    count(1, 40),
    count(1, 33, month=8, sector=2),
    count(3, 27),
    count(3, 22, month=9, sector=2),
    count(4, 31),
    count(4, 18, month=8),
]
CONCERNS = [count(5, 60), count(5, 50, month=9, outcome="done")]
ACTION_COUNTS = [
    ActionQuarterCount(1, Kind.CLEANLINESS, 44),
    ActionQuarterCount(1, Kind.POSITIVE, 16),
    ActionQuarterCount(3, Kind.CONCERN, 70),
]


def figures_of(table: SuppressedTable) -> list[Figure]:
    """All figures and totals of a table."""
    lines = [*table.rows, table.totals]
    figures = [figure for row in lines for figure in row.figures if figure is not None]
    return [*figures, *(row.total for row in lines), *table.group_totals.values(), *table.column_totals.values()]


def shown_numbers(tables: QuarterTables) -> list[int]:
    """All numbers that a reader sees."""
    return [
        figure.value for table in tables.tables.values() for figure in figures_of(table) if figure.value is not None
    ]


def total_of(row: SuppressedRow | None) -> int | None:
    """What a line says in all."""
    assert row is not None
    return row.total.value


def numbers_in(content: object) -> set[float]:
    """Every number in what is written down, wherever it stands."""
    if isinstance(content, dict | list):
        return set().union(*map(numbers_in, content.values() if isinstance(content, dict) else content))
    return {content} if isinstance(content, int | float) else set()


def test_concerns_change_nothing_outside() -> None:
    assert public_tables(SUMMER, MANY + CONCERNS, ACTION_COUNTS, CODES) == public_tables(
        SUMMER, MANY, ACTION_COUNTS[:2], CODES
    )


def test_concerns_are_counted_apart_inside() -> None:
    inside = committee_tables(SUMMER, MANY + CONCERNS, ACTION_COUNTS, CODES)
    assert inside.total.value == 171
    assert inside.concerns is not None
    assert inside.concerns.totals.total.value == 110
    assert total_of(inside.concerns.row("done")) == 50


def test_outside_everything_is_rounded_and_only_these_tables_exist() -> None:
    outside = public_tables(SUMMER, MANY, ACTION_COUNTS, CODES)
    assert set(outside.tables) == {"mois", "secteurs", "actions"}
    assert outside.total.value == 170
    assert all(value % 5 == 0 for value in shown_numbers(outside))


@pytest.mark.parametrize("seed", range(4))
def test_a_number_of_one_to_nine_never_leaves_the_house(seed: int) -> None:
    rng = random.Random(seed)
    counts = [
        count(rng.randint(1, 5), rng.randint(1, 14), month=rng.randint(7, 9), sector=rng.randint(1, 2))
        for _number in range(25)
    ]
    action_counts = [
        ActionQuarterCount(rng.randint(1, 3), rng.choice(list(Kind)), rng.randint(1, 14)) for _number in range(8)
    ]
    assert not set(range(1, 10)) & set(shown_numbers(public_tables(SUMMER, counts, action_counts, CODES)))
    assert not set(range(1, 5)) & set(shown_numbers(committee_tables(SUMMER, counts, action_counts, CODES)))


def test_a_field_adds_up_its_actions() -> None:
    actions = committee_tables(SUMMER, MANY, ACTION_COUNTS, CODES).actions
    assert (actions.group_totals["A"].value, actions.group_totals["B"].value, total_of(actions.row("A-2"))) == (
        60,
        70,
        0,
    )


def test_a_share_is_told_of_shown_counts_and_enough_of_them() -> None:
    assert share_with_interval(None, 40) is None
    assert share_with_interval(4, None) is None
    assert share_with_interval(2, 4) is None
    share = share_with_interval(10, 40)
    assert share is not None
    assert share[0] == 0.25
    assert share[1].contains(0.25)


@pytest.mark.parametrize("observations", range(10, 61))
def test_outside_an_interval_covers_that_of_what_was_counted(observations: int) -> None:
    total = public_tables(SUMMER, [count(1, observations)], [], CODES).total
    assert total.value is not None and total.interval is not None
    exact = poisson_interval(observations)
    assert total.interval.low <= exact.low and exact.high <= total.interval.high
    assert public_tables(SUMMER, [], [], CODES).total.interval == Interval(0, 4)


@pytest.mark.parametrize(("part", "whole"), [(10, 21), (12, 32), (23, 33), (30, 58)])
def test_and_so_does_that_of_a_share(part: int, whole: int) -> None:
    action_counts = [ActionQuarterCount(1, Kind.POSITIVE, part), ActionQuarterCount(1, Kind.CLEANLINESS, whole - part)]
    row = public_tables(SUMMER, [], action_counts, CODES).actions.row("A-1")
    assert row is not None and row.positive_share is not None
    exact = share_interval(part, whole)
    assert row.positive_share[1].low <= exact.low and exact.high <= row.positive_share[1].high


def test_a_shown_total_has_its_exact_interval_and_a_hidden_one_none() -> None:
    tables = committee_tables(SUMMER, [*MANY, count(3, 10, month=7), count(4, 3, month=9)], ACTION_COUNTS, CODES)
    for table in tables.tables.values():
        for figure in [row.total for row in [*table.rows, table.totals]]:
            assert (figure.interval is None) is (figure.value is None)
    ten = committee_tables(SUMMER, [count(1, 10)], [], CODES).total.interval
    assert ten is not None
    assert ten.outward() == (4, 19)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_reads_back_the_same_and_holds_nothing_hidden(seed: int) -> None:
    rng = random.Random(seed)
    counts = [
        count(rng.randint(1, 5), rng.randint(1, 14), month=rng.randint(7, 9), sector=rng.randint(1, 2))
        for _number in range(25)
    ]
    action_counts = [
        ActionQuarterCount(rng.randint(1, 3), rng.choice(list(Kind)), rng.randint(1, 14)) for _number in range(8)
    ]
    for tables in (
        committee_tables(SUMMER, counts, action_counts, CODES),
        public_tables(SUMMER, counts, action_counts, CODES),
    ):
        content = json.loads(json.dumps(to_json(tables)))
        assert to_json(from_json(SUMMER, content)) == content
        assert "primary" not in json.dumps(content) and "complementary" not in json.dumps(content)
        for line in [line for table in content["tables"] for line in [*table["rows"], table["totals"]]]:
            assert not {1, 2, 3, 4} & numbers_in(line[1]), line
            assert numbers_in(line[2]) == set() or line[2][0] not in {1, 2, 3, 4}
