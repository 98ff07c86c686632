"""PostgreSQL that ends a connection in the middle of a request: whatever statement it was, a page says so."""

import html
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event, func, select
from sqlalchemy.engine import Connection
from werkzeug.test import TestResponse

from cohab_report import create_app
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.intake.models import Observation
from cohab_report.partners import passwords
from cohab_report.partners.models import Person, Role
from tests import factories
from tests.conftest import settings_for

WORDS = "Le banc devant la fontaine est brisé."
EMAIL, PASSWORD = "ana@rivebelle.example", "quatre saules au bord de l’eau"


@pytest.fixture(scope="module")
def city(new_database: Callable[[str, str], str]) -> Iterator[Flask]:
    """The whole application on a PostgreSQL of its own."""
    app = create_app(settings_for(new_database("postgres", "dying")))
    app.config.update(WTF_CSRF_ENABLED=False, THROTTLED=False)
    app.testing = False
    yield app
    with app.app_context():
        db.engine.dispose()


@dataclass
class Executioner:
    """Ends a request's connection right before its `due`-th step: checkout, begin, statement, commit, rollback."""

    admin: psycopg.Connection[Any]
    due: int = 0
    steps: int = 0
    victims: list[str] = field(default_factory=list)

    def step(self, raw: Any, what: str) -> None:
        """Counts a step of the request, and ends its connection when it is the one that is due."""
        self.steps += 1
        if self.steps == self.due:
            self.admin.execute("SELECT pg_terminate_backend(%s, 5000)", (raw.info.backend_pid,))
            self.victims.append(what)


@contextmanager
def executioner(engine: Engine, admin_url: str) -> Iterator[Executioner]:
    """Watches the engine's connections until the block ends."""

    def checkout(raw: Any, *_more: Any) -> None:
        present.step(raw, "checkout")

    def begin(connection: Connection) -> None:
        present.step(connection.connection.driver_connection, "begin")

    def commit(connection: Connection) -> None:
        present.step(connection.connection.driver_connection, "commit")

    def rollback(connection: Connection) -> None:
        if not connection.invalidated:
            present.step(connection.connection.driver_connection, "rollback")

    def execute(connection: Connection, _cursor: Any, statement: str, *_more: Any) -> None:
        present.step(connection.connection.driver_connection, statement)

    listeners: dict[str, Callable[..., None]] = {
        "checkout": checkout,
        "begin": begin,
        "commit": commit,
        "rollback": rollback,
        "before_cursor_execute": execute,
    }
    plain = engine.url.set(drivername="postgresql", database="postgres").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as admin:
        present = Executioner(admin)
        for name, listener in listeners.items():
            event.listen(engine, name, listener, insert=True)
        try:
            yield present
        finally:
            for name, listener in listeners.items():
                event.remove(engine, name, listener)


@pytest.fixture(scope="module")
def staff(city: Flask) -> FlaskClient:
    """A browser in which somebody of triage is signed in."""
    with city.app_context():
        password_hash = passwords.hash_password(PASSWORD)
        with transaction():
            person = Person(email=EMAIL, name="Ana", role=Role.TRIAGER, password_hash=password_hash, is_active=True)
            db.session.add(person)
    client = city.test_client()
    assert client.post("/connexion", data={"email": EMAIL, "password": PASSWORD}).status_code == 303
    return client


@pytest.fixture(scope="module")
def case(city: Flask, staff: FlaskClient) -> tuple[str, int]:
    """The reference and the version of a case that triage accepted."""
    with city.app_context(), transaction():
        ana = db.session.scalars(select(Person).where(Person.email == EMAIL)).one()
        accepted = factories.accepted_case(ana, at=now())
        db.session.flush()
        return accepted.reference, accepted.version


Act = Callable[[], TestResponse]


def answers_of_dying_requests(city: Flask, admin_url: str, act: Act) -> list[tuple[str, TestResponse]]:
    """Does the act again and again, its connection ended before the first step, the second, and so on.

    Returns the steps, with the answers. The act must not succeed before it is done whole.
    """
    with city.app_context():
        engine = db.engine.engine
    answers: list[tuple[str, TestResponse]] = []
    while True:
        with executioner(engine, admin_url) as present:
            present.due = len(answers) + 1
            answer = act()
        if not present.victims:
            return answers
        answers.append((present.victims[0], answer))


@pytest.mark.parametrize("address", ["/", "/observations", "/plan", "/bilan", "/signaler/aide", "/connexion"])
def test_a_page_whose_connection_ends_at_any_statement_is_a_page(
    address: str, city: Flask, postgres_admin: str
) -> None:
    assert city.test_client().get(address).status_code == 200
    for step, answer in answers_of_dying_requests(city, postgres_admin, lambda: city.test_client().get(address)):
        assert answer.status_code in (200, 503), (step, answer.status_code)
        assert "<h1" in answer.text and "112" in answer.text, step


def test_a_page_of_triage_whose_connection_ends_at_any_statement_is_a_page(
    city: Flask, staff: FlaskClient, case: tuple[str, int], postgres_admin: str
) -> None:
    for address in ("/tri", f"/tri/dossiers/{case[0]}"):
        answers = answers_of_dying_requests(city, postgres_admin, partial(staff.get, address))
        assert len(answers) > 8
        for step, answer in answers:
            assert answer.status_code in (200, 503), (address, step, answer.status_code)
            assert "<h1" in answer.text, (address, step)
        assert staff.get(address).status_code == 200, "nobody was signed out by it"


def test_an_act_of_triage_whose_connection_ends_at_any_statement_gives_its_words_back_and_is_done_once(
    city: Flask, staff: FlaskClient, case: tuple[str, int], postgres_admin: str
) -> None:
    def close() -> TestResponse:
        form = {"close-reason": "nothing_found", "close-note": WORDS, "version": str(case[1])}
        return staff.post(f"/tri/dossiers/{case[0]}/fermer", data=form)

    answers = answers_of_dying_requests(city, postgres_admin, close)
    assert any(step == "commit" for step, _answer in answers)
    refused = [(step, answer) for step, answer in answers if answer.status_code != 303]
    assert len(refused) > 8
    for step, answer in refused:
        assert answer.status_code in (503, 409, 422), (step, answer.status_code)
        assert WORDS in html.unescape(answer.text), step


def test_an_observation_whose_connection_ends_at_any_statement_is_received_once(
    city: Flask, postgres_admin: str
) -> None:
    resident = city.test_client()
    client_id = str(uuid4())

    def send() -> TestResponse:
        form = {
            "client_id": client_id,
            "kind": "cleanliness",
            "category": "DECHET-1",
            "asked": "DECHET-1",
            "place": "halle",
            "observed_on": now().date().isoformat(),
            "belongings": "no",
            "danger_passed": "yes",
            "text": WORDS,
        }
        return resident.post("/signaler/envoyer", data=form)

    with city.app_context():
        before = db.session.scalar(select(func.count()).select_from(Observation))
    answers = answers_of_dying_requests(city, postgres_admin, send)
    assert any(step.startswith("INSERT INTO observation") for step, _answer in answers)
    for step, answer in answers:
        assert answer.status_code in (303, 503), (step, answer.status_code)
        assert answer.status_code == 303 or WORDS in html.unescape(answer.text), step
    assert resident.get("/recu").status_code == 200
    with city.app_context():
        assert db.session.scalar(select(func.count()).select_from(Observation)) == (before or 0) + 1
