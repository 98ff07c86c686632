"""Where it is, without scripts: typed words narrow the list, an address keeps its number as a hint, two streets make a
corner.
"""

import json
from pathlib import Path
from uuid import uuid4

import pytest
import shapely
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from cohab_report.cities.loader import load_boundary
from cohab_report.clock import now
from cohab_report.db import Words, db
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Observation, Precision
from cohab_report.resident.draft import Draft
from cohab_report.territory import queries as territory
from cohab_report.territory import search
from cohab_report.territory.models import City, Place
from cohab_report.territory.search import Spot
from tests import factories
from tests.cast import Cast
from tests.page import Page, checked_page

pytestmark = pytest.mark.usefixtures("session")
CORNER = "corner:rue-du-pont:rue-haute"


@pytest.fixture
def on_the_place(page: Page) -> Page:
    """Rosa stands on the page that asks where."""
    page.post("/signaler/", {"help": "no", "sujet": "positive"})
    return page


@pytest.fixture
def streets_meet(session: Session) -> None:
    """The two streets' reference points lie 120 m from each other."""
    high, bridge = (
        session.scalars(select(Place).where(Place.code == code)).one() for code in ("rue-haute", "rue-du-pont")
    )
    high.lon, high.lat = bridge.lon, bridge.lat + 0.00108
    forget()


def forget() -> None:
    """The city is read anew, as after its profile was loaded."""
    db.session.scalars(select(City)).one().loaded_at = now()
    db.session.commit()


def places_offered(page: Page, address: str) -> list[str]:
    return [str(each) for each in page.visit(address).xpath("//*[@id='liste-des-lieux']//input/@value")]


def test_place_is_found_by_typing_without_scripts(on_the_place: Page) -> None:
    assert places_offered(on_the_place, "/signaler/lieu?q=jardin saulles") == ["jardin-des-saules"]
    assert places_offered(on_the_place, "/signaler/lieu?q=vieux+marche") == ["halle"]
    html = on_the_place.visit("/signaler/lieu?q=rue")
    assert html.xpath("string(//*[@id='place-0-hint'])") == "Rive-Nord"
    on_the_place.submit(html, {"place": "rue-haute"}, action="/signaler/lieu")


def test_place_that_nothing_fits_says_so_and_leads_back_to_all(on_the_place: Page) -> None:
    html = on_the_place.visit("/signaler/lieu?q=zzzz")
    assert "Aucun lieu ne correspond" in html.xpath("string(//*[@id='choix-du-lieu'])")
    assert len(places_offered(on_the_place, html.xpath("//*[@id='choix-du-lieu']//a/@href")[0])) == 5


def test_place_keeps_what_was_chosen_among_what_is_searched(on_the_place: Page) -> None:
    on_the_place.post("/signaler/lieu", {"place": "halle"})
    html = on_the_place.visit("/signaler/lieu?q=saules")
    assert html.xpath("//input[@name='place'][@checked]/@value") == ["halle"]
    assert "jardin-des-saules" in places_offered(on_the_place, "/signaler/lieu?q=saules")


