"""The public map and “already reported?” in a browser: on a phone and a desk, by thumb, by keyboard, and without
scripts.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from cohab_report.clock import now, today
from cohab_report.db import db, transaction
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake import queries as intake_queries
from cohab_report.intake import receiving
from cohab_report.intake.models import Belongings, Observation
from cohab_report.intake.rules import Submission
from cohab_report.partners.models import Person
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from tests.browser.conftest import watched
from tests.browser.site import DESK, PHONE, Site
from tests.browser.test_axe import objections
from tests.browser.test_phone import tab_to
from tests.browser.test_resident import begin, go_on, name_a_place, send
from tests.browser.test_weight import WITH_MAP, Line, settle
from tests.browser.walk import press, read_in

pytestmark = pytest.mark.browser
SAME = "C’est la même chose"


@pytest.fixture
def overflowing(site: Site) -> Iterator[str]:
    """The reference of a bin in Parc Champlain that somebody told of and the team accepted; withdrawn afterwards."""
    with site.app.app_context():
        with transaction():
            intake_queries.erase_network_hashes_before(
                now()
            )  # other walks have sent from here, and a flood joins nothing
            place = territory.place_by_code("parc-champlain")
            assert place is not None
            there = Point(place.point.lon, place.point.lat + 0.0003)
            draft = Submission(
                client_id=uuid4(), category="PROP-1", point=there, observed_on=_yesterday(), belongings=Belongings.NO
            )
            told = receiving.receive(draft, at=now())
            ana = db.session.scalars(select(Person).where(Person.email == "ana@demo.test")).one()
            triage.accept(queries.case_of_observation(told.id), by=ana, at=now())
        number, reference = told.id, told.reference
    yield reference
    with site.app.app_context(), transaction():
        intake.withdraw(db.session.get_one(Observation, number), at=now())


def _yesterday() -> date:
    return today(territory.city_facts().zone) - timedelta(days=1)


def to_already(page: Page) -> None:
    begin(page, "Ce qui est sale ou brisé")
    name_a_place(page)
    page.get_by_label("Poubelle ou cendrier").first.check()
    go_on(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Déjà signalé")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_somebody_joins_what_is_reported_already(
    context: Callable[..., BrowserContext], overflowing: str, scripts: bool
) -> None:
    page = context(java_script_enabled=scripts).new_page()
    to_already(page)
    card = page.get_by_role("listitem").filter(has_text=overflowing)
    expect(card).to_contain_text("environ 40")
    press(page, card.get_by_role("button", name=SAME))
    page.get_by_label("Non", exact=True).check()
    go_on(page)
    expect(page.get_by_role("main")).to_contain_text(overflowing)
    assert len(send(page)) == 24
    expect(page.get_by_role("main")).to_contain_text("suivie avec ce qui était déjà signalé")


def test_it_is_answered_with_the_keyboard_alone_and_axe_objects_to_nothing(
    context: Callable[..., BrowserContext], overflowing: str
) -> None:
    page = watched(context(bypass_csp=True).new_page())
    to_already(page)
    assert objections(page, also_dark=True) == []
    tab_to(page, page.get_by_role("listitem").filter(has_text=overflowing).get_by_role("button", name=SAME))
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("effets personnels")


def test_another_observation_here_says_that_the_place_is_kept(phone: Page) -> None:
    begin(phone, "Ce qui va bien")
    name_a_place(phone)
    phone.get_by_label("Lieu propre").first.check()
    go_on(phone)
    if phone.url.endswith("/signaler/deja"):
        press(phone, phone.get_by_role("button", name="Non, c’est autre chose"))
    go_on(phone)
    send(phone)
    press(phone, phone.get_by_role("button", name="Une autre observation ici"))
    expect(phone.get_by_role("main")).to_contain_text("Le lieu est gardé")
    press(phone, phone.locator("button[name=kind][value=safety]"))
    expect(phone.get_by_role("main")).to_contain_text("Parc Champlain")


def test_a_phone_reads_the_list_and_fetches_the_map_only_when_it_is_opened(phone: Page, overflowing: str) -> None:
    line = Line(phone)
    phone.goto("/observations?sujet=cleanliness")
    settle(phone)
    expect(phone.get_by_role("main")).to_contain_text(overflowing)
    assert not any("leaflet" in answer.url or "cellules" in answer.url for answer in line.answers)
    phone.get_by_text("Voir sur la carte").click()
    expect(phone.locator("[data-map-status]")).to_contain_text("les mêmes observations")
    settle(phone)
    weighed = line.weight()
    assert any("sujet=cleanliness" in url for url in weighed if "cellules" in url), "the map has the list's filters"
    assert sum(weighed.values()) <= WITH_MAP, weighed
    assert phone.locator(".name-square").all_inner_texts()
    for text in phone.locator(".name-square").all_inner_texts():
        assert "moins de" in text or "environ" in text


def test_a_desk_has_the_map_beside_the_list_and_the_keyboard_reaches_a_point(
    context: Callable[..., BrowserContext], overflowing: str
) -> None:
    page = watched(context(viewport=DESK, bypass_csp=True).new_page())
    read_in(page, "fr")
    page.goto("/observations")
    expect(page.locator(".shape-square").first).to_be_attached()
    filled = {each.evaluate("each => getComputedStyle(each).fill") for each in page.locator(".shape-square").all()}
    assert len(filled) == 1, "no square is coloured by its count"
    for zoom in (13, 14, 15, 16):
        with page.expect_response(re.compile(f"zoom={zoom}&")):
            page.get_by_role("button", name="Agrandir").press("Enter")
    bin_there = page.locator(".point-marker[aria-label*='Poubelle']").first
    expect(bin_there).to_be_visible()
    bin_there.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup")).to_contain_text("Poubelle")
    assert objections(page, also_dark=True) == []


def test_without_scripts_the_list_is_the_whole_answer(context: Callable[..., BrowserContext], overflowing: str) -> None:
    page = context(java_script_enabled=False, viewport=PHONE).new_page()
    page.goto("/observations")
    expect(page.get_by_text("Voir sur la carte")).to_be_hidden()
    page.get_by_label("Période").select_option("30")
    press(page, page.get_by_role("button", name="Appliquer"))
    assert "jours=30" in page.url
    expect(page.get_by_role("main")).to_contain_text(overflowing)
