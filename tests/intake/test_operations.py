"""An observation is received once, as it was sent, and protected when it is received."""

from datetime import date, timedelta
from threading import Barrier, Thread
from uuid import UUID, uuid1

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cohab_report.catalogue.models import Protection
from cohab_report.db import db, transaction
from cohab_report.errors import Invalid
from cohab_report.geo import Point
from cohab_report.intake import codes, floods, receiving
from cohab_report.intake import operations as intake
from cohab_report.intake.editions.rules import last_public_day
from cohab_report.intake.models import Belongings, Channel, Observation
from cohab_report.journal import Event
from cohab_report.territory import queries as territory
from cohab_report.triage.models import Case
from tests import factories
from tests.factories import BANK, MONDAY

OUTSIDE = [Point(-1.4, 47.15), Point(-1.25, 47.3), Point(0, 0), Point(-72.5, 46.3), Point(180, 90)]


def test_a_submission_is_stored_as_it_was_sent(session):
    submission = factories.submission(
        text="  Deux sacs près du banc.  ", answers={"verre": "no"}, place="quai", precision="place", language="en"
    )
    observation = receiving.receive(submission, at=MONDAY)
    session.flush()
    session.expire_all()
    assert (observation.text, observation.answers, observation.language, observation.channel) == (
        "Deux sacs près du banc.",
        {"verre": "no"},
        "en",
        Channel.WEB,
    )
    assert observation.exact_point == submission.point
    assert observation.place is not None and observation.place.code == "quai"
    assert observation.received_at == MONDAY


def test_sending_twice_gives_the_same_observation_and_the_same_code(session):
    submission = factories.submission()
    first = receiving.receive(submission, at=MONDAY)
    session.flush()
    again = receiving.receive(submission, at=MONDAY + timedelta(minutes=5))
    assert again.id == first.id
    assert again.code_hash == first.code_hash == codes.code_hash(intake.code_of(first, submission.client_id), "c" * 40)
    assert session.scalar(select(func.count()).select_from(Observation)) == 1
    assert session.scalar(select(func.count()).select_from(Event).where(Event.name == "observation.received")) == 1


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_two_requests_with_one_client_id_at_the_same_moment_keep_one_observation(engine, new_database):
    from cohab_report import create_app
    from tests.conftest import settings_for

    app = create_app(settings_for(new_database(engine, "race")))
    submission, ready, references = factories.submission(observed_on=MONDAY.date()), Barrier(4), []

    def send():
        with app.app_context():
            ready.wait()
            with transaction():
                references.append(receiving.receive(submission, at=MONDAY).reference)

    threads = [Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(references)) == 1 and len(references) == 4
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Observation)) == 1
        assert db.session.scalar(select(func.count()).select_from(Case)) == 1
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("point", OUTSIDE)
def test_a_point_outside_the_territory_is_refused_on_its_field(session, point):
    with pytest.raises(Invalid) as refused:
        factories.observation(point=point)
    assert (refused.value.field, refused.value.reason) == ("place", "outside")


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"point": None}, "place", "missing"),
        ({"place": "nowhere"}, "place", "unknown"),
        ({"observed_on": date(2026, 11, 17)}, "observed_on", "future"),
        ({"observed_on": date(2026, 8, 1)}, "observed_on", "too_old"),
        ({"text": "x" * 281}, "text", "too_long"),
        ({"text": "a\x00b"}, "text", "control"),
        ({"client_id": uuid1()}, "client_id", "version"),
        ({"client_id": UUID(int=0)}, "client_id", "version"),
        ({"category": "NOPE"}, "category", "unknown"),
        ({"category": "BIEN-2"}, "category", "signpost_only"),
        ({"belongings": Belongings.NOT_ASKED}, "belongings", "missing"),
        ({"answers": {"nope": "yes"}}, "answers", "unknown"),
        ({"answers": {"verre": "perhaps"}}, "answers", "unknown"),
        ({"category": "SOUCI", "answers": {"danger": "yes"}}, "answers", "emergency"),
        ({"category": "SOUCI", "answers": {}}, "answers", "missing"),
    ],
)
def test_an_impossible_submission_is_refused_on_its_field(session, changes, field, reason):
    with pytest.raises(Invalid) as refused:
        factories.observation(**changes)
    assert (refused.value.field, refused.value.reason) == (field, reason)
    assert session.scalar(select(func.count()).select_from(Observation)) == 0