def test_places_as_json_are_ranked_and_say_their_sector(page: Page) -> None:
    answer = page.client.get("/signaler/lieux.json?q=12, rue haut")
    assert answer.json is not None and answer.json[0]["value"] == "rue-haute" and answer.json[0]["sector"]
    assert page.client.get("/signaler/lieux.json").json == []
    again = page.client.get("/signaler/lieux.json?q=12, rue haut", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_place_by_its_address_keeps_the_words_for_triage_alone(on_the_place: Page, cast: Cast) -> None:
    html = on_the_place.visit("/signaler/lieu?q=12, rue haute")
    assert html.xpath("//input[@name='landmark']/@value") == ["12, rue haute"]
    on_the_place.submit(html, {"place": "rue-haute"}, action="/signaler/lieu")
    observation = factories.observation(
        point=None, place="rue-haute", landmark="12, rue Haute", precision=Precision.PLACE
    )
    intake.publish(observation, at=now())
    assert (
        "12, rue Haute" in on_the_place.get("triage.case", as_=cast.ana, reference=observation.reference).text_content()
    )
    assert "12, rue Haute" not in Page(on_the_place.app, cast).client.get("/observations").text


def test_place_words_about_a_flat_are_told_and_flagged(on_the_place: Page) -> None:
    html = on_the_place.visit("/signaler/lieu?q=12, rue haute, app. 4")
    assert "pas un logement" in html.xpath("string(//main//*[contains(@class, 'notice')])")
    assert factories.observation(place="rue-haute", landmark="12, rue Haute, app. 4").text_flags == ["dwelling"]
    assert factories.observation(place="rue-haute", landmark="12, rue Haute").text_flags == []


def test_a_landmark_goes_with_the_words(on_the_place: Page) -> None:
    observation = factories.observation(place="rue-haute", landmark="devant le 12", text="Un banc")
    intake.withdraw(observation, at=now())
    assert (observation.landmark, observation.text) == ("", "")


@pytest.mark.parametrize("typed", ["x" * 81, "bell\x07"])
def test_place_refuses_a_landmark_that_cannot_be_kept(on_the_place: Page, typed: str) -> None:
    if len(typed) > 80:
        answer = on_the_place.post("/signaler/lieu", {"place": "halle", "landmark": typed}, status=422)
        assert "Raccourcissez" in checked_page(answer.text).xpath("string(//*[@id='erreurs'])") and typed in answer.text
    with pytest.raises(Exception, match="landmark"):
        factories.observation(place="halle", landmark=typed)


@pytest.mark.usefixtures("streets_meet")
def test_a_corner_of_two_streets_is_about_between_them(on_the_place: Page) -> None:
    assert places_offered(on_the_place, "/signaler/lieu?q=haute / pont") == [CORNER, "rue-haute", "rue-du-pont"]
    on_the_place.post("/signaler/lieu", {"place": CORNER, "landmark": ""})
    assert on_the_place.last is not None and on_the_place.last.headers["Location"] == "/signaler/categorie"
    with on_the_place.client.session_transaction() as kept:
        draft = dict(kept["sketch"])
    assert draft["place"] == CORNER
    html = on_the_place.visit("/signaler/lieu")
    assert html.xpath("//input[@name='place'][@checked]/@value") == [CORNER]


@pytest.mark.usefixtures("streets_meet")
def test_a_corner_is_received_as_about_there_with_its_streets_for_triage(on_the_place: Page) -> None:
    page = on_the_place
    page.post("/signaler/lieu", {"place": CORNER, "landmark": "devant le 12"})
    page.post("/signaler/categorie", {"category": "BIEN-1"})
    page.post("/signaler/questions", {"text": "", "observed_on": now().date().isoformat()})
    review = page.get("resident.review")
    assert "Rue du Pont / Rue Haute" in review.text_content() and "devant le 12" in review.text_content()
    page.submit(review, {}, action="/signaler/envoyer")
    observation = db.session.scalars(select(Observation)).one()
    assert (observation.precision, observation.place_id) == (Precision.ABOUT, None)
    assert observation.landmark == "Rue du Pont / Rue Haute, devant le 12"
    assert observation.exact_point is not None and observation.exact_point.metres_to(Point(-1.251, 47.15054)) < 5


@pytest.mark.usefixtures("streets_meet")
def test_a_corner_that_was_typed_is_kept_once(on_the_place: Page) -> None:
    draft = Draft(
        client_id=str(uuid4()), place=CORNER, landmark="haute / pont", category="BIEN-1", observed_on="2026-11-16"
    )
    assert draft.to_submission(territory.city_facts(), language="fr").landmark == "Rue du Pont / Rue Haute"


def test_streets_too_far_apart_make_no_corner(on_the_place: Page) -> None:
    assert places_offered(on_the_place, "/signaler/lieu?q=haute / pont") == ["rue-haute", "rue-du-pont"]
    on_the_place.post("/signaler/lieu", {"place": CORNER}, status=422)
    on_the_place.post("/signaler/lieu", {"place": "corner:halle:rue-haute"}, status=422)
    on_the_place.post("/signaler/lieu", {"place": "corner:"}, status=422)


def test_a_long_list_shows_the_nearest_and_all_when_asked(on_the_place: Page) -> None:
    sector = db.session.scalars(select(Place)).first()
    assert sector is not None
    for number in range(70):
        db.session.add(
            Place(
                code=f"parc-{number}",
                kind="park",
                name_fr=f"Parc numéro {number}",
                name_en=f"Park {number}",
                lon=-1.25 + number / 10000,
                lat=47.15,
                is_approximate=True,
                sector_id=sector.sector_id,
                also=[],
            )
        )
    forget()
    html = on_the_place.visit("/signaler/lieu")
    assert len(html.xpath("//*[@id='liste-des-lieux']//input")) == 40 and html.xpath("//*[@data-partial]")
    assert len(places_offered(on_the_place, "/signaler/lieu?tous=1")) == 75
    assert places_offered(on_the_place, "/signaler/lieu?q=parc numero 69")[0] == "parc-69"


def test_another_geocoder_may_answer(on_the_place: Page, app: Flask) -> None:
    search.register_geocoder(
        app, lambda typed: [Spot("halle", Words("La Halle", "The Hall"), Words("Rive nord", ""))] if typed else []
    )
    try:
        assert places_offered(on_the_place, "/signaler/lieu?q=n’importe quoi") == ["halle"]
    finally:
        app.extensions.pop(search.GEOCODER_KEY)


def test_outside_the_official_outline_is_refused_and_told_where_to_turn(on_the_place: Page, tmp_path: Path) -> None:
    shape = shapely.geometry.mapping(shapely.Point(-1.25, 47.15).buffer(0.004))
    official = tmp_path / "official.geojson"
    official.write_text(
        json.dumps({"type": "Feature", "properties": {"source": "official", "approximate": False}, "geometry": shape})
    )
    load_boundary(official, at=now())
    db.session.commit()
    answer = on_the_place.post("/signaler/lieu", {"lon": "-1.2600", "lat": "47.1530"}, status=422)
    assert checked_page(answer.text).xpath("//main//a[starts-with(@href, 'tel:')]")
    on_the_place.post("/signaler/lieu", {"lon": "-1.2501", "lat": "47.1502"})
