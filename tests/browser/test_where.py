"""Where it is, at the keyboard: the phone finds what the server finds, with a line and without."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import watched
from tests.browser.test_resident import begin, go_on
from tests.territory.test_names import SHIPPED

pytestmark = pytest.mark.browser
SEARCH = "Chercher un lieu ou une rue"
FIRST_OF_EACH = """async (texts) => {
  const { createPlaceFinder } = await import("/static/js/find-places.js");
  const box = document.querySelector("[data-behaviour=choose-place]");
  const finder = createPlaceFinder(JSON.parse(box.dataset.names));
  const rows = [...document.querySelectorAll("#liste-des-lieux [data-place-row]")];
  const entries = rows.map((row) => finder.entryOf(row.querySelector("input").value,
    [row.querySelector("label").textContent.trim(), ...row.dataset.also.split(";")]));
  return texts.map((typed) => finder.find(entries, typed)[0]?.item ?? "nothing");
}"""


@pytest.fixture
def on_the_place(phone: Page) -> Page:
    """Rosa stands on the page that asks where."""
    begin(phone, "Ce qui va bien")
    return phone


def shown(page: Page) -> list[str]:
    return [
        str(row.get_attribute("value"))
        for row in page.locator("#liste-des-lieux [data-place-row]:not([hidden]) input").all()
    ]


def test_the_phone_finds_what_the_server_finds(on_the_place: Page) -> None:
    found = on_the_place.evaluate(FIRST_OF_EACH, list(SHIPPED))
    assert dict(zip(SHIPPED, found, strict=True)) == SHIPPED


def test_a_slip_and_an_abbreviation_are_forgiven_without_a_line(context: Callable[..., BrowserContext]) -> None:
    opened = context()
    page = watched(opened.new_page())
    begin(page, "Ce qui va bien")
    page.wait_for_load_state("networkidle")
    opened.set_offline(True)
    page.get_by_label(SEARCH).fill("ile st qentin")
    assert shown(page)[0] == "ile-saint-quentin"
    page.get_by_label(SEARCH).fill("royale / hart")
    assert shown(page) == ["rue-royale", "rue-hart"]
    page.get_by_label(SEARCH).fill("")
    assert len(shown(page)) > 20


def test_an_address_at_the_keyboard_keeps_its_number_beside_the_street(on_the_place: Page) -> None:
    on_the_place.get_by_label(SEARCH).focus()
    on_the_place.keyboard.type("12, rue des Forge")
    expect(on_the_place.get_by_label("Repère sur place")).to_have_value("12, rue des Forge")
    on_the_place.keyboard.press("Enter")
    expect(on_the_place.get_by_label("Rue des Forges")).to_be_checked()
    go_on(on_the_place)
    on_the_place.go_back()
    expect(on_the_place.get_by_label("Repère sur place")).to_have_value("12, rue des Forge")


def test_what_was_written_by_hand_beside_the_street_is_left_alone(on_the_place: Page) -> None:
    on_the_place.get_by_label("Repère sur place").fill("près du kiosque")
    on_the_place.get_by_label(SEARCH).fill("12, rue des Forges")
    expect(on_the_place.get_by_label("Repère sur place")).to_have_value("près du kiosque")


def test_a_corner_of_two_streets_at_the_keyboard(on_the_place: Page) -> None:
    on_the_place.get_by_label(SEARCH).focus()
    on_the_place.keyboard.type("royale / hart")
    corner = on_the_place.get_by_label("Rue Hart / Rue Royale")
    expect(corner).to_be_visible()
    on_the_place.keyboard.press("Enter")
    expect(corner).to_be_checked()
    go_on(on_the_place)
    expect(on_the_place.get_by_role("heading", level=1)).not_to_contain_text("Où est-ce")


def test_a_corner_without_scripts(context: Callable[..., BrowserContext]) -> None:
    page = context(java_script_enabled=False).new_page()
    begin(page, "Ce qui va bien")
    page.get_by_label(SEARCH).fill("coin royale et hart")
    page.get_by_label(SEARCH).press("Enter")
    page.get_by_label("Rue Hart / Rue Royale").check()
    expect(page.get_by_label("Repère sur place")).to_have_value("coin royale et hart")
    go_on(page)
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Où est-ce")


LATER = """navigator.geolocation.getCurrentPosition = (found) => {
  window.positionComes = () => found({ coords: { longitude: -72.5425, latitude: 46.3436, accuracy: 12 } });
};"""


def test_a_position_that_comes_late_does_not_undo_what_was_chosen_meanwhile(
    context: Callable[..., BrowserContext],
) -> None:
    phone = watched(context().new_page())
    phone.add_init_script(LATER)
    begin(phone, "Ce qui va bien")
    phone.get_by_role("button", name="Utiliser ma position").click()
    expect(phone.locator("[data-locate-status]")).to_contain_text("Recherche de votre position")
    phone.get_by_label("Parc Champlain", exact=True).check()
    expect(phone.locator("[data-locate-status]")).to_be_empty()
    phone.evaluate("window.positionComes()")
    expect(phone.get_by_label("Parc Champlain", exact=True)).to_be_checked()
    expect(phone.locator("#lon")).to_have_value("")
    phone.get_by_role("button", name="Utiliser ma position").click()
    phone.evaluate("window.positionComes()")
    expect(phone.locator("[data-locate-status]")).to_contain_text("12")
    expect(phone.get_by_label("Parc Champlain", exact=True)).not_to_be_checked()


def test_a_map_that_could_not_open_opens_once_there_is_a_line(context: Callable[..., BrowserContext]) -> None:
    opened = context(service_workers="block")
    phone = watched(opened.new_page())
    begin(phone, "Ce qui va bien")
    panel, press = phone.locator("[data-behaviour=pick-on-map]"), phone.get_by_text("Choisir sur la carte")
    opened.set_offline(True)
    press.click()
    expect(panel.locator("[data-map-status]")).to_contain_text("La carte n’a pas pu s’ouvrir")
    press.click()
    opened.set_offline(False)
    press.click()
    expect(panel.locator(".leaflet-container")).to_be_visible()
    expect(panel.locator("[data-map-status]")).to_be_empty()


def test_a_landmark_that_names_a_person_is_told_while_it_is_typed(on_the_place: Page) -> None:
    on_the_place.get_by_label("Repère sur place").fill("chez Kevin Tremblay, app. 4")
    expect(on_the_place.locator("[data-behaviour=warn-words]")).to_contain_text(
        "l’adresse d’un logement et le nom d’une personne"
    )
    on_the_place.get_by_label("Repère sur place").fill("devant le 12")
    expect(on_the_place.locator("[data-behaviour=warn-words]")).to_be_empty()
