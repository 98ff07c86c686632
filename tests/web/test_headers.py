"""Security and cache headers."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from cohab_report import web
from cohab_report.web.headers import content_security_policy
from tests.web.conftest import SETTINGS, sign_in


def headers_of(client: FlaskClient, address: str) -> Headers:
    answer = client.get(address)
    answer.close()
    return answer.headers


@pytest.mark.parametrize("address", ["/open", "/nowhere", "/fails/locked", "/static/css/base.css"])
def test_nothing_inline_runs_and_nothing_comes_from_elsewhere(client: FlaskClient, address: str) -> None:
    headers = headers_of(client, address)
    rules = dict(rule.strip().split(" ", 1) for rule in headers["Content-Security-Policy"].split(";"))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "geolocation=(self)" in headers["Permissions-Policy"]


def test_pictures_of_the_tile_server_are_let_in_and_nothing_else_of_it() -> None:
    rules = content_security_policy(replace(SETTINGS, tile_url="https://{s}.tiles.example.org/{z}/{x}/{y}.png"))
    assert rules.endswith("img-src 'self' data: https://*.tiles.example.org")
    assert rules.count("example.org") == 1


def test_a_page_is_not_stored_unless_it_says_that_it_may(client: FlaskClient) -> None:
    assert client.get("/open").headers["Cache-Control"] == "private, no-cache"
    assert client.post("/write", data={"text": "a"}).headers["Cache-Control"] == "no-store"
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"


def test_a_page_read_by_somebody_who_is_signed_in_is_never_stored(client: FlaskClient) -> None:
    sign_in(client, "1")
    assert client.get("/open").headers["Cache-Control"] == "no-store"


def test_a_static_file_is_kept_for_good_under_the_address_of_its_content(app: Flask) -> None:
    with app.test_request_context():
        address = app.url_for("static", filename="css/base.css")
    client = app.test_client()
    assert "immutable" in headers_of(client, address)["Cache-Control"]
    assert headers_of(client, "/static/css/base.css?v=older")["Cache-Control"] == "public, no-cache"
    assert headers_of(client, "/static/nowhere.css?v=older")["Cache-Control"] == "no-store"


def production(**changes: object) -> Flask:
    address = "https://observations.example.org"
    settings = replace(SETTINGS, env="production", base_url=address, queue_url="memory://")
    app = Flask("cohab_report")
    web.init_app(app, replace(settings, **changes))  # type: ignore[arg-type]
    return app


def test_in_production_the_line_stays_encrypted() -> None:
    client = production().test_client()
    assert "Strict-Transport-Security" in client.get("/healthz", base_url="https://observations.example.org").headers


def test_the_session_cookie_is_closed_to_scripts_to_other_sites_and_to_neighbours() -> None:
    answer = (
        production().test_client().post("/langue", data={"language": "en"}, base_url="https://observations.example.org")
    )
    assert answer.status_code in (303, 400)
    app = production()
    app.config["WTF_CSRF_ENABLED"] = False
    answer = app.test_client().post("/langue", data={"language": "en"}, base_url="https://observations.example.org")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-session=")
    assert all(word in cookie for word in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/")) and "Domain" not in cookie


def test_a_host_that_is_not_ours_is_refused_in_production() -> None:
    assert production().test_client().get("/healthz", base_url="https://elsewhere.test").status_code == 400


@pytest.mark.parametrize(("proxies", "expected"), [(0, "127.0.0.1"), (1, "203.0.113.9")])
def test_only_trusted_proxies_are_believed(proxies: int, expected: str) -> None:
    app = production(proxies=proxies)
    addresses: list[str | None] = []

    @app.before_request
    def record_address() -> None:
        from flask import request

        addresses.append(request.remote_addr)

    app.test_client().get(
        "/healthz",
        headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"},
        base_url="https://observations.example.org",
    )
    assert addresses == [expected]
