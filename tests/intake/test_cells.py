"""The cell counts of the public map agree with what is public at every moment, and hold nothing else."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cohab_report.catalogue.models import Kind, Protection
from cohab_report.db import db
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake.cells import operations as cells
from cohab_report.intake.cells.models import CELL_LEVELS, CELL_SPANS, CellCount
from cohab_report.intake.cells.queries import CellRange, cell_counts, exact_observations
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.queries import ObservationFilter, is_public
from cohab_report.intake.rules import SQUARE_METRES
from cohab_report.territory import queries as territory
from tests import factories
from tests.factories import BANK, BY_THE_SCHOOL, MONDAY

LATER = MONDAY + timedelta(hours=1)
ALL = ObservationFilter(since=MONDAY.date() - timedelta(days=90))
QUAY = Point(-1.2600, 47.1490)
ACTIONS = ("publish", "take up", "finish", "protect to a cell", "hide", "withdraw", "make an edition")


def everywhere(level: int) -> CellRange:
    return CellRange(level, 0, 2**62)


def total_count(criteria: ObservationFilter = ALL, *, without_points: bool = False) -> int:
    return sum(count for _cell, count in cell_counts(everywhere(0), criteria, days=90, without_points=without_points))


def counts_from_observations(level: int, days: int) -> list[tuple[int, int]]:
    """Returns the same counts, computed from the observations themselves."""
    since = MONDAY.date() - timedelta(days=days)
    parent = Observation.public_cell // 4**level
    query = (
        select(parent, func.count())
        .where(is_public(), Observation.public_on >= since)
        .group_by(parent)
        .order_by(parent)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def published(category: str = "DECHET-1", **changes: object) -> Observation:
    observation = factories.observation(category, **changes)  # type: ignore[arg-type]
    intake.publish(observation, at=LATER)
    return observation


def act(action: str, observation: Observation) -> None:
    match action:
        case "publish":
            intake.publish(observation, at=LATER)
        case "take up" | "finish":
            intake.set_public_status(observation, Status.TAKEN_UP if action == "take up" else Status.DONE)
        case "protect to a cell" | "hide":
            intake.raise_protection(
                observation,
                Protection.PUBLIC_CELL if action == "protect to a cell" else Protection.NEVER_PUBLIC,
                at=LATER,
            )
        case "withdraw":
            intake.withdraw(observation, at=LATER)
        case "make an edition":
            editions.make_edition(at=LATER)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(ACTIONS)), max_size=14),
    recounted_after=st.integers(0, 14),
)
def test_cell_counts_agree_with_the_observations_whatever_is_done(session, actions, recounted_after):
    ages = [(BANK, 0), (QUAY, 31), (BY_THE_SCHOOL, 89)]
    observations = [factories.observation(at=MONDAY - timedelta(days=age), point=point) for point, age in ages]
    for number, (which, action) in enumerate(actions):
        act(action, observations[which])
        session.flush()
        if number == recounted_after:
            cells.recount_cells(at=LATER)
    session.flush()
    for level in CELL_LEVELS:
        for days in CELL_SPANS:
            assert list(cell_counts(everywhere(level), ALL, days=days)) == counts_from_observations(level, days)
    assert cell_counts(everywhere(0), ALL, days=90, without_points=True) == cell_only_counts()


def cell_only_counts() -> list[tuple[int, int]]:
    """Returns the counts of observations whose exact point is not public, computed from the observations themselves."""
    query = select(Observation.public_cell, func.count()).where(
        is_public(), Observation.public_protection == Protection.PUBLIC_CELL
    )
    rows = db.session.execute(query.group_by(Observation.public_cell).order_by(Observation.public_cell))
    return [(row[0], row[1]) for row in rows if row[0] is not None]


def test_counts_match_the_filter_and_the_range_of_cells(session):
    observation = published()
    noise = [
        published("BIEN-1"),
        published(point=BY_THE_SCHOOL),
        factories.observation(),
        published("DECHET-2"),
        published(at=MONDAY - timedelta(days=45)),
    ]
    intake.set_public_status(noise[0], Status.DONE)
    session.flush()
    assert observation.public_cell is not None
    dirty = ObservationFilter(since=ALL.since, kind=Kind.CLEANLINESS, sector="rive-nord", status=Status.RECEIVED)
    assert cell_counts(CellRange(0, observation.public_cell, observation.public_cell), dirty, days=30) == [
        (observation.public_cell, 1)
    ]
    assert cell_counts(CellRange(0, observation.public_cell, observation.public_cell), dirty, days=90) == [
        (observation.public_cell, 2)
    ]
    assert total_count(dirty, without_points=True) == 0


def test_a_recount_changes_no_count_and_leaves_one_row_a_key(session):
    for _ in range(3):
        published()
    intake.withdraw(published(), at=LATER)
    session.flush()
    before = cell_counts(everywhere(2), ALL, days=90)
    cells.recount_cells(at=LATER)
    assert cell_counts(everywhere(2), ALL, days=90) == before
    assert session.scalar(select(func.count()).select_from(CellCount)) == len(CELL_LEVELS) * len(CELL_SPANS)


def test_a_day_that_has_left_the_period_is_gone_after_a_recount(session):
    published(at=MONDAY - timedelta(days=90))
    session.flush()
    assert total_count() == 1
    cells.recount_cells(at=MONDAY + timedelta(days=1))
    assert total_count() == 0


def test_what_appears_is_counted_in_a_period_that_was_empty_at_the_last_recount(session):
    published(at=MONDAY - timedelta(days=45))
    cells.recount_cells(at=LATER)
    published()
    assert sum(count for _cell, count in cell_counts(everywhere(0), ALL, days=30)) == 1
    assert total_count() == 2


def test_exact_observations_are_only_those_with_a_public_exact_point(session):
    observation = published()
    noise = [
        published("DECHET-3"),
        published("DECHET-2"),
        factories.observation(),
        published(point=BY_THE_SCHOOL),
        published(at=MONDAY - timedelta(days=100)),
    ]
    intake.withdraw(published(), at=LATER)
    session.flush()
    rows = exact_observations([each.public_cell for each in [observation, *noise] if each.public_cell], ALL, limit=10)
    square = territory.city_facts().lattice.square_centre(BANK, SQUARE_METRES)
    assert [(each.reference, Point(each.lon, each.lat)) for each in rows] == [(observation.reference, square)]


def test_what_its_author_withdraws_leaves_the_counts_in_the_same_transaction(session):
    observation = published()
    session.flush()
    assert total_count() == 1
    act("withdraw", observation)
    assert total_count() == 0


@pytest.mark.parametrize("action", ["hide", "protect to a cell"])
def test_what_is_protected_leaves_the_counts_with_the_nights_edition(session, action):
    observation = published()
    act(action, observation)
    session.flush()
    assert total_count() == 1
    editions.make_edition(at=LATER)
    assert total_count() == 0
