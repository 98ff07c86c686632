"""Rosa on her phone: the four ways with scripts and without, with a position and without, and where her code goes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import watched
from tests.browser.walk import press

pytestmark = pytest.mark.browser
WAYS = {
    "Ce qui est sale ou brisé": ("Poubelle ou cendrier", "Non"),
    "Ce qui inquiète dans un lieu": ("Éclairage défectueux", "Non"),
    "Ce qui va bien": ("Lieu propre", None),
    "Je m’inquiète pour quelqu’un": (None, None),
}
DOWNTOWN = {"longitude": -72.5425, "latitude": 46.3436, "accuracy": 12}
ELSEWHERE = {"longitude": -73.55, "latitude": 45.5, "accuracy": 12}
ASKED = "window.asked = 0; navigator.geolocation.getCurrentPosition = () => { window.asked += 1; };"


def begin(page: Page, way: str) -> None:
    page.goto("/")
    press(page, page.get_by_role("link", name=way))
    press(page, page.get_by_role("button", name="Non, continuer"))


def go_on(page: Page) -> None:
    press(page, page.get_by_role("button", name="Continuer"))


def name_a_place(page: Page) -> None:
    page.get_by_label("Parc Champlain", exact=True).check()
    go_on(page)


def answer_the_rest(page: Page, way: str, text: str = "") -> None:
    """From the page after the place to the review."""
    category, belongings = WAYS[way]
    if category:
        page.get_by_label(category).first.check()
        go_on(page)
        if page.url.endswith("/signaler/deja"):
            press(page, page.get_by_role("button", name="Non, c’est autre chose"))
    for group in page.get_by_role("group").all():
        if group.locator("input[type=radio]").count() and not group.locator("input:checked").count():
            group.locator("input[value=no], input[value=out], input[type=radio]").last.check()
    page.get_by_label("Un détail utile").fill(text)
    go_on(page)
    if belongings:
        page.get_by_label(belongings, exact=True).check()
        go_on(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vérifiez avant d’envoyer")


def send(page: Page) -> str:
    press(page, page.get_by_role("button", name="Envoyer"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Observation reçue")
    return page.locator("output").inner_text().strip()


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_all_four_ways_lead_from_home_to_a_code(
    context: Callable[..., BrowserContext], way: str, scripts: bool
) -> None:
    page = context(java_script_enabled=scripts).new_page()
    begin(page, way)
    name_a_place(page)
    answer_the_rest(page, way)
    assert len(send(page)) == 24


def test_the_position_is_asked_for_only_when_the_button_is_pressed(context: Callable[..., BrowserContext]) -> None:
    page = watched(context().new_page())
    page.add_init_script(ASKED)
    begin(page, "Ce qui est sale ou brisé")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.asked") == 0
    page.get_by_role("button", name="Utiliser ma position").click()
    assert page.evaluate("window.asked") == 1


def test_a_position_in_the_city_is_enough(context: Callable[..., BrowserContext]) -> None:
    page = watched(context(permissions=["geolocation"], geolocation=DOWNTOWN).new_page())
    begin(page, "Ce qui inquiète dans un lieu")
    page.get_by_role("button", name="Utiliser ma position").click()
    expect(page.locator("[data-locate-status]")).to_contain_text("12")
    go_on(page)
    answer_the_rest(page, "Ce qui inquiète dans un lieu")
    expect(page.get_by_role("main")).to_contain_text("Un point du secteur")


def test_a_position_elsewhere_is_told_where_to_turn(context: Callable[..., BrowserContext]) -> None:
    page = watched(context(permissions=["geolocation"], geolocation=ELSEWHERE).new_page())
    begin(page, "Ce qui va bien")
    page.get_by_role("button", name="Utiliser ma position").click()
    expect(page.locator("[data-locate-status]")).to_contain_text("Position trouvée")
    go_on(page)
    expect(page.get_by_role("heading", name="Hors du territoire")).to_be_visible()


def test_a_refused_position_is_said_in_words(phone: Page) -> None:
    begin(phone, "Ce qui va bien")
    phone.get_by_role("button", name="Utiliser ma position").click()
    expect(phone.locator("[data-locate-status]")).to_contain_text("Choisissez plutôt un lieu")


def test_a_place_is_found_without_its_accents(phone: Page) -> None:
    begin(phone, "Ce qui va bien")
    phone.get_by_label("Chercher un lieu").fill("ile st quentin".replace("st ", "saint "))
    expect(phone.get_by_label("Parc de l’île Saint-Quentin")).to_be_visible()
    expect(phone.get_by_label("Parc Champlain", exact=True)).to_be_hidden()
    phone.get_by_label("Chercher un lieu").press("Enter")
    expect(phone.get_by_label("Parc de l’île Saint-Quentin")).to_be_checked()


def test_going_back_loses_nothing(phone: Page) -> None:
    way = "Ce qui est sale ou brisé"
    begin(phone, way)
    name_a_place(phone)
    answer_the_rest(phone, way, text="Près du kiosque")
    phone.get_by_role("link", name="Modifier : Votre texte").click()
    expect(phone.get_by_label("Un détail utile")).to_have_value("Près du kiosque")
    go_on(phone)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Vérifiez avant d’envoyer")
    phone.get_by_role("link", name="Modifier : Lieu").click()
    expect(phone.get_by_label("Parc Champlain", exact=True)).to_be_checked()


def test_the_code_in_the_picture_never_reaches_the_server(phone: Page) -> None:
    begin(phone, "Ce qui va bien")
    name_a_place(phone)
    answer_the_rest(phone, "Ce qui va bien")
    code = send(phone)
    seen: list[str] = []
    phone.on("request", lambda request: seen.append(request.url))
    phone.get_by_role("link", name="Suivre cette observation").click()
    expect(phone.get_by_label("Votre code de suivi")).to_have_value(code)
    assert code not in phone.url
    phone.get_by_role("button", name="Voir la suite").click()
    expect(phone.get_by_role("main")).to_contain_text("Votre observation est arrivée.")
    assert not [url for url in seen if code in url.partition("#")[0]]


def test_a_code_stays_on_the_phone_only_when_asked(phone: Page) -> None:
    begin(phone, "Ce qui va bien")
    name_a_place(phone)
    answer_the_rest(phone, "Ce qui va bien")
    code = send(phone)
    phone.goto("/suivi")
    expect(phone.get_by_role("heading", name="Sur ce téléphone")).to_be_hidden()
    phone.go_back()
    phone.get_by_role("button", name="Garder le code sur ce téléphone").click()
    phone.goto("/suivi")
    phone.get_by_role("button", name=code).click()
    expect(phone.get_by_role("main")).to_contain_text("Votre observation est arrivée.")
    phone.get_by_role("button", name="Fermer le suivi").click()
    phone.get_by_role("button", name="Oublier ces codes").click()
    phone.reload()
    expect(phone.get_by_role("heading", name="Sur ce téléphone")).to_be_hidden()


def test_a_link_with_a_code_opens_its_own_observation_whatever_was_followed_before(phone: Page) -> None:
    codes: list[str] = []
    for _ in range(2):
        begin(phone, "Ce qui va bien")
        name_a_place(phone)
        answer_the_rest(phone, "Ce qui va bien")
        codes.append(send(phone))
    titles: list[str] = []
    for code in [codes[1], codes[0]]:
        phone.goto("about:blank")
        phone.goto(f"/suivi#{code}")
        if not titles:
            press(phone, phone.get_by_role("button", name="Voir la suite"))
        expect(phone.get_by_role("heading", level=1)).to_contain_text("Observation")
        expect(phone.get_by_role("heading", level=1)).not_to_have_text(titles[0] if titles else "")
        titles.append(phone.get_by_role("heading", level=1).inner_text())
        assert code not in phone.url
