"""Axe finds nothing to object to, on any page, in both languages, by day and by night."""

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.conftest import watched
from tests.browser.site import DESK, Site
from tests.browser.walk import email_pages, form_pages, public_pages, read_in, staff_pages

pytestmark = pytest.mark.browser
AXE = (Path(inspect.getfile(axe_playwright_python)).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOK = """async (wanted) => {
  const found = await axe.run(document, {...wanted, resultTypes: ["violations"]});
  const targets = (each) => each.nodes.map((node) => node.target.join(" ")).slice(0, 3).join(" | ");
  return found.violations.map((each) => `${each.id}: ${targets(each)}`);
}"""
EVERYTHING = {"runOnly": {"type": "tag", "values": RULES}}
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def objections(page: Page, *, also_dark: bool) -> list[str]:
    """What axe objects to on the page as it stands; by night only colours can be wrong that weren't by day."""
    page.wait_for_load_state()
    page.evaluate(AXE)
    found: list[str] = page.evaluate(LOOK, EVERYTHING)
    if also_dark:
        page.emulate_media(color_scheme="dark")
        found += [f"dark, {each}" for each in page.evaluate(LOOK, COLOURS)]
        page.emulate_media(color_scheme="light")
    return found


def on_all(page: Page, pages: Iterator[str], language: str) -> dict[str, list[str]]:
    found = {name: objections(page, also_dark=language == "fr") for name in pages}
    assert len(found) > 0
    return {name: said for name, said in found.items() if said}


@pytest.fixture
def reader(context: Callable[..., BrowserContext]) -> Callable[..., Page]:
    """Makes a browser whose pages are in that language; the policy lets no script in, so axe comes in beside it."""

    def make(language: str, **options: Any) -> Page:
        page = watched(context(bypass_csp=True, **options).new_page())
        read_in(page, language)
        return page

    return make


@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_that_everybody_may_read(reader: Callable[..., Page], language: str) -> None:
    page = reader(language)
    assert on_all(page, public_pages(page), language) == {}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_form_from_the_danger_screen_to_following(reader: Callable[..., Page], language: str) -> None:
    page = reader(language)
    assert on_all(page, form_pages(page), language) == {}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_question_and_an_address_from_asking_to_confirming(
    reader: Callable[..., Page], site: Site, language: str
) -> None:
    page = reader(language)
    assert on_all(page, email_pages(page, site), language) == {}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("email", ["ana@demo.test", "lin@demo.test", "comite@demo.test", "admin@demo.test"])
def test_pages_of_each_role(reader: Callable[..., Page], site: Site, email: str, language: str) -> None:
    page = reader(language, viewport=DESK)
    assert on_all(page, staff_pages(page, site, email), language) == {}


def test_the_map_while_it_is_open(reader: Callable[..., Page]) -> None:
    page = reader("fr")
    for name in form_pages(page):
        if name == "place-refused":
            page.get_by_text("Choisir sur la carte").click()
            page.locator(".leaflet-container").wait_for()
            break
    assert objections(page, also_dark=True) == []


def test_axe_itself_is_awake(reader: Callable[..., Page]) -> None:
    page = reader("fr")
    page.set_content("<!doctype html><html lang=fr><title>x</title><main><h1>x</h1><img src=x></main></html>")
    assert any(each.startswith("image-alt") for each in objections(page, also_dark=False))
