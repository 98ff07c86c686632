"""What a phone asks for to work without network: a page that is the same for everybody, a worker, a manifest, and
answers for a program.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from cohab_report.db import db
from cohab_report.errors import TooManyRequests
from cohab_report.intake import operations as intake
from cohab_report.intake import receiving
from cohab_report.intake.models import LONGEST_TEXT, Observation
from cohab_report.intake.rules import MAX_OBSERVATION_AGE
from cohab_report.resident.offline import cached_files
from tests import factories
from tests.page import Page, checked_page

pytestmark = pytest.mark.usefixtures("session", "monday")
JSON = {"Accept": "application/json"}


@pytest.fixture
def monday() -> Iterator[None]:
    """It is Monday morning all along: a session of later would be none."""
    with time_machine.travel(factories.MONDAY, tick=False):
        yield


def how_many() -> int:
    return db.session.scalar(select(func.count()).select_from(Observation)) or 0


def fields(**changes: str) -> dict[str, str]:
    """What a phone sends of an observation that it kept."""
    values = {
        "client_id": str(uuid4()),
        "kind": "cleanliness",
        "place": "halle",
        "category": "DECHET-1",
        "asked": "DECHET-1",
        "observed_on": factories.MONDAY.date().isoformat(),
        "belongings": "no",
        "danger_passed": "yes",
        **changes,
    }
    return {name: text for name, text in values.items() if text}


def send(page: Page, status: int = 200, language: str = "fr", **changes: str) -> dict[str, Any]:
    """What the server tells the phone."""
    token = page._ask("GET", "/signaler/jeton", as_=None).get_json()["token"]
    headers = {**JSON, "X-CSRFToken": token}
    answer = page._ask(
        "POST", f"/signaler/envoyer?langue={language}", as_=None, data=fields(**changes), headers=headers
    )
    assert answer.status_code == status, answer.text[:500]
    assert answer.mimetype == "application/json" and answer.headers["Cache-Control"] == "no-store"
    data: dict[str, Any] = answer.get_json()
    return data


def session_of(page: Page) -> dict[str, Any]:
    with page.client.session_transaction() as observation:
        return dict(observation)


def test_a_receipt_says_reference_and_code(page: Page) -> None:
    data = send(page)
    observation = db.session.scalars(select(Observation)).one()
    assert data["reference"] == observation.reference and data["category"] == "Déchets sur la berge"
    assert intake.observation_by_code(data["code"]).id == observation.id


def test_sent_twice_is_received_once_with_the_same_receipt(page: Page) -> None:
    client_id = str(uuid4())
    assert send(page, client_id=client_id) == send(page, client_id=client_id)
    assert how_many() == 1


def test_the_danger_screen_must_have_been_passed_on_the_phone_or_in_the_session(page: Page) -> None:
    data = send(page, 422, danger_passed="")
    assert data["problems"][0]["field"] == "help"
    assert how_many() == 0
    page.post("/signaler/", {"help": "no", "sujet": "cleanliness"})
    send(page, danger_passed="")


@pytest.mark.parametrize(
    ("changes", "field", "french", "english"),
    [
        ({"place": "atlantis"}, "place", "n’est plus dans la liste", "no longer on the list"),
        ({"observed_on": "2020-01-01"}, "observed_on", "90 derniers jours", "90 days"),
        ({"text": "a" * 281}, "text", "280", "280"),
        ({"belongings": ""}, "belongings", "effets", "belongings"),
        ({"category": "SOUCI", "kind": "concern", "answer_danger": "yes"}, "help", "appelez maintenant", "call now"),
    ],
)
def test_what_must_be_mended_is_said_in_the_phones_language(
    page: Page, changes: dict[str, str], field: str, french: str, english: str
) -> None:
    for language, words in (("fr", french), ("en", english)):
        data = send(page, 422, language, **changes)
        assert data["problems"][0]["field"] == field
        assert words in data["problems"][0]["text"]
    assert how_many() == 0


def test_an_observation_is_in_the_language_that_its_page_was_in(page: Page) -> None:
    send(page, language="en")
    assert db.session.scalars(select(Observation)).one().language == "en"


def test_an_older_observation_leaves_the_one_that_is_being_written_alone(page: Page) -> None:
    page.post("/signaler/", {"help": "no", "sujet": "safety"})
    before = session_of(page)
    assert send(page)["shown_at"] is None
    assert session_of(page) == before


def test_the_one_in_hand_has_its_receipt_page(page: Page) -> None:
    page.post("/signaler/", {"help": "no", "sujet": "cleanliness"})
    data = send(page, client_id=session_of(page)["sketch"]["client_id"])
    assert data["shown_at"] == "/recu"
    assert data["code"] in page.visit("/recu").text_content()


def test_an_expired_token_is_a_403_that_another_token_mends(page: Page) -> None:
    page.token()
    answer = page._ask(
        "POST", "/signaler/envoyer", as_=None, data=fields(), headers={**JSON, "X-CSRFToken": "of-yesterday"}
    )
    assert answer.status_code == 403 and "expiré" in answer.get_json()["title"]
    page_for_people = page._ask("POST", "/signaler/envoyer", as_=None, data=fields())
    assert page_for_people.status_code == 400 and checked_page(page_for_people.text) is not None


@pytest.mark.parametrize(
    ("trouble", "status", "wait"),
    [
        (TooManyRequests(90), 429, "90"),
        (OperationalError("…", {}, Exception("locked")), 503, "60"),
        (ZeroDivisionError(), 500, None),
    ],
)
def test_trouble_is_told_as_json_and_when_to_come_back(
    page: Page, monkeypatch: pytest.MonkeyPatch, trouble: Exception, status: int, wait: str | None
) -> None:
    def fails(*_given: object, **_named: object) -> None:
        raise trouble

    monkeypatch.setattr(receiving, "receive", fails)
    monkeypatch.setitem(page.app.config, "PROPAGATE_EXCEPTIONS", False)
    data = send(page, status, "en")
    assert data["problems"][0]["text"] and data["status"] == status
    assert page.last is not None and page.last.headers.get("Retry-After") == wait


def test_too_much_is_told_as_json(page: Page) -> None:
    assert send(page, 413, text="a" * 2_000_000)["status"] == 413


def test_the_token_is_kept_nowhere(page: Page) -> None:
    answer = page._ask("GET", "/signaler/jeton", as_=None)
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_offline_form_is_the_same_for_everybody_and_whole(page: Page, app: Flask) -> None:
    nobody = page._ask("GET", "/signaler/hors-ligne?langue=fr", as_=None)
    assert "Set-Cookie" not in nobody.headers and "csrf" not in nobody.text
    assert page._ask("GET", "/signaler/hors-ligne?langue=fr", as_=page.cast.ana).text == nobody.text
    html = checked_page(nobody.text)
    steps = html.xpath("//*[@data-step]/@data-step")
    assert steps[0] == "danger" and set(steps) >= {
        "subject",
        "place",
        "category",
        "questions",
        "belongings",
        "photos",
        "review",
    }
    assert html.xpath("//*[@data-step='danger']//a[@href='tel:112']")
    facts = json.loads(html.xpath("string(//@data-catalogue)"))
    assert facts["SOUCI"]["questions"][0]["blocks"] == {"yes": "A"}
    assert {"halle", "sector:rive-nord"} <= set(html.xpath("//input[@name='place']/@value"))
    assert set(facts) == set(html.xpath("//*[@data-questions]/@data-questions"))


def test_the_offline_form_is_told_the_rules_that_its_script_keeps(page: Page) -> None:
    data = page.visit("/signaler/hors-ligne").xpath("//*[@data-behaviour='offline-form']")[0]
    assert (int(data.get("data-oldest-days")), int(data.get("data-longest-text"))) == (
        MAX_OBSERVATION_AGE.days,
        LONGEST_TEXT,
    )
    assert data.get("data-day") == factories.MONDAY.date().isoformat()
    assert f"{MAX_OBSERVATION_AGE.days} derniers jours" in data.get("data-text-date")
    ground = page._ask("GET", data.get("data-ground"), as_=None).get_json(force=True)
    assert [each["geometry"]["type"] for each in ground["features"] if each["properties"]["kind"] == "boundary"] == [
        "MultiPolygon"
    ]


def test_the_offline_pages_say_their_language_and_their_release(page: Page) -> None:
    for address in ("/signaler/hors-ligne", "/signaler/en-attente"):
        for language in ("fr", "en"):
            assert page.visit(f"{address}?langue={language}").get("lang") == language
            assert page.last is not None and page.last.headers["X-Release"] == release_of(page)


def release_of(page: Page) -> str:
    with page.app.test_request_context():
        return cached_files.release_version()


def test_the_worker_is_asked_for_each_time_and_names_files_that_are_there(page: Page) -> None:
    answer = page._ask("GET", "/sw.js", as_=None)
    assert answer.mimetype == "text/javascript" and "no-cache" in answer.headers["Cache-Control"]
    data = json.loads(answer.text.partition("self.RELEASE = ")[2].partition(";\nimportScripts")[0])
    scripts = re.findall(r'"(/static/[^"]+)"', answer.text.partition("importScripts")[2])
    assert len(scripts) == 2
    for address in [*data["files"], *scripts, *data["shells"], data["ground"]]:
        assert page._ask("GET", address, as_=None).status_code == 200, address
    assert not any("/tri" in address or "keyboard-shortcuts.js" in address for address in data["files"])


def test_another_content_is_another_release(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.test_request_context():
        before = cached_files.release_version()
        monkeypatch.setattr(cached_files, "_static_folder", lambda: _with_one_more_character(app, tmp_path))
        assert cached_files.release_version() != before


def _with_one_more_character(app: Flask, tmp_path: Path) -> Path:
    for source in Path(app.static_folder or "").rglob("*.*"):
        copy = tmp_path / source.relative_to(app.static_folder or "")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes() + (b" " if source.name == "outbox.js" else b""))
    return tmp_path


@pytest.mark.parametrize(("language", "word"), [("fr", "Signaler"), ("en", "Report")])
def test_the_manifest_is_in_its_pages_language_and_its_pictures_are_there(page: Page, language: str, word: str) -> None:
    page.visit("/accessibilite")
    data = page._ask("GET", f"/manifest.webmanifest?langue={language}", as_=None).get_json(force=True)
    assert data["lang"] == language and data["shortcuts"][0]["name"] == word and data["start_url"] == "/"
    assert {(icon["sizes"], icon["purpose"]) for icon in data["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in data["icons"]:
        assert page._ask("GET", icon["src"], as_=None).status_code == 200
    assert data["share_target"]["action"] == "/signaler/partage"


def test_photos_that_are_shared_while_no_worker_is_there_lead_to_the_form(page: Page) -> None:
    answer = page._ask("POST", "/signaler/partage", as_=None, data={})
    assert answer.status_code == 303 and answer.headers["Location"] == "/signaler/hors-ligne"


def test_each_page_of_the_form_carries_what_was_answered_before(page: Page) -> None:
    page.post("/signaler/", {"help": "no", "sujet": "cleanliness"})
    page.post("/signaler/lieu", {"place": "halle"})
    carried = json.loads(page.visit("/signaler/categorie").xpath("string(//input[@name='carried']/@value)"))
    assert carried["kind"] == "cleanliness" and carried["place"] == "halle"
