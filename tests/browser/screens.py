"""Takes every page's picture, phone and desk, into docs/screens: `make screens`.

Demo data is the same each time, hours are not.
"""

import io
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.site import DESK, PHONE, Site, browser, served
from tests.browser.walk import email_pages, form_pages, public_pages, read_in, staff_pages

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
SIZES = {"phone": PHONE, "desk": DESK}
STAFF = ("ana@demo.test", "lin@demo.test", "comite@demo.test", "admin@demo.test")
QUALITY = 20
SMALLER = {"phone": 0.82, "desk": 0.62}
IN_ENGLISH = {"home", "receipt", "figures"}
IN_THE_DARK = {"home", "place", "case", "committee"}


def main(folder: Path = FOLDER) -> None:
    """The folder holds one picture a page and size, and says how heavy they are together."""
    logging.disable(logging.INFO)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.webp"):
        old.unlink()
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright, _site(Path(temporary)) as site:
        opened = browser(playwright)
        for size in SIZES:
            _take_all(opened, site, size, folder)
        opened.close()
    taken = list(folder.glob("*.webp"))
    sys.stdout.write(
        f"{len(taken)} pictures, {sum(picture.stat().st_size for picture in taken) // 1024} KB, in {folder}\n"
    )


def _site(folder: Path) -> AbstractContextManager[Site]:
    return served(f"sqlite:///{folder}/cohab.db", folder)


def _take_all(opened: Browser, site: Site, size: str, folder: Path) -> None:
    for language, suffix in (("fr", ""), ("en", "-en")) if size == "phone" else (("fr", ""),):
        page = _page(opened, site, size)
        read_in(page, language)
        for name in _visitor(page, site):
            if language == "fr" or name in IN_ENGLISH:
                _take(page, size, folder / f"{name}-{size}{suffix}.webp")
            if language == "fr" and name in IN_THE_DARK and size == "phone":
                _take_dark(page, size, folder / f"{name}-{size}-dark.webp")
        page.context.close()
    for email in STAFF:
        page = _page(opened, site, size)
        for name in staff_pages(page, site, email):
            _take(page, size, folder / f"{name}-{size}.webp")
            if name in IN_THE_DARK and size == "phone":
                _take_dark(page, size, folder / f"{name}-{size}-dark.webp")
        page.context.close()


def _visitor(page: Page, site: Site) -> Iterator[str]:
    yield from public_pages(page)
    yield from email_pages(page, site)
    for name in form_pages(page):
        if name not in {"questions", "review"}:
            page.evaluate("window.scrollTo(0, 0)")
        yield name
        if name == "place":
            page.locator("details[data-behaviour=map-pick] summary").click()
            page.locator(".leaflet-container").wait_for()
            page.wait_for_load_state("networkidle")
            page.locator("details[data-behaviour=map-pick]").scroll_into_view_if_needed()
            yield "map"


def _page(opened: Browser, site: Site, size: str) -> Page:
    options: dict[str, Any] = {
        "viewport": SIZES[size],
        "base_url": site.address,
        "locale": "fr-CA",
        "reduced_motion": "reduce",
    }
    return opened.new_context(**options).new_page()


def _take_dark(page: Page, size: str, path: Path) -> None:
    page.emulate_media(color_scheme="dark")
    _take(page, size, path)
    page.emulate_media(color_scheme="light")


def _take(page: Page, size: str, path: Path) -> None:
    page.wait_for_load_state("networkidle")
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as taken:
        wanted = round(taken.width * SMALLER[size]), round(taken.height * SMALLER[size])
        small = taken.convert("RGB").resize(wanted, Image.Resampling.LANCZOS)
        small.save(path, "WEBP", quality=QUALITY, method=6)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
