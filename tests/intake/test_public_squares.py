"""A position or a pin may be the sender's own door: everybody reads its square, the team and its partner the point."""

from typing import Any

import pytest
from sqlalchemy import select

from cohab_report.geo import Point
from cohab_report.intake import queries
from cohab_report.intake.models import Channel, Precision
from cohab_report.intake.rules import SQUARE_METRES
from cohab_report.resident.draft import Draft
from cohab_report.routing import operations as routing
from cohab_report.routing import seeing
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Place
from cohab_report.triage.models import Case
from tests import factories
from tests.cast import Cast
from tests.factories import MONDAY
from tests.page import Page

pytestmark = pytest.mark.usefixtures("session")
DOOR = Point(-1.251234, 47.155678)


def public_point(case: Case) -> Point:
    (told,) = queries.recent_public_observations(queries.ObservationFilter(since=MONDAY.date()))
    assert told.reference == case.reference and not told.is_cell
    return Point(told.lon, told.lat)


def sent_from_the_form(cast: Cast, **typed: str) -> Case:
    """Returns the accepted case of what somebody sent with the form, with this place."""
    submission = factories.submission()
    place: Any = typed
    draft = Draft(
        client_id=str(submission.client_id), category="DECHET-1", belongings="no", observed_on="2026-11-16", **place
    )
    made: dict[str, Any] = vars(draft.to_submission(territory.city_facts(), language="fr"))
    return factories.accepted_case(cast.ana, **made)


def test_a_pin_is_public_as_the_middle_of_its_square(cast: Cast) -> None:
    case = sent_from_the_form(cast, lon=str(DOOR.lon), lat=str(DOOR.lat))
    square = territory.city_facts().lattice.square_centre(DOOR, SQUARE_METRES)
    assert public_point(case) == square != DOOR
    assert square.metres_to(DOOR) < 18


@pytest.mark.parametrize("channel", [Channel.IMPORT, Channel.PHONE, Channel.COUNTER])
def test_what_came_by_another_way_is_public_as_its_square_too(cast: Cast, channel: Channel) -> None:
    case = factories.accepted_case(cast.ana, point=DOOR, channel=channel)
    assert public_point(case) == territory.city_facts().lattice.square_centre(DOOR, SQUARE_METRES)


def test_a_pin_beside_the_name_of_a_place_is_still_a_pin(cast: Cast) -> None:
    case = factories.accepted_case(cast.ana, place="halle", point=DOOR, precision=Precision.PLACE)
    assert public_point(case) == territory.city_facts().lattice.square_centre(DOOR, SQUARE_METRES)


def test_a_named_place_is_public_at_its_own_point(cast: Cast) -> None:
    place = territory.city_facts().place_of("halle")
    assert place and public_point(sent_from_the_form(cast, place="halle")) == place.point


def test_a_street_corner_is_public_at_its_own_point(cast: Cast, session: Any) -> None:
    near = session.scalars(select(Place).where(Place.code == "rue-du-pont")).one()
    other = session.scalars(select(Place).where(Place.code == "rue-haute")).one()
    other.lon, other.lat = near.lon + 0.001, near.lat + 0.001
    session.flush()
    corner = territory.city_facts().corner("rue-du-pont", "rue-haute")
    assert corner is not None
    told = public_point(sent_from_the_form(cast, place="corner:rue-du-pont:rue-haute"))
    assert told == Point(round(corner.point.lon, 5), round(corner.point.lat, 5))


def test_the_team_and_the_partner_keep_the_point_that_was_sent(cast: Cast, page: Page) -> None:
    case = sent_from_the_form(cast, lon=str(DOOR.lon), lat=str(DOOR.lat))
    works = cast.lin.partner
    assert works is not None
    routing.hand_over(case, works, by=cast.ana, at=MONDAY)
    assert seeing.case_for_partner(works, case).point == DOOR
    exact = f"{DOOR.lat:.5f}, {DOOR.lon:.5f}"
    assert exact in page.get("triage.case", as_=cast.ana, reference=case.reference).text_content()


def test_no_public_page_and_not_even_a_distance_tells_more_than_the_square(cast: Cast, page: Page) -> None:
    case = sent_from_the_form(cast, lon=str(DOOR.lon), lat=str(DOOR.lat))
    for address in ("/", "/observations", "/observations/cellules.json?zoom=18&cadre=-1.253,47.154,-1.249,47.157"):
        text = page.client.get(address).text
        assert f"{DOOR.lat:.4f}" not in text and f"{DOOR.lon:.4f}" not in text
    square = territory.city_facts().lattice.square_centre(DOOR, SQUARE_METRES)
    assert f"{square.lat}" in text and case.reference in text


def test_all_of_one_cell_are_in_one_sector(cast: Cast) -> None:
    """Between two sectors, the public sector would else tell on which side of a line through the cell a point lies."""
    city = territory.city_facts()
    one, other = (sector.point for sector in city.sectors[:2])
    border = Point((one.lon + other.lon) / 2, (one.lat + other.lat) / 2)
    middle = city.lattice.centre(city.lattice.cell(border))
    corners = [
        Point(middle.lon + east * city.lattice.dlon * 0.49, middle.lat + north * city.lattice.dlat * 0.49)
        for east in (-1, 1)
        for north in (-1, 1)
    ]
    ids = {factories.observation(point=corner).sector_id for corner in corners}
    assert len(ids) == 1
