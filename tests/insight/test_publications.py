"""What is published of a quarter: nothing of concerns outside, nothing exact that the rounded table would not tell."""

import random
from datetime import date

import pytest

from cohab_report.catalogue.models import Kind
from cohab_report.insight.publications import Names, Publication, Row, for_committee, for_public, share
from cohab_report.insight.quarters import Quarter
from cohab_report.insight.queries import Counted, CountedLink
from cohab_report.insight.suppression import Cell

SUMMER = Quarter(2026, 3)
KIND_OF = {"C1": Kind.CLEANLINESS, "C2": Kind.CLEANLINESS, "S1": Kind.SAFETY, "P1": Kind.POSITIVE, "W1": Kind.CONCERN}
NAMES = Names(
    ("north", "south"), {1: "north", 2: "south"}, KIND_OF, dict(enumerate(KIND_OF, start=1)), ("open", "done"),
    {"A-1": "A", "A-2": "A", "B-1": "B"}, {1: "A-1", 2: "A-2", 3: "B-1"},
)  # fmt: skip


def cell(category: int, observations: int, *, month: int = 7, sector: int = 1, outcome: str = "open", apart: bool = False) -> Counted:
    """One cell of the cube."""
    kind = list(KIND_OF.values())[category - 1]
    return Counted(date(2026, month, 1), kind, category, sector, outcome, apart, observations, observations)


MANY = [cell(1, 40), cell(1, 33, month=8, sector=2), cell(3, 27), cell(3, 22, month=9, sector=2), cell(4, 31), cell(4, 18, month=8)]
CONCERNS = [cell(5, 60), cell(5, 50, month=9, outcome="done")]
LINKS = [CountedLink(1, Kind.CLEANLINESS, 44), CountedLink(1, Kind.POSITIVE, 16), CountedLink(3, Kind.CONCERN, 70)]


def shown_in(publication: Publication) -> list[int]:
    """All numbers that a reader sees."""
    return [cell.value for table in publication.tables.values() for cell in table.safe.shown.values() if cell.value is not None]


def test_concerns_change_nothing_outside() -> None:
    assert for_public(SUMMER, MANY + CONCERNS, LINKS, NAMES) == for_public(SUMMER, MANY, LINKS[:2], NAMES)


def test_concerns_are_counted_apart_inside() -> None:
    inside = for_committee(SUMMER, MANY + CONCERNS, LINKS, NAMES)
    assert inside.total == Cell(171)
    assert inside.concerns is not None
    assert inside.concerns.safe.total == Cell(110)
    assert inside.concerns.safe.row_total("done") == Cell(50)


def test_outside_everything_is_rounded_and_only_these_tables_exist() -> None:
    outside = for_public(SUMMER, MANY, LINKS, NAMES)
    assert set(outside.tables) == {"mois", "secteurs", "actions"}
    assert outside.total == Cell(170)
    assert all(value % 5 == 0 for value in shown_in(outside))


@pytest.mark.parametrize("seed", range(4))
def test_a_number_of_one_to_nine_never_leaves_the_house(seed: int) -> None:
    rng = random.Random(seed)
    cells = [cell(rng.randint(1, 5), rng.randint(1, 14), month=rng.randint(7, 9), sector=rng.randint(1, 2)) for _number in range(25)]
    links = [CountedLink(rng.randint(1, 3), rng.choice(list(Kind)), rng.randint(1, 14)) for _number in range(8)]
    assert not set(range(1, 10)) & set(shown_in(for_public(SUMMER, cells, links, NAMES)))
    assert not set(range(1, 5)) & set(shown_in(for_committee(SUMMER, cells, links, NAMES)))


def test_a_field_adds_up_its_actions() -> None:
    actions = for_committee(SUMMER, MANY, LINKS, NAMES).actions.safe
    assert (actions.group_total("A"), actions.group_total("B"), actions.row_total("A-2")) == (Cell(60), Cell(70), Cell(0))


def test_a_share_is_told_of_shown_counts_and_enough_of_them() -> None:
    assert share(Cell(None), Cell(40)) is None
    assert share(Cell(4), Cell(None)) is None
    assert share(Cell(2), Cell(4)) is None
    found = share(Cell(10), Cell(40))
    assert found is not None
    assert found[0] == 0.25
    assert found[1].contains(0.25)


def test_a_hidden_total_has_no_interval() -> None:
    assert Row("x", (), Cell(None, "primary")).interval is None
    interval = Row("x", (), Cell(10)).interval
    assert interval is not None
    assert interval.outward() == (4, 19)
