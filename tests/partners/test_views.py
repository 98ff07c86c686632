"""Sign-in and sign-out, the length of a session, and the limit on attempts."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from lxml.html import HtmlElement

from cohab_report.clock import now
from cohab_report.partners import passwords
from cohab_report.partners.models import Person
from cohab_report.web import throttle
from tests.cast import Cast
from tests.page import Page

PASSWORD = "quatre saules au bord de l’eau"


@pytest.fixture
def lin(cast: Cast) -> Person:
    cast.lin.password_hash = passwords.hash_password(PASSWORD)
    return cast.lin


def submit_sign_in(page: Page, email: str, password: str, *, status: int = 303, address: str = "/connexion") -> str:
    sign_in_page: HtmlElement = page.visit(address)
    response = page.submit(sign_in_page, {"email": email, "password": password}, action="/connexion", status=status)
    return response.location if status == 303 else response.text


def test_sign_in_leads_where_one_was_going(page: Page, lin: Person) -> None:
    assert (
        submit_sign_in(page, lin.email, PASSWORD, address="/connexion?next=/partenaire%3Fpage%3D2")
        == "/partenaire?page=2"
    )


@pytest.mark.parametrize("elsewhere", ["//elsewhere.test", "https://elsewhere.test/", "/\\elsewhere.test"])
def test_sign_in_never_leads_elsewhere(page: Page, lin: Person, elsewhere: str) -> None:
    location = submit_sign_in(page, lin.email, PASSWORD, address=f"/connexion?next={elsewhere}")
    assert location.startswith("/") and "elsewhere" not in location


def test_sign_in_says_what_to_check_keeps_the_address_and_drops_the_password(page: Page, lin: Person) -> None:
    text = submit_sign_in(page, lin.email, "wrong-password", status=422)
    assert "ne correspond pas" in text and lin.email in text and "wrong-password" not in text


@pytest.mark.parametrize(
    ("email", "password"),
    [("", ""), ("a" * 300, "x"), ("lin@rivebelle.example", "y" * 5000), ("\ud83d\ude00", "\u200b")],
)
def test_sign_in_refuses_what_is_no_answer(page: Page, lin: Person, email: str, password: str) -> None:
    email = email.encode("utf-16", "surrogatepass").decode("utf-16")
    assert "À corriger" in submit_sign_in(page, email, password, status=422)


def test_sign_in_begins_a_new_session_and_keeps_only_the_language(page: Page, lin: Person) -> None:
    with page.client.session_transaction() as cookie:
        cookie["draft"], cookie["language"] = "slipped in by somebody else", "en"
    submit_sign_in(page, lin.email, PASSWORD)
    with page.client.session_transaction() as cookie:
        assert "draft" not in cookie and cookie["language"] == "en"
        assert "Lin" not in str(dict(cookie)) and lin.email not in str(dict(cookie))


def test_sign_out_ends_the_session(page: Page, lin: Person) -> None:
    page.sign_in(lin)
    page.post("/deconnexion", {})
    with page.client.session_transaction() as cookie:
        assert "_user_id" not in cookie


@pytest.mark.parametrize(
    ("idle", "lasts"),
    [(timedelta(hours=1, minutes=50), True), (timedelta(hours=2, minutes=10), False), (timedelta(hours=13), False)],
)
def test_a_session_ends_by_itself(page: Page, cast: Cast, idle: timedelta, lasts: bool) -> None:
    page.sign_in(cast.ana)
    with time_machine.travel(now() + idle, tick=False):
        assert (page._ask("GET", "/tri", as_=None).status_code == 200) is lasts


def test_a_session_that_is_used_all_day_ends_after_twelve_hours(page: Page, cast: Cast) -> None:
    page.sign_in(cast.ana)
    start, answers = now(), []
    for hours in range(1, 14):
        with time_machine.travel(start + timedelta(hours=hours, minutes=1), tick=False):
            answers.append(page._ask("GET", "/tri", as_=None).status_code)
    assert answers == [200] * 11 + [303] * 2


def sign_in_status_from(page: Page, address: str, form: dict[str, str]) -> int:
    return page._ask("POST", "/connexion", as_=None, data=form, environ_base={"REMOTE_ADDR": address}).status_code


def test_guessing_a_password_is_stopped_even_from_many_networks(page: Page, app: Flask, lin: Person) -> None:
    app.config["THROTTLED"] = True
    throttle.limiter.reset()
    token = {"csrf_token": page.token(), "email": f" {lin.email.upper()} ", "password": "guess"}
    try:
        answers = [sign_in_status_from(page, f"198.51.{n}.1", token) for n in range(10)]
    finally:
        app.config["THROTTLED"] = False
        throttle.limiter.reset()
    assert answers == [422] * 8 + [429] * 2
