"""A phone that goes from hand to hand: what was received and closed is gone from it, what waits to be sent is not."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_offline import CODE, lists, past_danger, ready, step, write
from tests.browser.walk import form_pages, press

pytestmark = pytest.mark.browser
__all__ = ["ready"]  # a fixture
STORE = """(items) => new Promise((resolve, reject) => {
  const asked = indexedDB.open("cohab");
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = () => {
    const writing = asked.result.transaction(Object.keys(items), "readwrite");
    for (const [name, rows] of Object.entries(items))
      for (const row of rows) writing.objectStore(name).put(row);
    writing.oncomplete = () => { asked.result.close(); resolve(); };
  };
})"""


def stored_item(number: int, **more: object) -> dict[str, object]:
    """Something that this phone stores; what waits is not due for long."""
    client_id = f"6f1f1f5e-3c7b-4c11-9d0e-2f5b0c7a9e{number:02d}"
    waiting = {"attempts": 1, "next_attempt_at": 10**15, "last_problem": {"kind": "later", "status": 503, "at": 1}}
    fields = {"client_id": client_id, "text": "Elle attend le réseau"}
    shared = {"client_id": client_id, "fields": fields, "photos": [], "photo_count": 0, "language": "fr", "made_at": 1}
    return {**shared, **waiting, **more}


def go_to(phone: Page, wanted: str) -> None:
    """Goes through the form until it stands on the page of this name."""
    for name in form_pages(phone):
        if name == wanted:
            return


def close(phone: Page) -> None:
    press(phone, phone.locator("form[action$='/suivi/fermer'] button"))


def withdraw(phone: Page) -> None:
    phone.goto("/suivi/retirer")
    press(phone, phone.locator("form[action$='/suivi/retirer'] button"))


@pytest.mark.parametrize("end", [close, withdraw])
def test_closed_here_nothing_of_it_opens_again_and_what_waits_still_waits(
    ready: Callable[..., Page], end: Callable[[Page], None]
) -> None:
    phone = ready(offline=False)
    go_to(phone, "receipt")
    code = phone.locator("main output").first.inner_text()
    assert CODE.fullmatch(code)
    phone.locator("[data-keep]").click()
    go_to_follow(phone)
    reference = phone.locator("h1").inner_text().split()[-1]
    receipts = [stored_item(1, reference=reference, code=code), stored_item(2, reference="AUTRE22", code=code)]
    phone.evaluate(STORE, {"receipts": receipts, "waiting": [stored_item(3)], "drafts": [stored_item(4)]})
    end(phone)
    phone.locator("html[data-awake]").wait_for(state="attached")
    expect(phone.locator("main")).to_contain_text("suivi est fermé sur cet appareil")
    if end is close:
        expect(phone.locator("main")).to_contain_text(code)  # kept by choice
    else:
        expect(phone.locator("main")).not_to_contain_text(code)
    for address in ("/recu", "/suivi"):
        phone.goto(address)
        expect(phone.get_by_role("heading", level=1)).to_have_text("Suivre une observation")
    for _ in range(3):
        phone.go_back()
        expect(phone.get_by_role("heading", level=1)).not_to_have_text(
            re.compile("Observation reçue|Observation [A-Z2-9]{7}")
        )
    assert lists(phone) == {"drafts": 1, "waiting": 1, "receipts": 1}, "the other receipt, and what is unsent"
    expect(phone.locator("[data-part=receipts]")).to_contain_text("AUTRE22")


def go_to_follow(phone: Page) -> None:
    press(phone, phone.locator("main a.button[href^='/suivi#']"))
    expect(phone.locator("input[name=code]")).not_to_have_value("")
    phone.locator("main form .buttons button").first.click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(re.compile("Observation [A-Z2-9]{7}"))


def test_begun_online_and_left_it_is_asked_whose_it_is_and_passes_to_no_other(phone: Page) -> None:
    go_to(phone, "belongings")
    phone.goto("/")
    phone.goto("/signaler/?sujet=safety")
    press(phone, phone.locator("button[name=help][value=no]"))
    heading = phone.get_by_role("heading", level=1)
    expect(heading).to_have_text(re.compile("Continuer celle de .*, ou en commencer une autre"))
    press(phone, phone.locator("main form:has(input[name=choice][value=new]) button"))
    expect(phone).to_have_url(re.compile("/signaler/lieu$"))
    assert phone.locator("input[name=place]:checked").count() == 0
    assert phone.evaluate("sessionStorage.getItem('carried')").count("text") == 0


def test_begun_without_network_and_left_it_is_asked_which_draft_goes_on(ready: Callable[..., Page]) -> None:
    phone = ready()
    write(phone, text="Verre cassé sous le banc", upto="belongings")
    for _ in range(5):
        if phone.locator("[data-step=danger]").is_visible():
            break
        phone.locator("[data-back]").click()
    step(phone, "danger")
    phone.locator("button[name=help][value=no]").click()
    step(phone, "drafts")
    phone.locator("[data-step=drafts]:visible form button[type=submit]").click()
    step(phone, "subject")
    phone.locator("button[name=kind][value=safety]").click()
    step(phone, "place")
    assert phone.locator("input[name=place]:checked").count() == 0
    expect(phone.locator("textarea[name=text]")).to_have_value("")
    past_danger(phone)
    step(phone, "drafts")
