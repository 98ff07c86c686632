"""Ana takes a call without touching the mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import sign_in
from tests.browser.walk import awake

pytestmark = pytest.mark.browser


def test_a_call_is_written_down_at_the_keyboard(desk: Page) -> None:
    sign_in(desk, "ana@demo.test")
    desk.get_by_role("link", name="Saisir une observation").press("Enter")
    expect(desk.get_by_role("heading", name="D’abord")).to_be_visible()
    desk.get_by_label("Ce que la personne a remarqué").focus()
    desk.keyboard.type("Poubelle")
    with desk.expect_navigation():
        desk.get_by_role("button", name="Afficher les questions").press("Enter")
    awake(desk)
    desk.get_by_label("Au comptoir").press("Space")
    desk.get_by_label("Chercher un lieu").focus()
    desk.keyboard.type("12 rue des forge")
    desk.keyboard.press("Enter")
    expect(desk.get_by_label("Rue des Forges")).to_be_checked()
    expect(desk.get_by_label("Repère sur place")).to_have_value("12 rue des forge")
    desk.get_by_label("Un détail utile").focus()
    desk.keyboard.type("Kevin Tremblay a vu le bac plein")
    expect(desk.locator("[data-behaviour=warn-words][data-target=text]")).to_contain_text("le nom d’une personne")
    desk.get_by_role("group", name="Y a-t-il une tente").get_by_label("Non", exact=True).press("Space")
    desk.get_by_role("button", name="Enregistrer").press("Enter")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Observation enregistrée")
    code = desk.locator("output").inner_text().strip()
    assert "".join(desk.locator(".aloud li").all_inner_texts()).replace(" ", "") == code.replace("-", "")
    desk.get_by_role("link", name="Ouvrir le dossier").press("Enter")
    expect(desk.get_by_role("main")).to_contain_text("comptoir")
    expect(desk.get_by_role("main")).to_contain_text("12 rue des forge")
