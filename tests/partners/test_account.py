"""Each person chooses how keyboard shortcuts are pressed, if at all; every page says and honours it."""

import lxml.html
import pytest

from cohab_report.partners.account.rules import shortcut_words
from cohab_report.partners.models import ShortcutKeys
from cohab_report.triage import operations as triage
from cohab_report.triage.models import ClosingReason
from tests import factories


def test_a_shortcut_is_a_key_alone_or_with_alt_or_nothing():
    assert [shortcut_words("a", keys) for keys in ShortcutKeys] == ["a", "Alt+a", ""]


@pytest.mark.parametrize("keys", list(ShortcutKeys))
def test_preferences_are_stored_with_the_account_and_each_key_is_shown_as_it_is_pressed(page, cast, session, keys):
    shown = page.get("account.preferences", as_=cast.ana)
    page.submit(shown, {"shortcut_keys": keys.value}, action="/mon-compte", as_=cast.ana)
    again = page.get("account.preferences", as_=cast.ana)
    assert again.xpath("//input[@name='shortcut_keys' and @checked]/@value") == [keys.value]
    case = factories.accepted_case(cast.ana)
    found = page.get("triage.case", reference=case.reference, as_=cast.ana)
    assert found.get("data-shortcut-keys") == keys.value
    pressed = {key: shortcut_words(key, keys) for key in ("p", "t", "1")}
    for key, words in pressed.items():
        buttons = found.xpath(f"//*[@data-key='{key}']")
        assert [button.get("aria-keyshortcuts") for button in buttons] == ([words] if words else [])
        assert [button.xpath("string(kbd)") for button in buttons] == ([words] if words else [])
    helped = [words.text_content() for words in found.xpath("//dialog[@data-keys-help]//kbd")]
    assert ("Alt+p" in helped, "p" in helped) == (keys is ShortcutKeys.ALT, keys is ShortcutKeys.PLAIN)
    (link,) = found.xpath("//main//a[@href='/mon-compte']")
    assert ("désactivés" in link.text_content()) is (keys is ShortcutKeys.OFF)
    assert page.get("triage.case", reference=case.reference, as_=cast.bea).get("data-shortcut-keys") == "plain"


@pytest.mark.parametrize("typed", ["", "meta"])
def test_preferences_that_nobody_offered_are_refused_beside_the_field(page, cast, session, typed):
    shown = page.get("account.preferences", as_=cast.lin)
    answer = page.submit(shown, {"shortcut_keys": typed}, action="/mon-compte", as_=cast.lin, status=422)
    assert lxml.html.fromstring(answer.text).xpath("//*[@id='shortcut_keys-error']")
    session.refresh(cast.lin)
    assert cast.lin.shortcut_keys is ShortcutKeys.PLAIN


def test_preferences_are_for_whoever_is_signed_in_and_nobody_else(page, cast):
    for person in (cast.ana, cast.lin, cast.omar, cast.charlie, cast.admin):
        page.get("account.preferences", as_=person)
    with page.client.session_transaction() as session:
        session.clear()
    assert page.client.get("/mon-compte").status_code in (302, 303, 403)


def test_a_key_that_closes_a_case_only_brings_the_reader_to_its_button(page, cast):
    case = factories.accepted_case(cast.ana)
    found = page.get("triage.case", reference=case.reference, as_=cast.ana)
    closing = found.xpath("//form[contains(@action, '/fermer')]//button[@data-key]")
    assert [button.get("data-key") for button in closing] == ["1", "2", "3", "4", "f"]
    assert all(button.get("data-key-focuses") is not None for button in closing)


def test_pages_of_residents_know_no_shortcuts(page):
    assert page.get("resident.home").get("data-shortcut-keys") is None


def test_a_closed_case_offers_no_key_that_acts(page, cast):
    case = factories.accepted_case(cast.ana)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=factories.MONDAY)
    found = page.get("triage.case", reference=case.reference, as_=cast.ana)
    assert not found.xpath("//form[contains(@action, '/tri/')]//button[@data-key]")
