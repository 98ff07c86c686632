"""What is open near a point, for somebody who is about to say the same: only what everybody may read, and no closer than they may."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohab_report.catalogue import queries as catalogue
from cohab_report.errors import Invalid
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake import queries
from cohab_report.intake.models import Status
from cohab_report.intake.nearby.queries import open_near
from cohab_report.territory import queries as territory
from tests import factories
from tests.factories import BANK, MONDAY

LATER = MONDAY + timedelta(hours=1)
SINCE = MONDAY.date() - timedelta(days=90)
METRE = 1 / 111_320


def north(metres: float, of: Point = BANK) -> Point:
    return Point(of.lon, of.lat + metres * METRE)


def told(category: str = "DECHET-1", **changes):
    observation = factories.observation(category, **changes)
    intake.publish(observation, at=LATER)
    intake.tell(observation, Status.TAKEN_UP)
    return observation


def near(category: str = "DECHET-1", point: Point = BANK):
    return open_near(catalogue.in_force(category).id, point, territory.ground().lattice, since=SINCE)


@pytest.fixture
def noise(session):
    """Rows that must not come back, each for one reason."""
    withdrawn, finished = told(point=north(10)), told(point=north(10))
    intake.withdraw(withdrawn, at=LATER)
    intake.tell(finished, Status.DONE)
    return [
        withdrawn, finished, told(point=north(10), belongings="yes"), factories.observation(point=north(10)),
        told("LIEU-1", point=north(10)), told(point=north(120)),
        told(point=north(10), at=MONDAY - timedelta(days=95)), told("DECHET-2", point=north(10)),
    ]  # fmt: skip


def test_the_nearest_of_the_same_category_come_first_with_tens_of_metres(session, noise):
    far, close = told(point=north(76)), told(point=north(23))
    assert [(each.seen.reference, each.metres) for each in near()] == [(close.reference, 20), (far.reference, 80)]


def test_a_cell_is_told_as_a_cell(session, noise):
    lattice = territory.ground().lattice
    middle = lattice.centre(lattice.cell(BANK))
    here, beside, away = (
        told("DECHET-3", point=Point(middle.lon, middle.lat + rows * lattice.dlat)) for rows in (0, 1, 2)
    )  # fmt: skip
    found = near("DECHET-3", middle)
    assert [(each.seen.reference, each.metres, each.is_same_cell) for each in found] == [
        (here.reference, None, True), (beside.reference, None, False),
    ]  # fmt: skip
    assert away.reference not in [each.seen.reference for each in found]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(east=st.floats(0.02, 0.98), up=st.floats(0.02, 0.98))
def test_where_in_its_cell_it_is_changes_nothing_of_what_is_told(session, east, up):
    lattice = territory.ground().lattice
    middle = lattice.centre(lattice.cell(BANK))
    corner = Point(middle.lon - lattice.dlon / 2, middle.lat - lattice.dlat / 2)
    hidden = told("DECHET-3", point=Point(corner.lon + east * lattice.dlon, corner.lat + up * lattice.dlat))
    (each,) = near("DECHET-3", middle)
    assert (each.metres, each.is_same_cell, each.seen.lon, each.seen.lat) == (None, True, middle.lon, middle.lat)
    intake.withdraw(hidden, at=LATER)


@pytest.mark.parametrize("row", range(8))
def test_what_may_not_be_joined_is_received_on_its_own(session, noise, row):
    sent = intake.receive(factories.draft(joins=noise[row].reference), at=LATER)
    session.flush()
    received = next(event for event in queries.story(sent).events if event.name == "observation.received")
    assert "joins" not in received.facts


def test_who_says_the_same_answers_nothing_twice_but_never_in_secret_matters(session):
    known = told("LIEU-1")
    assert intake.receive(factories.draft("LIEU-1", joins=known.reference), at=LATER).answers == {}
    with pytest.raises(Invalid):
        intake.receive(factories.draft("SOUCI", answers={}, joins=known.reference), at=LATER)
