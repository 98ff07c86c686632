"""What is published of a quarter: nothing of concerns outside, nothing exact that the rounded table would not tell."""

import json
import random
from datetime import date

import pytest

from cohab_report.catalogue.models import Kind
from cohab_report.insight.figures import Interval, poisson_interval, share_interval
from cohab_report.insight.publishing.editions import Edition, Figure, Published, Row, read, written
from cohab_report.insight.publishing.making import Names, for_committee, for_public, share
from cohab_report.insight.quarters import Quarter
from cohab_report.insight.queries import Counted, CountedLink

SUMMER = Quarter(2026, 3)
KIND_OF = {"C1": Kind.CLEANLINESS, "C2": Kind.CLEANLINESS, "S1": Kind.SAFETY, "P1": Kind.POSITIVE, "W1": Kind.CONCERN}
NAMES = Names(
    ("north", "south"), {1: "north", 2: "south"}, KIND_OF, dict(enumerate(KIND_OF, start=1)), ("open", "done"),
    {"A-1": "A", "A-2": "A", "B-1": "B"}, {1: "A-1", 2: "A-2", 3: "B-1"},
)  # fmt: skip


def cell(
    category: int, observations: int, *, month: int = 7, sector: int = 1, outcome: str = "open", apart: bool = False
) -> Counted:
    """One cell of the cube."""
    kind = list(KIND_OF.values())[category - 1]
    return Counted(date(2026, month, 1), kind, category, sector, outcome, apart, observations, observations)


MANY = [
    cell(1, 40),
    cell(1, 33, month=8, sector=2),
    cell(3, 27),
    cell(3, 22, month=9, sector=2),
    cell(4, 31),
    cell(4, 18, month=8),
]
CONCERNS = [cell(5, 60), cell(5, 50, month=9, outcome="done")]
LINKS = [CountedLink(1, Kind.CLEANLINESS, 44), CountedLink(1, Kind.POSITIVE, 16), CountedLink(3, Kind.CONCERN, 70)]


def figures_of(table: Published) -> list[Figure]:
    """All cells and totals of a table."""
    lines = [*table.rows, table.totals]
    cells = [cell for row in lines for cell in row.cells if cell is not None]
    return [*cells, *(row.total for row in lines), *table.groups.values(), *table.kinds.values()]


def shown_in(edition: Edition) -> list[int]:
    """All numbers that a reader sees."""
    return [
        figure.value for table in edition.tables.values() for figure in figures_of(table) if figure.value is not None
    ]


def total_of(row: Row | None) -> int | None:
    """What a line says in all."""
    assert row is not None
    return row.total.value


def numbers_in(kept: object) -> set[float]:
    """Every number in what is written down, wherever it stands."""
    if isinstance(kept, dict | list):
        return set().union(*map(numbers_in, kept.values() if isinstance(kept, dict) else kept))
    return {kept} if isinstance(kept, int | float) else set()


def test_concerns_change_nothing_outside() -> None:
    assert for_public(SUMMER, MANY + CONCERNS, LINKS, NAMES) == for_public(SUMMER, MANY, LINKS[:2], NAMES)


def test_concerns_are_counted_apart_inside() -> None:
    inside = for_committee(SUMMER, MANY + CONCERNS, LINKS, NAMES)
    assert inside.total.value == 171
    assert inside.concerns is not None
    assert inside.concerns.totals.total.value == 110
    assert total_of(inside.concerns.row("done")) == 50


def test_outside_everything_is_rounded_and_only_these_tables_exist() -> None:
    outside = for_public(SUMMER, MANY, LINKS, NAMES)
    assert set(outside.tables) == {"mois", "secteurs", "actions"}
    assert outside.total.value == 170
    assert all(value % 5 == 0 for value in shown_in(outside))


@pytest.mark.parametrize("seed", range(4))
def test_a_number_of_one_to_nine_never_leaves_the_house(seed: int) -> None:
    rng = random.Random(seed)
    cells = [
        cell(rng.randint(1, 5), rng.randint(1, 14), month=rng.randint(7, 9), sector=rng.randint(1, 2))
        for _number in range(25)
    ]
    links = [CountedLink(rng.randint(1, 3), rng.choice(list(Kind)), rng.randint(1, 14)) for _number in range(8)]
    assert not set(range(1, 10)) & set(shown_in(for_public(SUMMER, cells, links, NAMES)))
    assert not set(range(1, 5)) & set(shown_in(for_committee(SUMMER, cells, links, NAMES)))


def test_a_field_adds_up_its_actions() -> None:
    actions = for_committee(SUMMER, MANY, LINKS, NAMES).actions
    assert (actions.groups["A"].value, actions.groups["B"].value, total_of(actions.row("A-2"))) == (60, 70, 0)


def test_a_share_is_told_of_shown_counts_and_enough_of_them() -> None:
    assert share(None, 40) is None
    assert share(4, None) is None
    assert share(2, 4) is None
    found = share(10, 40)
    assert found is not None
    assert found[0] == 0.25
    assert found[1].contains(0.25)


@pytest.mark.parametrize("counted", range(10, 61))
def test_outside_an_interval_covers_that_of_what_was_counted(counted: int) -> None:
    told = for_public(SUMMER, [cell(1, counted)], [], NAMES).total
    assert told.value is not None and told.interval is not None
    exact = poisson_interval(counted)
    assert told.interval.low <= exact.low and exact.high <= told.interval.high
    assert for_public(SUMMER, [], [], NAMES).total.interval == Interval(0, 4)


@pytest.mark.parametrize(("part", "whole"), [(10, 21), (12, 32), (23, 33), (30, 58)])
def test_and_so_does_that_of_a_share(part: int, whole: int) -> None:
    links = [CountedLink(1, Kind.POSITIVE, part), CountedLink(1, Kind.CLEANLINESS, whole - part)]
    row = for_public(SUMMER, [], links, NAMES).actions.row("A-1")
    assert row is not None and row.positive is not None
    exact = share_interval(part, whole)
    assert row.positive[1].low <= exact.low and exact.high <= row.positive[1].high


def test_a_shown_total_has_its_exact_interval_and_a_hidden_one_none() -> None:
    edition = for_committee(SUMMER, [*MANY, cell(3, 10, month=7), cell(4, 3, month=9)], LINKS, NAMES)
    for table in edition.tables.values():
        for figure in [row.total for row in [*table.rows, table.totals]]:
            assert (figure.interval is None) is (figure.value is None)
    ten = for_committee(SUMMER, [cell(1, 10)], [], NAMES).total.interval
    assert ten is not None
    assert ten.outward() == (4, 19)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_reads_back_the_same_and_holds_nothing_hidden(seed: int) -> None:
    rng = random.Random(seed)
    cells = [
        cell(rng.randint(1, 5), rng.randint(1, 14), month=rng.randint(7, 9), sector=rng.randint(1, 2))
        for _number in range(25)
    ]
    links = [CountedLink(rng.randint(1, 3), rng.choice(list(Kind)), rng.randint(1, 14)) for _number in range(8)]
    for edition in (for_committee(SUMMER, cells, links, NAMES), for_public(SUMMER, cells, links, NAMES)):
        kept = json.loads(json.dumps(written(edition)))
        assert written(read(SUMMER, kept)) == kept
        assert "primary" not in json.dumps(kept) and "complementary" not in json.dumps(kept)
        for line in [line for table in kept["tables"] for line in [*table["rows"], table["totals"]]]:
            assert not {1, 2, 3, 4} & numbers_in(line[1]), line
            assert numbers_in(line[2]) == set() or line[2][0] not in {1, 2, 3, 4}
