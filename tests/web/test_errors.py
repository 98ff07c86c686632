"""Error pages: each says what happened and repeats what was typed."""

import json
import logging
import sys

import pytest
from flask.testing import FlaskClient

from cohab_report.web.logs import JsonLines

TYPED = {
    "text": "Une poubelle déborde près du parc.",
    "csrf_token": "x",
    "password": "hunter2",
    "code": "K7QF-2M9T",
    "version": "3",
    "otp": "483920",
    "api_key": "cle-8f3a",
}
SECRETS = ("hunter2", "K7QF-2M9T", "483920", "cle-8f3a")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("not-found", 404),
        ("stale", 409),
        ("move", 409),
        ("invalid", 422),
        ("too-many", 429),
        ("unavailable", 503),
        ("locked", 503),
        ("write-conflict", 409),
        ("duplicate", 409),
        ("out-of-range", 400),
        ("pool", 503),
        ("queue", 503),
    ],
)
def test_each_foreseen_error_has_its_page_and_keeps_the_text(client: FlaskClient, kind: str, status: int) -> None:
    answer = client.post(f"/fails/{kind}", data=TYPED)
    assert answer.status_code == status
    assert "<h1" in answer.text and 'lang="fr"' in answer.text
    assert TYPED["text"] in answer.text
    assert not any(secret in answer.text for secret in SECRETS)


@pytest.mark.parametrize(
    ("kind", "is_temporary"), [("not-found", False), ("invalid", False), ("too-many", True), ("unavailable", True)]
)
def test_only_what_will_pass_offers_to_try_again(client: FlaskClient, kind: str, is_temporary: bool) -> None:
    text = client.get(f"/fails/{kind}").text
    assert ("Essayer de nouveau" in text) == is_temporary
    assert text.count('class="button"') == 1


def test_a_changed_thing_shows_what_changed(client: FlaskClient) -> None:
    answer = client.post("/fails/stale")
    assert "nouveau" in answer.text and "accepté" in answer.text


def test_too_many_says_when_to_come_back(client: FlaskClient) -> None:
    assert client.post("/fails/too-many").headers["Retry-After"] == "90"


def test_a_locked_database_is_told_without_what_was_being_written(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        client.post("/fails/locked", data=TYPED)
    text = " ".join(str(record.__dict__) for record in caplog.records)
    assert "a part is away" in text and "never logged" not in text and "poubelle" not in text


def test_an_unforeseen_error_gives_the_text_back_and_quotes_nothing(client: FlaskClient) -> None:
    answer = client.post("/fails/bug", data=TYPED)
    assert answer.status_code == 500
    assert TYPED["text"] in answer.text and "of what was typed" not in answer.text
    assert not any(secret in answer.text for secret in SECRETS)


def test_a_session_that_ended_gives_the_text_back_and_a_view_that_reads_no_text_gives_nothing(
    client: FlaskClient,
) -> None:
    answer = client.post("/staff", data=TYPED)
    assert answer.status_code == 403 and TYPED["text"] in answer.text
    assert TYPED["text"] not in client.post("/open", data=TYPED).text
    assert TYPED["text"] not in client.post("/nowhere", data=TYPED).text


@pytest.mark.parametrize(
    ("headers", "is_given_back"),
    [
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://elsewhere.example"}, False),
        ({"Origin": "null"}, True),
        ({"Origin": "null", "Referer": "http://elsewhere.example/a"}, False),
        ({"Referer": "http://localhost/signaler"}, True),
        ({"Referer": "http://localhost.elsewhere.example/"}, False),
        ({}, True),
    ],
)
def test_the_sentences_of_another_site_are_not_repeated(
    client: FlaskClient, headers: dict[str, str], is_given_back: bool
) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/write", data={"text": TYPED["text"]}, headers=headers)
    assert answer.status_code == 400
    assert (TYPED["text"] in answer.text) == is_given_back


def test_a_log_line_tells_where_it_failed_and_never_what_was_typed_or_asked() -> None:
    try:
        int("Rosa, 819 555-0101")
    except ValueError:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "Exception on /suivi/K7QF-2M9T [POST]", None, sys.exc_info()
        )
    record.endpoint, record.text = "resident.follow", "a red bench"
    line = json.loads(JsonLines().format(record))
    assert line["error"] == "ValueError" and line["endpoint"] == "resident.follow"
    assert line["trace"][0].startswith("test_errors.py:")
    assert not any(secret in str(line) for secret in ("Rosa", "555", "K7QF", "bench"))


def test_an_address_that_leads_nowhere(client: FlaskClient) -> None:
    assert client.get("/nowhere").status_code == 404


def test_a_method_that_is_not_allowed_names_those_that_are(client: FlaskClient) -> None:
    answer = client.post("/open")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("address", ["/open?q=a%00b", "/fails/a%00b"])
def test_a_null_character_in_an_address_is_refused(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 400


def test_a_null_character_in_a_form_is_refused_and_the_rest_given_back(client: FlaskClient) -> None:
    answer = client.post("/write", data={"text": "avant\0après"})
    assert answer.status_code == 400
    assert "avantaprès" in answer.text


@pytest.mark.parametrize("body", [b"text=%ff%fe%80", b"text=\xff\xfe", b"%", b"&&&===", b"text=%ed%a0%80"])
def test_a_wrong_encoding_does_not_break_it(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/write", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 400, 422)


def test_a_body_that_is_not_what_it_says_does_not_break_it(client: FlaskClient) -> None:
    answer = client.post("/write", data=b"no boundary here", content_type="multipart/form-data; boundary=x")
    assert answer.status_code in (400, 422)


def test_a_form_without_end_is_refused_before_it_fills_the_memory(client: FlaskClient) -> None:
    assert client.post("/write", data={"text": "a" * 2_000_000}).status_code == 413
    assert (
        client.post(
            "/write", data={f"field{n}": "a" for n in range(401)}, content_type="multipart/form-data"
        ).status_code
        == 413
    )


def test_a_form_without_its_token_gives_the_text_back(client: FlaskClient) -> None:
    client.application.config["WTF_CSRF_ENABLED"] = True
    answer = client.post("/write", data={"text": TYPED["text"]})
    assert answer.status_code == 400
    assert TYPED["text"] in answer.text