def test_a_named_place_is_enough_and_a_text_that_speaks_of_persons_is_flagged_not_blocked(session):
    observation = factories.observation(point=None, place="halle", text="Appelez-moi au 819 555-0123.")
    assert observation.exact_point is not None and observation.exact_point.metres_to(Point(-1.25, 47.151)) < 1
    assert observation.text_flags == ["phone"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    east=st.floats(0, 0.999), north=st.floats(0, 0.999), other_east=st.floats(0, 0.999), other_north=st.floats(0, 0.999)
)
def test_observations_moved_within_one_cell_show_the_same_cell(session, east, north, other_east, other_north):
    grid = territory.city_facts().lattice
    corner_column, corner_row = round(BANK.lon / grid.dlon), round(BANK.lat / grid.dlat)

    def at(share_east: float, share_north: float) -> Point:
        return Point((corner_column + share_east) * grid.dlon, (corner_row + share_north) * grid.dlat)

    first, second = at(east, north), at(other_east, other_north)
    if grid.cell(first) != grid.cell(second):
        return  # a share that rounding pushed over the border belongs to the next cell
    observations = [factories.observation("DECHET-3", point=point) for point in (first, second)]
    assert {(one.public_lon, one.public_lat, one.public_cell) for one in observations} == {
        (observations[0].public_lon, observations[0].public_lat, observations[0].public_cell)
    }
    assert all(one.protection >= Protection.PUBLIC_CELL for one in observations)


def test_protection_only_rises_and_what_may_be_public_shrinks_with_it(session):
    observation = factories.observation("DECHET-1")
    exact = (observation.public_lon, observation.public_lat)
    intake.raise_protection(observation, Protection.PUBLIC_CELL, at=MONDAY)
    assert (observation.public_lon, observation.public_lat) != exact and observation.public_cell is not None
    intake.raise_protection(observation, Protection.PUBLIC_EXACT, at=MONDAY)
    assert observation.protection is Protection.PUBLIC_CELL
    intake.raise_protection(observation, Protection.NEVER_PUBLIC, at=MONDAY)
    intake.publish(observation, at=MONDAY)
    session.flush()
    assert not observation.is_public and observation.public_lon is None
    assert observation.received_protection is Protection.PUBLIC_EXACT, "what its own answers gave stays known"


def test_what_is_raised_before_it_is_published_shows_the_centre_of_its_cell_and_nothing_once_it_has_no_place(session):
    seen, withdrawn = factories.observation("DECHET-1"), factories.observation("DECHET-1")
    intake.withdraw(withdrawn, at=MONDAY)
    session.flush()
    for each in (seen, withdrawn):
        intake.raise_protection(each, Protection.PUBLIC_CELL, at=MONDAY)
    lattice = territory.city_facts().lattice
    centre = lattice.centre(lattice.cell(BANK))
    assert (seen.public_lon, seen.public_lat, seen.public_cell) == (centre.lon, centre.lat, lattice.cell(BANK))
    assert (withdrawn.public_lon, withdrawn.public_lat, withdrawn.public_cell) == (None, None, None)
    assert seen.public_protection is withdrawn.public_protection is Protection.PUBLIC_CELL


def test_how_long_it_is_public_counts_from_the_citys_day_on_which_it_was_published(session):
    """Half past eleven at night in UTC is half past midnight in Rivebelle."""
    for at, day in ((MONDAY, MONDAY.date()), (MONDAY.replace(hour=23, minute=30), MONDAY.date() + timedelta(days=1))):
        observation = factories.observation()
        intake.publish(observation, at=at)
        assert observation.published_at == at
        assert observation.public_until == last_public_day(observation.reference, day, "c" * 40)


def test_hashes_of_networks_are_forgotten_after_two_days(session):
    old = factories.observation(
        at=MONDAY - timedelta(hours=49), network="a", observed_on=MONDAY.date() - timedelta(days=3)
    )
    fresh = factories.observation(
        at=MONDAY - timedelta(hours=2), network="a", observed_on=MONDAY.date() - timedelta(days=1)
    )
    session.flush()
    assert floods.erase_old_network_hashes(at=MONDAY) == 1
    session.expire_all()
    assert (old.network_hash, fresh.network_hash is not None) == (None, True)


def test_a_network_leaves_no_trace_that_lasts_a_day(session):
    today, tomorrow = floods.daily_network_hash("a", MONDAY), floods.daily_network_hash("a", MONDAY + timedelta(days=1))
    assert today not in {tomorrow, "a"} and len(today) == 32
    assert floods.daily_network_hash("b", MONDAY) != today
