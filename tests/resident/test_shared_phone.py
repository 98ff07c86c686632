"""A phone that others use: what one observation leaves on it ends with closing, with withdrawing, and by itself."""

import json
from collections.abc import Callable
from contextvars import Context
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from sqlalchemy import func, select

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake.author_sessions import operations as author_sessions
from cohab_report.intake.author_sessions.models import AuthorSession
from tests.cast import Cast
from tests.journeys.test_river import follow_redirect, send_observation
from tests.page import Page

pytestmark = pytest.mark.usefixtures("session")
LANDMARK, PLACE, PLACE_NAME = "banc rouge", "quai", "Quai des Brumes"
WORDS = "Verre cassé sous le banc"


def cookie_of(page: Page) -> str:
    cookie = page.client.get_cookie(page.app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None and cookie.value is not None
    return str(cookie.value)


def session_of(page: Page) -> dict[str, Any]:
    with page.client.session_transaction() as session:
        return dict(session)


def sent(page: Page) -> str:
    """Sends an observation; returns its code."""
    return str(send_observation(page, place=PLACE, text=WORDS)[1])


def follow(page: Page, code: str) -> None:
    follow_redirect(page, page.submit(page.get("resident.follow"), {"code": code}, action="/suivi"))


def shows(page: Page, address: str, *words: str) -> bool:
    answer = Context().run(lambda: page.client.get(address, follow_redirects=True))
    return any(each in answer.text for each in words)


def close(page: Page, code: str) -> Any:
    follow(page, code)
    return page.submit(page.get("resident.follow"), {}, action="/suivi/fermer")


def close_receipt(page: Page, _code: str) -> Any:
    return page.submit(page.get("resident.receipt"), {}, action="/suivi/fermer")


def withdraw(page: Page, code: str) -> Any:
    follow(page, code)
    return page.submit(page.get("resident.withdraw"), {}, action="/suivi/retirer")


@pytest.mark.parametrize("end", [close, close_receipt, withdraw])
def test_closing_and_withdrawing_end_all_of_it(page: Page, end: Callable[[Page, str], Any]) -> None:
    code = sent(page)
    cookie_before = cookie_of(page)
    answer = end(page, code)
    cookie_between = cookie_of(page)
    for cookie in (cookie_between, cookie_before):
        page.client.set_cookie(page.app.config["SESSION_COOKIE_NAME"], cookie)
        assert not shows(page, "/recu", code)
        assert not shows(page, "/suivi", WORDS)
        page.post("/signaler/encore", {})
        assert "/signaler/" in page.last.headers["Location"]  # type: ignore[union-attr]
        assert not shows(page, "/signaler/sujet", PLACE_NAME, LANDMARK)
    assert answer.headers["Clear-Site-Data"] == '"cache"', "nothing that waits to be sent is deleted"
    assert db.session.scalar(select(func.count()).select_from(AuthorSession)) == 0


def test_withdrawing_closes_the_pages_of_every_other_browser(page: Page, cast: Cast) -> None:
    code = sent(page)
    other = Page(page.app, cast)
    follow(other, code)
    assert shows(other, "/suivi", WORDS)
    withdraw(page, code)
    assert not shows(other, "/suivi", "Retiré", WORDS)
    follow(other, code)
    assert shows(other, "/suivi", "Retiré")


def test_a_draft_begun_at_the_same_place_loses_the_place_and_nothing_else(page: Page) -> None:
    sent(page)
    page.post("/signaler/encore", {})
    page.post("/signaler/sujet", {"kind": "cleanliness"})
    page.post("/suivi/fermer", {})
    assert session_of(page)["sketch"]["kind"] == "cleanliness"
    assert not {"place", "landmark", "lon", "lat", "again"} & set(session_of(page)["sketch"])


def test_a_draft_of_another_place_is_not_lost_by_closing(page: Page) -> None:
    code = sent(page)
    with page.client.session_transaction() as session:
        session["sketch"] = {"client_id": "6f1f1f5e-3c7b-4c11-9d0e-2f5b0c7a9e01", "place": "halle", "text": "À moi"}
    close(page, code)
    assert session_of(page)["sketch"]["text"] == "À moi" and session_of(page)["sketch"]["place"] == "halle"


@pytest.mark.parametrize(("minutes", "is_open"), [(59, True), (61, False)])
def test_a_receipt_is_shown_for_an_hour(page: Page, minutes: int, is_open: bool) -> None:
    start = now()
    with time_machine.travel(start, tick=False) as clock:
        code = sent(page)
        clock.shift(timedelta(minutes=minutes))
        assert shows(page, "/recu", code) is is_open
        page.post("/signaler/encore", {})
        assert shows(page, "/signaler/sujet", PLACE_NAME) is is_open
        if not is_open:
            assert not shows(page, "/recu", code)


def test_an_expired_receipt_says_so_and_asks_for_the_code(page: Page) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        sent(page)
        clock.shift(timedelta(hours=2))
        assert shows(page, "/recu", "Le reçu ne se montre que pendant une heure.")


def test_the_follow_page_stays_open_while_it_is_read_and_closes_after_half_an_hour(page: Page) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        code = sent(page)
        follow(page, code)
        for _ in range(4):
            clock.shift(timedelta(minutes=20))
            assert shows(page, "/suivi", WORDS)
        clock.shift(timedelta(minutes=31))
        assert shows(page, "/suivi", "Le suivi s’est fermé après un moment sans visite.")
        assert not shows(page, "/suivi", WORDS)


def test_a_follow_page_that_is_always_read_closes_after_half_a_day(page: Page) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        follow(page, sent(page))
        open_for = 0
        while shows(page, "/suivi", WORDS) and open_for < 2000:
            clock.shift(timedelta(minutes=25))
            open_for += 25
        assert 11 * 60 <= open_for <= 13 * 60


def test_the_cookie_is_readable_to_nobody_and_its_session_holds_no_place_code_or_id_of_what_was_sent(
    page: Page,
) -> None:
    page.submit(page.get("resident.danger_screen"), {"help": "no"}, action="/signaler/")
    page.post("/signaler/sujet", {"kind": "cleanliness"})
    page.post("/signaler/lieu", {"place": PLACE, "landmark": LANDMARK})
    serializer = SecureCookieSessionInterface().get_signing_serializer(page.app)
    assert serializer is not None
    with pytest.raises(BadSignature):
        serializer.loads(cookie_of(page))
    _is_valid, readable = serializer.loads_unsafe(cookie_of(page))
    assert readable is None and PLACE not in cookie_of(page)
    page.client = page.app.test_client()
    code = sent(page)
    follow(page, code)
    held = json.dumps(session_of(page), default=str)
    observation = db.session.scalars(select(AuthorSession)).first()
    assert observation is not None
    assert not [text for text in (code, PLACE, LANDMARK, observation.observation.reference) if text in held]
    assert "client_id" not in held


def test_a_draft_that_nobody_goes_on_with_is_gone_after_two_hours(page: Page) -> None:
    with time_machine.travel(now(), tick=False) as clock:
        page.submit(page.get("resident.danger_screen"), {"help": "no"}, action="/signaler/")
        page.post("/signaler/sujet", {"kind": "cleanliness"})
        page.post("/signaler/lieu", {"place": PLACE})
        clock.shift(timedelta(minutes=119))
        assert shows(page, "/signaler/categorie", "radio")
        clock.shift(timedelta(minutes=2))
        assert not shows(page, "/signaler/categorie", PLACE_NAME)
        assert "sketch" not in session_of(page)


def test_signing_out_clears_what_the_browser_keeps_and_nothing_that_waits(page: Page, cast: Cast) -> None:
    page.sign_in(cast.ana)
    answer = page.post("/deconnexion", {})
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_sessions_that_are_over_are_deleted(page: Page) -> None:
    follow(page, sent(page))
    assert author_sessions.end_sessions_over(at=now()) == 0
    assert author_sessions.end_sessions_over(at=now() + timedelta(hours=2)) == 1
    assert author_sessions.end_sessions_over(at=now() + timedelta(hours=13)) == 1
