"""What a phone asks for to work without network: a page that is the same for everybody, a worker, a manifest, and answers for a program."""

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
from cohab_report.errors import TooMany
from cohab_report.intake import operations as intake
from cohab_report.intake.models import LONGEST_TEXT, Observation
from cohab_report.intake.rules import OLDEST
from cohab_report.resident.offline import release
from tests import factories
from tests.page import Page, looked_at

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
    kept = {
        "client_id": str(uuid4()), "kind": "cleanliness", "place": "halle", "category": "DECHET-1", "asked": "DECHET-1",
        "observed_on": factories.MONDAY.date().isoformat(), "belongings": "no", "danger_passed": "yes", **changes,
    }  # fmt: skip
    return {name: text for name, text in kept.items() if text}


def send(page: Page, status: int = 200, language: str = "fr", **changes: str) -> dict[str, Any]:
    """What the server tells the phone."""
    token = page._ask("GET", "/signaler/jeton", as_=None).get_json()["token"]
    headers = {**JSON, "X-CSRFToken": token}
    answer = page._ask(
        "POST", f"/signaler/envoyer?langue={language}", as_=None, data=fields(**changes), headers=headers
    )
    assert answer.status_code == status, answer.text[:500]
    assert answer.mimetype == "application/json" and answer.headers["Cache-Control"] == "no-store"
    told: dict[str, Any] = answer.get_json()
    return told


def session_of(page: Page) -> dict[str, Any]:
    with page.client.session_transaction() as kept:
        return dict(kept)


def test_a_receipt_says_reference_and_code(page: Page) -> None:
    told = send(page)
    kept = db.session.scalars(select(Observation)).one()
    assert told["reference"] == kept.reference and told["category"] == "Déchets sur la berge"
    assert intake.follow(told["code"]).id == kept.id


def test_sent_twice_is_received_once_with_the_same_receipt(page: Page) -> None:
    client_id = str(uuid4())
    assert send(page, client_id=client_id) == send(page, client_id=client_id)
    assert how_many() == 1


def test_the_danger_screen_must_have_been_passed_on_the_phone_or_in_the_session(page: Page) -> None:
    told = send(page, 422, danger_passed="")
    assert told["problems"][0]["field"] == "help"
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
        told = send(page, 422, language, **changes)
        assert told["problems"][0]["field"] == field
        assert words in told["problems"][0]["text"]
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
    told = send(page, client_id=session_of(page)["sketch"]["client_id"])
    assert told["shown_at"] == "/recu"
    assert told["code"] in page.visit("/recu").text_content()


def test_an_expired_token_is_a_403_that_another_token_mends(page: Page) -> None:
    page.token()
    answer = page._ask(
        "POST", "/signaler/envoyer", as_=None, data=fields(), headers={**JSON, "X-CSRFToken": "of-yesterday"}
    )
    assert answer.status_code == 403 and "expiré" in answer.get_json()["title"]
    page_for_people = page._ask("POST", "/signaler/envoyer", as_=None, data=fields())
    assert page_for_people.status_code == 400 and looked_at(page_for_people.text) is not None


@pytest.mark.parametrize(
    ("trouble", "status", "wait"),
    [
        (TooMany(90), 429, "90"),
        (OperationalError("…", {}, Exception("locked")), 503, "60"),
        (ZeroDivisionError(), 500, None),
    ],
)
def test_trouble_is_told_as_json_and_when_to_come_back(
    page: Page, monkeypatch: pytest.MonkeyPatch, trouble: Exception, status: int, wait: str | None
) -> None:
    def fails(*_given: object, **_named: object) -> None:
        raise trouble

    monkeypatch.setattr(intake, "receive", fails)
    monkeypatch.setitem(page.app.config, "PROPAGATE_EXCEPTIONS", False)
    told = send(page, status, "en")
    assert told["problems"][0]["text"] and told["status"] == status
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
    found = looked_at(nobody.text)
    steps = found.xpath("//*[@data-step]/@data-step")
    assert steps[0] == "danger" and set(steps) >= {
        "subject",
        "place",
        "category",
        "questions",
        "belongings",
        "photos",
        "review",
    }
    assert found.xpath("//*[@data-step='danger']//a[@href='tel:112']")
    facts = json.loads(found.xpath("string(//@data-catalogue)"))
    assert facts["SOUCI"]["questions"][0]["blocks"] == {"yes": "A"}
    assert {"halle", "sector:rive-nord"} <= set(found.xpath("//input[@name='place']/@value"))
    assert set(facts) == set(found.xpath("//*[@data-questions]/@data-questions"))


