"""Ana works the desk without a mouse, and two people never overwrite each other."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.intake import receiving
from cohab_report.intake.models import Belongings
from cohab_report.territory import queries as territory
from tests import factories
from tests.browser.conftest import sign_in, watched
from tests.browser.site import DESK, PHONE, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def reference(site: Site) -> str:
    """A new observation of a street lamp, in its queue."""
    with site.app.app_context(), transaction():
        asked = catalogue.questions_of(catalogue.category_or_refuse("SECU-1"))
        answers = {question.code: question.option_codes[-1] for question in asked}
        seen_on = now().astimezone(territory.city_facts().zone).date()
        wanted = {
            "point": territory.city_facts().centre,
            "observed_on": seen_on,
            "answers": answers,
            "belongings": Belongings.NO,
        }
        return receiving.receive(factories.submission("SECU-1", **wanted), at=now()).reference


def status(page: Page) -> str:
    return page.locator("h1 + .pill").inner_text().strip()


def awake(page: Page) -> None:
    """Returns once the page's scripts have been fetched: keys pressed before are nobody's."""
    page.wait_for_load_state("networkidle")


def test_a_case_from_the_queue_to_its_end_by_keyboard(site: Site, desk: Page, reference: str) -> None:
    sign_in(desk, "ana@demo.test")
    desk.goto("/tri/files/eclairage-mobilier?category=SECU-1&state=new")
    awake(desk)
    row = desk.locator(f"[data-row][href$='{reference}']")
    for _ in range(60):
        desk.keyboard.press("j")
        if row.evaluate("row => row === document.activeElement"):
            break
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text(f"Dossier {reference}")
    for key, said in (
        ("p", "Vous travaillez à ce dossier."),
        ("a", "est accepté"),
        ("c", "Le dossier compte pour l’action"),
    ):
        awake(desk)
        desk.keyboard.press(key)
        expect(desk.locator(".flashes")).to_contain_text(said)
    awake(desk)
    desk.keyboard.press("1")
    expect(desk.locator("[data-key='1']")).to_be_focused()
    assert status(desk) == "Accepté", "a stray digit closes nothing"
    desk.keyboard.press("Enter")
    expect(desk.locator(".flashes")).to_contain_text("est fermé")
    assert status(desk) == "Fermé"


def test_a_held_key_acts_once_and_a_page_has_one_act_by_key(site: Site, desk: Page, reference: str) -> None:
    sign_in(desk, "ana@demo.test")
    desk.goto(f"/tri/dossiers/{reference}")
    awake(desk)
    sent: list[str] = []
    desk.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    desk.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    desk.evaluate("document.addEventListener('submit', () => { window.submitted = (window.submitted ?? 0) + 1; })")
    for key in ("p", "p", "a", "x"):
        desk.keyboard.press(key)
    assert desk.evaluate("window.submitted") == 1, "other keys of the same page do nothing more"
    desk.reload()
    awake(desk)
    desk.keyboard.down("p")
    expect(desk.locator(".flashes")).to_contain_text("Vous travaillez à ce dossier.")
    awake(desk)
    for _ in range(5):
        desk.keyboard.down("p")
    desk.keyboard.up("p")
    assert len(sent) == 1 and desk.get_by_role("button", name="Libérer le dossier").is_visible()


def test_shortcuts_follow_the_account_s_choice(site: Site, desk: Page, reference: str) -> None:
    sign_in(desk, "ana@demo.test")

    def choose(name: str) -> None:
        desk.goto("/mon-compte")
        desk.get_by_label(name).check()
        desk.get_by_role("button", name="Garder").click()
        expect(desk.locator(".flashes")).to_contain_text("C’est gardé")
        desk.goto(f"/tri/dossiers/{reference}")
        awake(desk)

    sheet = desk.get_by_role("dialog", name="Raccourcis du clavier")
    choose("Aucun raccourci")
    for key in ("?", "p", "Alt+p"):
        desk.keyboard.press(key)
    expect(sheet).to_have_count(0)
    expect(desk.get_by_role("button", name="Prendre le dossier")).to_be_visible()
    choose("Alt avec une touche")
    desk.keyboard.press("p")
    desk.keyboard.press("Alt+?")
    expect(sheet).to_be_visible()
    desk.keyboard.press("Escape")
    desk.keyboard.press("Alt+p")
    expect(desk.locator(".flashes")).to_contain_text("Vous travaillez à ce dossier.")
    choose("Une touche seule")


def test_the_help_sheet_opens_and_closes_by_keyboard(desk: Page, reference: str) -> None:
    sign_in(desk, "ana@demo.test")
    desk.goto(f"/tri/dossiers/{reference}")
    awake(desk)
    desk.keyboard.press("?")
    sheet = desk.get_by_role("dialog", name="Raccourcis du clavier")
    expect(sheet).to_be_visible()
    desk.keyboard.press("Escape")
    expect(sheet).not_to_be_visible()


def test_keys_are_letters_again_while_somebody_types(desk: Page, reference: str) -> None:
    sign_in(desk, "ana@demo.test")
    desk.goto(f"/tri/dossiers/{reference}")
    awake(desk)
    desk.keyboard.press("r")
    desk.get_by_label("Pourquoi ?").focus()
    desk.keyboard.type("parc a proximité")
    expect(desk.get_by_label("Pourquoi ?")).to_have_value("parc a proximité")
    assert status(desk) == "À trier"


def test_two_people_at_one_case_never_overwrite_each_other(
    context: Callable[..., BrowserContext], reference: str
) -> None:
    ana, second = (watched(context(viewport=DESK).new_page()) for _ in range(2))
    for page in (ana, second):
        sign_in(page, "ana@demo.test")
        page.goto(f"/tri/dossiers/{reference}")
    ana.get_by_role("button", name="Accepter le dossier").click()
    expect(ana.locator(".flashes")).to_contain_text("est accepté")
    second.get_by_text("Changer la catégorie", exact=True).first.click()
    second.get_by_label("Nouvelle catégorie").select_option(index=1)
    second.get_by_label("Pourquoi ?").fill("Le poteau est aussi penché.")
    second.get_by_role("button", name="Changer la catégorie").click()
    expect(second.get_by_role("heading", level=1)).to_have_text("Quelqu’un a modifié ce dossier entre-temps")
    expect(second.get_by_text("Dossier accepté")).to_be_visible()
    expect(second.get_by_text("Le poteau est aussi penché.")).to_be_visible()


def test_on_a_phone_the_acts_are_one_touch_away_and_nothing_is_wider_than_the_screen(
    context: Callable[..., BrowserContext], reference: str
) -> None:
    phone = watched(context(viewport=PHONE, has_touch=True).new_page())
    sign_in(phone, "ana@demo.test")
    for address in ("/tri", "/tri/files/eclairage-mobilier", f"/tri/dossiers/{reference}"):
        phone.goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
    phone.get_by_role("link", name="Agir").tap()
    expect(phone.get_by_role("button", name="Accepter le dossier")).to_be_in_viewport()
