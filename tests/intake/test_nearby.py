"""Open public observations near a point: only what everybody may read, no more precise than they may."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohab_report import journal
from cohab_report.catalogue import queries as catalogue
from cohab_report.errors import Invalid
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake import receiving
from cohab_report.intake.models import Status
from cohab_report.intake.nearby.queries import open_observations_near
from cohab_report.intake.rules import SQUARE_METRES
from cohab_report.territory import queries as territory
from tests import factories
from tests.factories import BANK, MONDAY

LATER = MONDAY + timedelta(hours=1)
SINCE = MONDAY.date() - timedelta(days=90)
METRE = 1 / 111_320


def north(metres: float, of: Point = BANK) -> Point:
    return Point(of.lon, of.lat + metres * METRE)


def published(category: str = "DECHET-1", **changes):
    observation = factories.observation(category, **changes)
    intake.publish(observation, at=LATER)
    intake.set_public_status(observation, Status.TAKEN_UP)
    return observation


def near(category: str = "DECHET-1", point: Point = BANK):
    return open_observations_near(
        catalogue.category_facts(category).id, point, territory.city_facts().lattice, since=SINCE
    )


def tens_of_metres_to_square(point: Point) -> int:
    """What everybody can measure: from BANK to the middle of the square, which stands for the point in public."""
    square = territory.city_facts().lattice.square_centre(point, SQUARE_METRES)
    return round(square.metres_to(BANK) / 10) * 10


@pytest.fixture
def noise(session):
    """Rows that must not come back, each for one reason."""
    withdrawn, finished = published(point=north(10)), published(point=north(10))
    intake.withdraw(withdrawn, at=LATER)
    intake.set_public_status(finished, Status.DONE)
    return [
        withdrawn,
        finished,
        published(point=north(10), belongings="yes"),
        factories.observation(point=north(10)),
        published("LIEU-1", point=north(10)),
        published(point=north(120)),
        published(point=north(10), at=MONDAY - timedelta(days=95)),
        published("DECHET-2", point=north(10)),
    ]


def test_the_nearest_of_the_same_category_come_first_with_tens_of_metres(session, noise):
    far, close = published(point=north(76)), published(point=north(23))
    assert [(each.observation.reference, each.metres) for each in near()] == [
        (close.reference, tens_of_metres_to_square(north(23))),
        (far.reference, tens_of_metres_to_square(north(76))),
    ]


def test_an_observation_public_as_a_cell_has_no_distance(session, noise):
    grid = territory.city_facts().lattice
    middle = grid.centre(grid.cell(BANK))
    here, beside, away = (
        published("DECHET-3", point=Point(middle.lon, middle.lat + rows * grid.dlat)) for rows in (0, 1, 2)
    )
    neighbours = near("DECHET-3", middle)
    assert [(each.observation.reference, each.metres, each.is_same_cell) for each in neighbours] == [
        (here.reference, None, True),
        (beside.reference, None, False),
    ]
    assert away.reference not in [each.observation.reference for each in neighbours]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(east=st.floats(0.02, 0.98), up=st.floats(0.02, 0.98))
def test_the_position_in_its_cell_changes_nothing_of_the_result(session, east, up):
    grid = territory.city_facts().lattice
    middle = grid.centre(grid.cell(BANK))
    corner = Point(middle.lon - grid.dlon / 2, middle.lat - grid.dlat / 2)
    hidden = published("DECHET-3", point=Point(corner.lon + east * grid.dlon, corner.lat + up * grid.dlat))
    (each,) = near("DECHET-3", middle)
    assert (each.metres, each.is_same_cell, each.observation.lon, each.observation.lat) == (
        None,
        True,
        middle.lon,
        middle.lat,
    )
    intake.withdraw(hidden, at=LATER)


@pytest.mark.parametrize("row", range(8))
def test_what_may_not_be_joined_is_received_on_its_own(session, noise, row):
    sent = receiving.receive(factories.submission(joins=noise[row].reference), at=LATER)
    session.flush()
    received = next(event for event in journal.history(sent.reference) if event.name == "observation.received")
    assert "joins" not in received.facts


def test_who_joins_an_observation_answers_nothing_again_but_nobody_joins_what_is_never_public(session):
    public_observation = published("LIEU-1")
    assert receiving.receive(factories.submission("LIEU-1", joins=public_observation.reference), at=LATER).answers == {}
    with pytest.raises(Invalid):
        receiving.receive(factories.submission("SOUCI", answers={}, joins=public_observation.reference), at=LATER)