def test_the_offline_form_is_told_the_rules_that_its_script_keeps(page: Page) -> None:
    told = page.visit("/signaler/hors-ligne").xpath("//*[@data-behaviour='offline-form']")[0]
    assert (int(told.get("data-oldest-days")), int(told.get("data-longest-text"))) == (OLDEST.days, LONGEST_TEXT)
    assert told.get("data-day") == factories.MONDAY.date().isoformat()
    assert f"{OLDEST.days} derniers jours" in told.get("data-text-date")
    ground = page._ask("GET", told.get("data-ground"), as_=None).get_json(force=True)
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
        return release.version()


def test_the_worker_is_asked_for_each_time_and_names_files_that_are_there(page: Page) -> None:
    answer = page._ask("GET", "/sw.js", as_=None)
    assert answer.mimetype == "text/javascript" and "no-cache" in answer.headers["Cache-Control"]
    told = json.loads(answer.text.partition("self.RELEASE = ")[2].partition(";\nimportScripts")[0])
    scripts = re.findall(r'"(/static/[^"]+)"', answer.text.partition("importScripts")[2])
    assert len(scripts) == 2
    for address in [*told["files"], *scripts, *told["shells"], told["ground"]]:
        assert page._ask("GET", address, as_=None).status_code == 200, address
    assert not any("/tri" in address or "keyboard-shortcuts.js" in address for address in told["files"])


def test_another_content_is_another_release(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.test_request_context():
        before = release.version()
        monkeypatch.setattr(release, "_folder", lambda: _with_one_more_letter(app, tmp_path))
        assert release.version() != before


def _with_one_more_letter(app: Flask, tmp_path: Path) -> Path:
    for source in Path(app.static_folder or "").rglob("*.*"):
        copy = tmp_path / source.relative_to(app.static_folder or "")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(source.read_bytes() + (b" " if source.name == "outbox.js" else b""))
    return tmp_path


@pytest.mark.parametrize(("language", "word"), [("fr", "Signaler"), ("en", "Report")])
def test_the_manifest_is_in_its_pages_language_and_its_pictures_are_there(page: Page, language: str, word: str) -> None:
    page.visit("/accessibilite")
    told = page._ask("GET", f"/manifest.webmanifest?langue={language}", as_=None).get_json(force=True)
    assert told["lang"] == language and told["shortcuts"][0]["name"] == word and told["start_url"] == "/"
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} >= {
        ("192x192", "any"),
        ("512x512", "any"),
        ("512x512", "maskable"),
    }
    for icon in told["icons"]:
        assert page._ask("GET", icon["src"], as_=None).status_code == 200
    assert told["share_target"]["action"] == "/signaler/partage"


def test_photos_that_are_shared_while_no_worker_is_there_lead_to_the_form(page: Page) -> None:
    answer = page._ask("POST", "/signaler/partage", as_=None, data={})
    assert answer.status_code == 303 and answer.headers["Location"] == "/signaler/hors-ligne"


def test_each_page_of_the_form_carries_what_was_answered_before(page: Page) -> None:
    page.post("/signaler/", {"help": "no", "sujet": "cleanliness"})
    page.post("/signaler/lieu", {"place": "halle"})
    carried = json.loads(page.visit("/signaler/categorie").xpath("string(//input[@name='carried']/@value)"))
    assert carried["kind"] == "cleanliness" and carried["place"] == "halle"
