"""The whole way on a phone: by thumb or keyboard only, without scripts, on a bad line, with big letters, and back
again.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import func, select

from cohab_report.db import db
from cohab_report.errors import Unavailable
from cohab_report.intake import receiving
from cohab_report.intake.models import Observation
from tests.browser.conftest import watched
from tests.browser.site import PHONE, Site
from tests.browser.walk import WORDS, choose_place, form_pages, go_on, public_pages

pytestmark = pytest.mark.browser
CODE = re.compile(r"(?:[0-9A-Z]{4}-){4}[0-9A-Z]{4}")
FORM = ("sujet", "lieu", "categorie", "questions", "effets", "verifier")
MOVING = """[...document.querySelectorAll('*')]
  .filter((each) => parseFloat(getComputedStyle(each).transitionDuration) > 0.02).length"""
STOP = """() => {
  const at = document.activeElement;
  if (at === document.body || at === document.documentElement) return null;
  const ringed = [at, at.parentElement, at.closest(".choice"), at.nextElementSibling].filter(Boolean)
    .map((each) => getComputedStyle(each))
    .some((look) => look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2);
  const box = at.getBoundingClientRect();
  const top = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 12));
  window.stops = window.stops || [];
  const before = window.stops.at(-1);
  window.stops.push(at);
  return {
    name: (at.innerText || at.getAttribute("aria-label") || at.id || at.tagName).trim().slice(0, 40),
    ringed, covered: top !== null && !(at.contains(top) || top.contains(at) || top.closest("label, .choice, .card")),
    inOrder: !before || Boolean(before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING),
    again: window.stops.indexOf(at) < window.stops.length - 1,
  };
}"""


def to(page: Page, wanted: str, **how: str) -> None:
    """Goes through the form until it stands on that page."""
    for name in form_pages(page, **how):
        if name == wanted:
            return


def how_many(site: Site) -> int:
    with site.app.app_context():
        return db.session.scalar(select(func.count()).select_from(Observation)) or 0


def tab_to(page: Page, wanted: Locator) -> None:
    """The keyboard alone brings the focus there."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("each => each === document.activeElement"):
            return
    pytest.fail(f"the keyboard never came to {wanted}")


