"""What a phone on a bad line pays for, what it is never asked for, and what its browser is told to refuse."""

import gzip
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Response

from tests.browser.conftest import watched
from tests.browser.site import Site
from tests.browser.walk import form_pages, public_pages, staff_pages

pytestmark = pytest.mark.browser
KILOBYTE = 1024
FIRST_PAGE = 60 * KILOBYTE
WITH_MAP = 160 * KILOBYTE
WITH_A_SKETCH = {"place-refused", "place", "category", "questions", "belongings", "review"}


class Line:
    """All that came over the line to one page; how heavy it is when a server packs text as servers do."""

    def __init__(self, page: Page) -> None:
        self.answers: list[Response] = []
        page.on("response", self.keep)

    def keep(self, answer: Response) -> None:
        """One more answer came."""
        self.answers.append(answer)

    def weight(self) -> dict[str, int]:
        """Bytes by address, each address paid for once."""
        return {answer.url: len(gzip.compress(answer.body())) for answer in self.answers if answer.status == 200}

    def hosts(self) -> set[str]:
        return {urlsplit(answer.url).netloc for answer in self.answers}


def settle(page: Page) -> None:
    page.wait_for_load_state("networkidle")


def test_the_first_page_weighs_at_most_sixty_kilobytes(phone: Page) -> None:
    line = Line(phone)
    phone.goto("/")
    settle(phone)
    weighed = line.weight()
    assert any(url.split("?")[0].endswith(".css") for url in weighed) and any(
        url.split("?")[0].endswith(".js") for url in weighed
    )
    assert sum(weighed.values()) <= FIRST_PAGE, weighed


def test_the_place_with_its_map_weighs_at_most_a_hundred_and_sixty(phone: Page) -> None:
    phone.goto("/signaler/?sujet=safety")
    settle(phone)
    line = Line(phone)
    phone.locator("button[name=help][value=no]").click()
    settle(phone)
    assert not any("leaflet" in answer.url for answer in line.answers), "the map is fetched only by whoever opens it"
    phone.get_by_text("Choisir sur la carte").click()
    phone.locator(".leaflet-container").wait_for()
    settle(phone)
    weighed = line.weight()
    for needed in (".css", "main.js", "leaflet.js", "carte.json", "/signaler/lieu"):
        assert any(needed in url for url in weighed), needed
    assert sum(weighed.values()) <= WITH_MAP, weighed


def test_no_page_asks_another_host_or_runs_anything_inline(phone: Page, site: Site) -> None:
    line = Line(phone)
    own = {urlsplit(site.address).netloc}
    for walk in (public_pages(phone), form_pages(phone)):
        for name in walk:
            looked_at(phone, name)
    assert line.hosts() == own
    pages = [answer for answer in line.answers if "text/html" in answer.headers.get("content-type", "")]
    assert len(pages) > 20
    for answer in pages:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy, answer.url


@pytest.mark.parametrize("email", ["ana@demo.test", "lin@demo.test", "comite@demo.test", "admin@demo.test"])
def test_no_page_of_the_staff_does_either(desk: Page, site: Site, email: str) -> None:
    line = Line(desk)
    for name in staff_pages(desk, site, email):
        looked_at(desk, name)
    assert line.hosts() == {urlsplit(site.address).netloc}


def looked_at(page: Page, name: str) -> None:
    """Nothing inline in what the server sent; a refusal by the policy would have failed the test by itself."""
    source = page.request.get(page.url).text() if page.url.count("#") == 0 else ""
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=\"", source), name


def held_in(visitor: BrowserContext, site: Site) -> dict[str, Any]:
    """What the session's cookie holds, read with the server's key."""
    interface: Any = site.app.session_interface
    held: dict[str, Any] = interface.get_signing_serializer(site.app).loads(visitor.cookies()[0]["value"])
    return held


def test_the_only_cookie_is_the_session_that_guards_forms_and_it_names_nobody(
    context: Callable[..., BrowserContext], site: Site
) -> None:
    visitor = context()
    page = watched(visitor.new_page())
    for _ in public_pages(page):
        pass
    kept = visitor.cookies()
    assert [cookie["name"] for cookie in kept] == ["session"]
    assert kept[0]["httpOnly"] and kept[0]["sameSite"] == "Lax"
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert set(held_in(visitor, site)) == {"csrf_token"}


def test_what_was_typed_waits_in_the_same_cookie_and_goes_when_it_is_sent(
    context: Callable[..., BrowserContext], site: Site
) -> None:
    visitor = context()
    page = watched(visitor.new_page())
    for name in form_pages(page):
        assert ("sketch" in held_in(visitor, site)) == (name in WITH_A_SKETCH), name
        if name == "receipt":
            break
