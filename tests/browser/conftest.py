"""One site for all walks that only read or add to it, and a fresh browser context for each walk."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.browser.site import DESK, PASSWORD, PHONE, Site, browser, served

# A machine that is busy is slow, not wrong; and a phone's queue waits for whoever is sending, worker or page, until
# that one gives up.
expect.set_options(timeout=75_000)


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The shipped city with demo data, on the embedded database."""
    folder = tmp_path_factory.mktemp("site")
    with served(f"sqlite:///{folder}/cohab.db", folder) as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser."""
    with sync_playwright() as playwright:
        opened = browser(playwright)
        yield opened
        opened.close()


@pytest.fixture
def context(site: Site, chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Makes a browser context: a phone unless told otherwise."""
    made: list[BrowserContext] = []

    def make(**options: Any) -> BrowserContext:
        wanted: dict[str, Any] = {
            "viewport": PHONE,
            "base_url": site.address,
            "locale": "fr-CA",
            "reduced_motion": "reduce",
            **options,
        }
        made.append(chromium.new_context(**wanted))
        return made[-1]

    yield make
    for opened in made:
        opened.close()


@pytest.fixture
def phone(context: Callable[..., BrowserContext]) -> Page:
    """A phone's browser; a console error or a failed script fails the test."""
    return watched(context().new_page())


@pytest.fixture
def desk(context: Callable[..., BrowserContext]) -> Page:
    """A desk's browser."""
    return watched(context(viewport=DESK).new_page())


def watched(page: Page) -> Page:
    """The page, which fails the test as soon as a script fails or the content policy refuses something."""
    page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
    page.on("console", _refuse_broken_policy)
    return page


def _refuse_broken_policy(said: ConsoleMessage) -> None:
    if said.type == "error" and "policy" in said.text.lower():
        pytest.fail(f"console: {said.text}")


def sign_in(page: Page, email: str) -> None:
    """This browser is that person's."""
    page.goto("/connexion")
    page.get_by_label("Courriel").fill(email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_attached()


__all__ = ["Path", "sign_in", "watched"]