def fits(page: Page) -> bool:
    """Nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_nothing_of_the_form_is_reached_before_the_danger_screen_and_it_is_passed_once(phone: Page) -> None:
    for step in FORM:
        phone.goto(f"/signaler/{step}")
        expect(phone).to_have_url(re.compile(r"/signaler/$"))
    expect(phone.get_by_role("heading", level=1)).to_contain_text("besoin d’aide maintenant")
    phone.get_by_role("button", name="Non, continuer").click()
    expect(phone).to_have_url(re.compile("/signaler/sujet"))
    phone.goto("/signaler/lieu")
    expect(phone).to_have_url(re.compile("/signaler/sujet"))


def test_somebody_who_needs_help_now_reads_whom_to_call(phone: Page) -> None:
    phone.goto("/signaler/")
    phone.get_by_role("button", name="Oui, voir qui appeler").click()
    expect(phone.locator("main a[href='tel:911']").first).to_be_in_viewport()


def test_from_the_first_page_to_taking_it_back(context: Callable[..., BrowserContext], site: Site) -> None:
    visitor = context(permissions=["clipboard-read", "clipboard-write"])
    phone = watched(visitor.new_page())
    to(phone, "receipt")
    code = phone.locator("[data-copy]").inner_text()
    assert CODE.fullmatch(code)
    phone.get_by_role("button", name="Copier").click()
    expect(phone.get_by_role("button", name="Copié")).to_be_visible()
    assert phone.evaluate("navigator.clipboard.readText()") == code
    stranger = watched(context().new_page())
    stranger.goto(f"/suivi#{code}")
    expect(stranger.get_by_label("Votre code de suivi")).to_have_value(code)
    assert "#" not in stranger.url
    stranger.get_by_role("button", name="Voir la suite").click()
    expect(stranger.get_by_text("Votre observation est arrivée.")).to_be_visible()
    expect(stranger.get_by_text(WORDS)).to_be_visible()
    takes_back(stranger)
    other = watched(context().new_page())
    other.goto("/suivi")
    other.get_by_label("Votre code de suivi").fill(code.lower().replace("-", " "))
    other.get_by_role("button", name="Voir la suite").click()
    expect(other.get_by_text("Vous avez retiré l’observation.")).to_be_visible()


def takes_back(page: Page) -> None:
    """Her words go first, then the observation."""
    page.get_by_text("Effacer mon texte", exact=True).click()
    page.get_by_role("button", name="Effacer mon texte pour de bon").click()
    expect(page.locator(".flashes")).to_contain_text("Votre texte est effacé pour de bon.")
    expect(page.get_by_text(WORDS)).to_have_count(0)
    page.get_by_text("Retirer l’observation", exact=True).click()
    page.get_by_role("link", name="Continuer vers le retrait").click()
    page.get_by_role("button", name="Retirer l’observation pour de bon").click()
    expect(page.locator(".flashes")).to_contain_text("L’observation est retirée.")


def test_the_same_way_without_scripts(context: Callable[..., BrowserContext], site: Site) -> None:
    page = context(java_script_enabled=False).new_page()
    before = how_many(site)
    to(page, "receipt")
    assert how_many(site) == before + 1
    expect(page.get_by_role("button", name="Copier")).to_be_hidden()
    code = CODE.search(page.locator("main").inner_text())
    assert code
    page.goto("/suivi")
    page.get_by_label("Votre code de suivi").fill(code.group())
    page.get_by_role("button", name="Voir la suite").click()
    expect(page.get_by_text("Votre observation est arrivée.")).to_be_visible()
    takes_back(page)


def test_a_tap_on_the_map_places_the_pin_and_a_place_of_the_list_takes_it_away(
    context: Callable[..., BrowserContext],
) -> None:
    page = watched(context(viewport=PHONE, has_touch=True).new_page())
    to(page, "place-refused")
    page.get_by_text("Choisir sur la carte").tap()
    page.locator(".leaflet-container").wait_for()
    page.locator("[data-canvas]").tap(position={"x": 150, "y": 250})
    expect(page.locator("[data-map-status]")).to_contain_text("Le repère est placé")
    assert float(page.locator("#lat").input_value()) == pytest.approx(46.34, abs=0.05)
    choose_place(page, "parc-champlain")
    expect(page.locator("#lat")).to_have_value("")
    page.get_by_role("button", name="Placer le repère ici").tap()
    expect(page.locator("input[name=place]:checked")).to_have_count(0)
    go_on(page)
    expect(page).to_have_url(re.compile("/signaler/categorie"))


def test_the_whole_form_by_keyboard_with_the_cross_of_the_map(phone: Page, site: Site) -> None:
    before = how_many(site)
    phone.goto("/")
    tab_to(phone, phone.locator("main").get_by_role("link", name="Ce qui est sale ou brisé"))
    phone.keyboard.press("Enter")
    tab_to(phone, phone.get_by_role("button", name="Non, continuer"))
    phone.keyboard.press("Enter")
    phone.wait_for_load_state("networkidle")
    tab_to(phone, phone.locator("details[data-behaviour=pick-on-map] summary"))
    phone.keyboard.press("Enter")
    phone.locator(".leaflet-container").wait_for()
    tab_to(phone, phone.locator("[data-canvas]"))
    phone.keyboard.press("ArrowRight")
    phone.keyboard.press("ArrowUp")
    phone.keyboard.press("Enter")
    expect(phone.locator("[data-map-status]")).to_contain_text("Le repère est placé")
    presses(phone, "Continuer")
    tab_to(phone, phone.locator("input[name=category]").first)
    phone.keyboard.press("Space")
    presses(phone, "Continuer")
    tab_to(phone, phone.locator("textarea[name=text]"))
    phone.keyboard.type(WORDS)
    presses(phone, "Continuer")
    tab_to(phone, phone.locator("input[name=belongings]").first)
    phone.keyboard.press("Space")
    presses(phone, "Continuer")
    presses(phone, "Envoyer l’observation")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Observation reçue. Merci.")
    assert how_many(site) == before + 1


def presses(page: Page, name: str) -> None:
    """The keyboard comes to that button and presses it; another page follows."""
    tab_to(page, page.get_by_role("button", name=name))
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("wanted", ["place-refused", "category", "questions", "review", "receipt"])
def test_focus_goes_down_the_page_is_seen_and_is_never_trapped(phone: Page, wanted: str) -> None:
    to(phone, wanted)
    phone.wait_for_load_state("networkidle")
    phone.evaluate("document.activeElement.blur()")
    phone.goto(phone.url)
    for _ in range(90):
        phone.keyboard.press("Tab")
        stop = phone.evaluate(STOP)
        if stop is None or stop["again"]:
            return
        assert stop["ringed"] and stop["inOrder"] and not stop["covered"], stop
    pytest.fail("the keyboard never left the page")


def test_pressing_send_twice_sends_once(phone: Page, site: Site) -> None:
    before, sent = how_many(site), []
    to(phone, "review")
    phone.on("request", lambda asked: sent.append(asked.url) if "/envoyer" in asked.url else None)
    phone.get_by_role("button", name="Envoyer l’observation").dblclick()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Observation reçue. Merci.")
    assert len(sent) == 1
    assert how_many(site) == before + 1


def test_a_line_that_drops_while_sending_loses_nothing(phone: Page, site: Site) -> None:
    before = how_many(site)
    to(phone, "review")
    phone.route("**/signaler/envoyer*", lambda route: route.abort("connectionreset"))
    phone.get_by_role("button", name="Envoyer l’observation").click()
    expect(phone.get_by_role("heading", name="Gardée sur ce téléphone")).to_be_visible()
    phone.unroute("**/signaler/envoyer*")
    phone.get_by_role("link", name="Voir ce qui attend").click()
    expect(phone.locator("[data-part=receipts] [data-copy]")).to_have_text(CODE)
    assert how_many(site) == before + 1


def test_a_server_in_trouble_loses_no_word(phone: Page, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    to(phone, "review")

    def away(*_given: object, **_named: object) -> None:
        raise Unavailable

    with monkeypatch.context() as trouble:
        trouble.setattr(receiving, "receive", away)
        with phone.expect_response("**/signaler/envoyer*") as answer:
            phone.get_by_role("button", name="Envoyer l’observation").click()
        assert answer.value.status == 503
        expect(phone.get_by_role("heading", name="Gardée sur ce téléphone")).to_be_visible()
    phone.goto("/signaler/verifier")
    phone.get_by_role("button", name="Envoyer l’observation").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Observation reçue. Merci.")


def test_changing_the_language_keeps_the_page_and_the_answers(phone: Page) -> None:
    phone.goto("/observations?sujet=safety")
    phone.get_by_role("button", name="English").click()
    expect(phone.locator("html[lang=en]")).to_be_attached()
    assert phone.url.endswith("/observations?sujet=safety")
    phone.get_by_role("button", name="Français").click()
    to(phone, "questions")
    go_on(phone)
    phone.goto("/signaler/questions")
    phone.get_by_role("button", name="English").click()
    expect(phone.locator("html[lang=en]")).to_be_attached()
    assert phone.url.endswith("/signaler/questions")
    expect(phone.locator("textarea[name=text]")).to_have_value(WORDS)


@pytest.mark.parametrize(("width", "text"), [(320, "100%"), (390, "200%")])
def test_no_page_scrolls_sideways(context: Callable[..., BrowserContext], width: int, text: str) -> None:
    page = watched(context(viewport={"width": width, "height": 844}, bypass_csp=True).new_page())
    wide = []
    for walk in (public_pages(page), form_pages(page)):
        for name in walk:
            page.add_style_tag(content=f"html {{ font-size: {text}; }}")
            if not fits(page):
                wide.append(name)
    assert wide == []


def test_forced_colours_and_reduced_motion_break_nothing(context: Callable[..., BrowserContext]) -> None:
    page = watched(context(forced_colors="active", reduced_motion="reduce").new_page())
    for name in form_pages(page):
        button = page.locator("main .button").first
        if button.is_visible():
            assert button.evaluate("each => parseFloat(getComputedStyle(each).borderTopWidth) >= 1"), name
        assert page.evaluate(MOVING) == 0, name
