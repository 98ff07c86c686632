"""The wording check while one types: it finds on the phone what the server finds, sends nothing, blocks nothing and
goes away.
"""

import gzip
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, Request, expect

from cohab_report.intake.wording import screen
from tests.browser.conftest import watched
from tests.browser.site import Site
from tests.browser.walk import form_pages
from tests.intake.test_wording import ONLY_ITS_ACCENT_TELLS, SILENT, WARNS, variants

pytestmark = pytest.mark.browser
SCREEN_ALL = """async ([module, source, texts]) => {
  const { createScreener } = await import(module);
  const screen = createScreener(await (await fetch(source)).json());
  return texts.map(screen);
}"""


def stand_on_the_questions(page: Page) -> None:
    """The page with the free text is shown."""
    assert next(name for name in form_pages(page) if name == "questions")
    page.locator("textarea[name=text]").fill("")


def test_the_phone_and_the_server_find_the_same_in_every_sentence(phone: Page, site: Site) -> None:
    sentences = [*WARNS, *SILENT, *ONLY_ITS_ACCENT_TELLS]
    texts = [
        *sentences,
        *(each.upper() for each in sentences),
        *(other for each in sentences for other in variants(each)),
    ]
    phone.goto("/")
    found = phone.evaluate(SCREEN_ALL, ["/static/js/screen-words.js", "/signaler/mots.json", texts])
    known = [sorted({finding.kind.value for finding in screen(text)}) for text in texts]
    differing = [(text, there, here) for text, there, here in zip(texts, known, found, strict=True) if there != here]
    assert differing == [] and len(texts) > 1000


def test_a_name_is_told_after_a_pause_and_no_longer_once_it_is_mended(phone: Page) -> None:
    stand_on_the_questions(phone)
    said = phone.locator("[data-behaviour=warn-words]")
    phone.locator("textarea[name=text]").fill("Kevin Tremblay laisse ses sacs")
    expect(said).to_contain_text("le nom d’une personne")
    expect(said).to_have_attribute("role", "status")
    phone.locator("textarea[name=text]").fill("Des sacs près du banc")
    expect(said).to_be_empty()


def test_what_is_typed_goes_nowhere_before_it_is_sent(phone: Page) -> None:
    stand_on_the_questions(phone)
    phone.wait_for_load_state("networkidle")
    asked: list[Request] = []

    def note(request: Request) -> None:
        asked.append(request)

    phone.on("request", note)
    phone.locator("textarea[name=text]").press_sequentially("Appelez Rosa au 819 555-0143")
    expect(phone.locator("[data-behaviour=warn-words]")).to_contain_text("un numéro de téléphone")
    assert {request.url.rpartition("/")[2] for request in asked if request.resource_type != "script"} == {"mots.json"}
    assert not [request for request in asked if request.method != "GET" or "?" in request.url]


def test_a_warning_blocks_nothing(phone: Page) -> None:
    stand_on_the_questions(phone)
    phone.locator("textarea[name=text]").fill("Kevin Tremblay laisse ses sacs")
    expect(phone.locator("[data-behaviour=warn-words]")).not_to_be_empty()
    phone.get_by_role("button", name="Continuer").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("effets personnels")


def test_without_a_line_nothing_breaks(context: Callable[..., BrowserContext]) -> None:
    opened = context(service_workers="block")
    page = watched(opened.new_page())
    stand_on_the_questions(page)
    opened.set_offline(True)
    page.locator("textarea[name=text]").fill("Kevin Tremblay laisse ses sacs")
    page.wait_for_timeout(1000)
    expect(page.locator("[data-behaviour=warn-words]")).to_be_empty()


def test_the_patterns_and_their_script_weigh_at_most_fifteen_kilobytes(phone: Page) -> None:
    answers = [
        phone.request.get(f"/{path}")
        for path in ("signaler/mots.json", "static/js/screen-words.js", "static/js/warn-words.js")
    ]
    assert sum(len(gzip.compress(answer.body())) for answer in answers) <= 15 * 1024
    again = phone.request.get("/signaler/mots.json", headers={"If-None-Match": answers[0].headers["etag"]})
    assert again.status == 304
