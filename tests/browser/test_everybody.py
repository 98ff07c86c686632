"""One observation goes from a phone to the committee, through everybody's hands, in a browser and on both databases."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from cohab_report.clock import now
from cohab_report.db import transaction
from cohab_report.demo import people
from tests.browser.conftest import sign_in, watched
from tests.browser.site import DESK, PASSWORD, PHONE, Site, served
from tests.browser.walk import WORDS, form_pages
from tests.servers import new_postgres_database

pytestmark = pytest.mark.browser


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def quiet_site(request: pytest.FixtureRequest, tmp_path: Path, worker_id: str) -> Iterator[Site]:
    """The shipped city with people who can sign in, and not one observation."""
    address = f"sqlite:///{tmp_path}/cohab.db"
    if request.param == "postgres":
        address = new_postgres_database(request.getfixturevalue("postgres_admin"), f"browser_{worker_id}")
    with served(address, tmp_path, filled=False) as running:
        with running.app.app_context():
            password = people.account_password(PASSWORD)
            with transaction():
                people.create_accounts(password, at=now())
        yield running


def test_from_a_phone_to_the_committee(quiet_site: Site, chromium: Browser) -> None:
    def browse(size: ViewportSize) -> Page:
        return watched(chromium.new_context(viewport=size, base_url=quiet_site.address, locale="fr-CA").new_page())

    code, reference = rosa_writes(browse(PHONE))
    ana_entrusts_it(browse(DESK), reference)
    lin_does_it(browse(PHONE), reference)
    rosa_reads(browse(PHONE), code)
    the_committee_looks(browse(DESK))


def rosa_writes(phone: Page) -> tuple[str, str]:
    """Her code and the case's reference."""
    code = ""
    for name in form_pages(phone):
        if name == "receipt":
            code = phone.locator("[data-copy]").inner_text()
        if name == "followed":
            break
    return code, phone.get_by_role("heading", level=1).inner_text().split()[-1]


def ana_entrusts_it(desk: Page, reference: str) -> None:
    sign_in(desk, "ana@demo.test")
    desk.goto("/tri")
    desk.get_by_role("link", name=re.compile("Propreté")).click()
    desk.get_by_role("link", name=re.compile("Poubelle")).first.click()
    expect(desk.get_by_role("heading", level=1)).to_have_text(f"Dossier {reference}")
    expect(desk.get_by_text(WORDS)).to_be_visible()
    says(desk, lambda: desk.get_by_role("button", name="Accepter le dossier").click(), "est accepté")
    says(desk, lambda: desk.get_by_role("button", name="Confirmer AME-01").click(), "compte pour l’action")
    desk.locator("summary", has_text="Transmettre").click()
    desk.get_by_role("button", name="Transmettre au partenaire").click()
    expect(desk.locator("h1 + .pill")).to_have_text("Transmis")


def lin_does_it(phone: Page, reference: str) -> None:
    sign_in(phone, "lin@demo.test")
    phone.goto("/partenaire")
    phone.locator("[data-row]").first.click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(f"Dossier {reference}")
    expect(phone.get_by_text(WORDS)).to_have_count(0)
    phone.get_by_role("button", name="Accepter le dossier").click()
    phone.get_by_role("button", name="Commencer").click()
    finish = phone.locator("form[action$='/terminer']")
    if not finish.is_visible():
        phone.locator("summary", has_text="Terminé").click()
    finish.locator("input[value=done]").check()
    finish.get_by_role("button", name="Terminer").click()
    expect(phone.locator(".pill").first).to_have_text("Terminée")


def rosa_reads(phone: Page, code: str) -> None:
    phone.goto(f"/suivi#{code}")
    phone.get_by_role("button", name="Voir la suite").click()
    expect(phone.get_by_text(re.compile("^C’est fait"))).to_be_visible()
    phone.get_by_role("link", name="Hausser la collecte des poubelles au centre-ville").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Hausser la collecte")
    phone.goto("/observations")
    expect(phone.get_by_text("Poubelle ou cendrier qui déborde").first).to_be_visible()


def the_committee_looks(desk: Page) -> None:
    sign_in(desk, "comite@demo.test")
    desk.goto("/comite")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Comité de suivi")
    desk.goto("/tri")
    expect(desk.get_by_role("heading", level=1)).not_to_have_text("Tri")


def says(page: Page, act: Callable[[], None], said: str) -> None:
    """The act is done, and the page says so."""
    act()
    expect(page.locator(".flashes")).to_contain_text(said)
