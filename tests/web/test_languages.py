"""Languages: French by default, English only when the reader chooses it."""

from dataclasses import replace

import pytest
from flask import Flask, session
from flask.testing import FlaskClient

from cohab_report.db import Words
from cohab_report.web.languages import words
from tests.web.conftest import SETTINGS


def language_of(page: str) -> str:
    return page.split('<html lang="', 1)[1].split('"', 1)[0]


def test_a_browser_that_prefers_english_still_reads_french(client: FlaskClient) -> None:
    assert language_of(client.get("/nowhere", headers={"Accept-Language": "en-CA,en"}).text) == "fr"


def test_a_reader_who_chooses_english_reads_english_from_then_on(client: FlaskClient) -> None:
    answer = client.post("/langue", data={"language": "en", "next": "/open?page=2"})
    assert (answer.status_code, answer.location) == (303, "/open?page=2")
    assert language_of(client.get("/nowhere").text) == "en"


@pytest.mark.parametrize("language", ["de", "", "fr;DROP", "../../etc"])
def test_a_language_that_is_not_offered_changes_nothing(client: FlaskClient, language: str) -> None:
    client.post("/langue", data={"language": language})
    assert language_of(client.get("/nowhere").text) == "fr"


def test_the_way_back_never_leads_elsewhere(client: FlaskClient) -> None:
    assert client.post("/langue", data={"language": "en", "next": "//elsewhere.test"}).location == "/"


def test_a_city_that_offers_french_only_stays_french(app: Flask) -> None:
    app.config["SETTINGS"] = replace(SETTINGS, languages=("fr",))
    client = app.test_client()
    client.post("/langue", data={"language": "en"})
    assert language_of(client.get("/nowhere").text) == "fr"


def test_a_bilingual_name_is_said_in_the_readers_language_and_in_french_when_english_is_empty(app: Flask) -> None:
    with app.test_request_context():
        assert (words(Words("parc", "park")), words("plain"), words(None)) == ("parc", "plain", "")
    with app.test_request_context():
        session["language"] = "en"
        assert (words(Words("parc", "park")), words(Words("parc", ""))) == ("park", "parc")
