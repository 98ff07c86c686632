"""Sign-in and sign-out, the length of a session, and the limit on attempts."""

from base64 import urlsafe_b64decode
from collections.abc import Iterable, Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask, url_for
from lxml.html import HtmlElement

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.partners import passwords, queries
from cohab_report.partners.models import Person
from cohab_report.web import known_browsers, throttle
from tests.cast import Cast
from tests.page import Page

PASSWORD = "quatre saules au bord de l’eau"


@pytest.fixture
def lin(cast: Cast) -> Person:
    cast.lin.password_hash = passwords.hash_password(PASSWORD)
    db.session.commit()
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


@pytest.fixture
def throttled(app: Flask) -> Iterator[None]:
    """Attempts are counted, from none."""
    app.config["THROTTLED"] = True
    throttle.limiter.reset()
    yield
    app.config["THROTTLED"] = False
    throttle.limiter.reset()


def guesses(page: Page, email: str, networks: Iterable[int]) -> list[int]:
    form = {"csrf_token": page.token(), "email": email, "password": "guess"}
    return [sign_in_status_from(page, f"198.51.{number}.1", form) for number in networks]


@pytest.mark.usefixtures("throttled")
def test_guessing_a_password_is_stopped_from_one_network_and_nobody_else_is_locked_out(page: Page, lin: Person) -> None:
    assert guesses(page, f" {lin.email.upper()} ", [7] * 10) == [422] * 8 + [429] * 2
    form = {"csrf_token": page.token(), "email": lin.email, "password": PASSWORD}
    assert sign_in_status_from(page, "198.51.8.1", form) == 303


@pytest.mark.usefixtures("throttled")
def test_guessing_over_many_networks_is_stopped_too_and_a_browser_that_signed_in_before_still_may(
    page: Page, app: Flask, cast: Cast, lin: Person
) -> None:
    attacker = Page(app, cast)
    submit_sign_in(page, lin.email, PASSWORD)
    page.post("/deconnexion", {})
    assert guesses(attacker, lin.email, range(1, 63)) == [422] * 60 + [429] * 2
    right = {"csrf_token": attacker.token(), "email": lin.email, "password": PASSWORD}
    assert sign_in_status_from(attacker, "198.51.100.1", right) == 429
    form = {"csrf_token": page.token(), "email": lin.email, "password": PASSWORD}
    assert sign_in_status_from(page, "198.51.7.1", form) == 303


@pytest.mark.usefixtures("throttled")
def test_a_known_browser_may_not_guess_more_often_and_is_known_for_its_own_account_only(
    page: Page, cast: Cast, lin: Person
) -> None:
    submit_sign_in(page, lin.email, PASSWORD)
    page.post("/deconnexion", {})
    assert guesses(page, lin.email, range(1, 11)) == [422] * 8 + [429] * 2
    assert guesses(page, cast.ana.email, [9] * 10) == [422] * 8 + [429] * 2


def test_the_cookie_of_a_known_browser_names_nobody_and_is_sent_to_the_sign_in_page_only(
    page: Page, lin: Person
) -> None:
    submit_sign_in(page, lin.email, PASSWORD)
    cookie = page.client.get_cookie(known_browsers.COOKIE, path=known_browsers.COOKIE_PATH)
    assert cookie is not None and cookie.http_only and cookie.same_site == "Lax"
    signed = cookie.value.split(".", 1)[0]
    assert "lin" not in str(urlsafe_b64decode(signed + "=" * (-len(signed) % 4)))


def test_wrong_passwords_make_no_writer_wait(page: Page, lin: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    page.token()
    monkeypatch.delattr("cohab_report.db._write_lock")
    for email in (lin.email, "nobody@rivebelle.example"):
        submit_sign_in(page, email, "guess", status=422)


def test_signing_out_ends_the_session_on_the_server_too(page: Page, app: Flask, cast: Cast, lin: Person) -> None:
    submit_sign_in(page, lin.email, PASSWORD)
    with page.client.session_transaction() as cookie:
        stolen = dict(cookie)
    thief = Page(app, cast)
    with thief.client.session_transaction() as cookie:
        cookie.update(stolen)
    assert thief._ask("GET", "/partenaire", as_=None).status_code == 200
    page.post("/deconnexion", {})
    assert thief._ask("GET", "/partenaire", as_=None).status_code == 303


def test_everybody_sees_their_own_sessions_and_ends_one_or_all_others(
    page: Page, app: Flask, cast: Cast, lin: Person
) -> None:
    at_home, on_the_phone = Page(app, cast), Page(app, cast)
    for browser in (page, at_home, on_the_phone):
        submit_sign_in(browser, lin.email, PASSWORD)
    listed = page.visit("/mon-compte/connexions")
    assert len(listed.xpath("//li[contains(@class, 'case-row')]")) == 3
    assert "Mettre fin aux 2 autres connexions" in listed.text_content().replace("\xa0", " ")
    one = next(form.action for form in listed.forms if form.action and form.action.count("/") > 3)
    page.submit(listed, {}, action=one.split("?")[0])
    left = [browser._ask("GET", "/partenaire", as_=None).status_code for browser in (page, at_home, on_the_phone)]
    assert sorted(left) == [200, 200, 303] and left[0] == 200
    page.submit(page.visit("/mon-compte/connexions"), {}, action="/mon-compte/connexions/terminer")
    left = [browser._ask("GET", "/partenaire", as_=None).status_code for browser in (page, at_home, on_the_phone)]
    assert left == [200, 303, 303]


def test_nobody_ends_another_person_s_session(page: Page, app: Flask, cast: Cast, lin: Person) -> None:
    other = Page(app, cast)
    other.sign_in(cast.ana)
    number = queries.session_by_token(cast.ana.session_token).id
    with app.test_request_context():
        address = url_for("sign_in.end_own_session", number=number)
    page.sign_in(lin)
    page.post(address, {}, status=404)
    assert other._ask("GET", "/tri", as_=None).status_code == 200
