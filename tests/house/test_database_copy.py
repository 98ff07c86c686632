"""A copy of the database opens nothing: every value of every table is tried at every door of the site.

The doors: the follow-up code, the client id of something sent again, the links of e-mails, photos, and cookies.
"""

import json
import re
from collections.abc import Iterator
from contextvars import Context
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake import operations as intake
from cohab_report.intake import queries
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.models import Observation
from tests.cast import Cast
from tests.journeys.test_river import send_observation
from tests.page import Page

SECRET_WORDS = "Derrière le kiosque vert"


@pytest.fixture
def copied_values(page: Page, cast: Cast) -> list[str]:
    """Every value of a database in which observations are followed, with addresses, photos' rows and open sessions."""
    send_observation(page, text=SECRET_WORDS)
    observation = db.session.scalars(select(Observation)).one()
    inquiries.ask_author(observation, "Près de quel banc ?", by=cast.ana, at=now())
    contacts.request_confirmation(observation, "rosa@example.org", language="fr", at=now())
    db.session.commit()
    return sorted(set(_all_values()))


def _all_values() -> Iterator[str]:
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            for value in row:
                yield from _texts_of(value)


def _texts_of(value: Any) -> Iterator[str]:
    """Returns a value as it could be typed in: also each text within JSON, and a UUID in both spellings."""
    if isinstance(value, dict | list):
        yield from re.findall(r"[^\s\"{}\[\],:]+", json.dumps(value, ensure_ascii=False))
    elif isinstance(value, UUID):
        yield from (str(value), value.hex, str(UUID(bytes=value.bytes, version=4)))
    elif isinstance(value, bytes):
        yield value.hex()
    elif value not in (None, "", True, False):
        yield str(value)


def opened(answer: TestResponse) -> bool:
    """Whether an answer shows anything of an observation."""
    return SECRET_WORDS in answer.text or "Observation reçue" in answer.text


def test_a_copy_of_the_database_opens_nothing(app: Flask, copied_values: list[str], cast: Cast) -> None:
    assert len(copied_values) > 200
    before = db.session.scalar(select(func.count()).select_from(Observation))
    for value in copied_values:
        browser = Page(app, cast)
        assert not _opens_as_code(browser, value), value
        assert not _opens_as_cookie(browser, value), value
        assert not _opens_as_link(browser, value), value
    assert db.session.scalar(select(func.count()).select_from(Observation)) == before


def test_a_stored_hash_is_no_client_id_and_no_receipt_comes_back_for_it(
    app: Flask, copied_values: list[str], cast: Cast
) -> None:
    known = {each.reference for each in db.session.scalars(select(Observation))}
    for value in copied_values:
        try:
            client_id = UUID(value)
        except ValueError:
            continue
        answer = _send_again(Page(app, cast), client_id)
        assert answer.status_code in (200, 422) and (answer.json or {}).get("reference") not in known, value


def test_what_the_sender_has_opens_it(app: Flask, page: Page, cast: Cast) -> None:
    client_id = uuid4()
    first, again = (_send_again(Page(app, cast), client_id) for _ in range(2))
    assert first.json is not None and again.json is not None
    assert (first.json["reference"], first.json["code"]) == (again.json["reference"], again.json["code"])
    observation = queries.by_client_id(client_id)
    assert observation is not None and first.json["code"] == intake.code_of(observation, client_id)
    assert str(client_id) not in "\n".join(_all_values())
    assert _opens_as_code(Page(app, cast), first.json["code"])


def _opens_as_code(browser: Page, value: str) -> bool:
    with browser.app.test_request_context():
        try:
            intake.observation_by_code(value)
        except Exception:  # noqa: BLE001 (whatever refuses it)
            return False
    return True


def _opens_as_cookie(browser: Page, value: str) -> bool:
    """Whether the value opens a page as the cookie itself, as nobody can sign one."""
    client = browser.app.test_client()
    client.set_cookie(browser.app.config["SESSION_COOKIE_NAME"], value.encode("ascii", "ignore").decode())
    return any(opened(Context().run(client.get, address)) for address in ("/recu", "/suivi"))


def _opens_as_link(browser: Page, value: str) -> bool:
    if not re.fullmatch(r"[A-Za-z0-9_.~-]{8,200}", value):
        return False
    client = browser.app.test_client()
    confirms = Context().run(client.get, f"/courriel/confirmer/{value}").status_code == 200
    shows = any(
        Context().run(client.get, address).status_code == 200
        for address in (f"/suivi/photos/{value}/small", f"/tri/dossiers/{value}", f"/partenaire/transmissions/{value}")
    )
    return confirms or shows


def _send_again(browser: Page, client_id: UUID) -> TestResponse:
    fields = {
        "client_id": str(client_id),
        "kind": "positive",
        "category": "BIEN-1",
        "asked": "BIEN-1",
        "place": "halle",
        "observed_on": now().date().isoformat(),
        "danger_passed": "yes",
    }
    client = browser.app.test_client()
    token = Context().run(client.get, "/signaler/jeton").json["token"]  # type: ignore[index]
    headers = {"Accept": "application/json", "X-CSRFToken": token}
    return Context().run(lambda: client.post("/signaler/envoyer", data=fields, headers=headers))
