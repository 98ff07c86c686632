"""Database outages: the error page repeats the typed text and needs no database."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pysqlite3
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError, OperationalError

from cohab_report import create_app, engines, media
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.journal import Event
from cohab_report.partners import passwords
from cohab_report.partners.models import Person, Role
from cohab_report.partners.views import load_session_person
from cohab_report.web import health
from cohab_report.web.extensions import login_manager
from tests.conftest import settings_for

PASSWORD = "quatre saules au bord de l’eau"
EMAIL = "rene@rivebelle.example"


@pytest.fixture(autouse=True)
def visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Real people, not those of the small application."""
    monkeypatch.setattr(login_manager, "_user_callback", load_session_person)


@pytest.fixture
def city(new_database: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The whole application on its own database file, with a short lock timeout."""
    monkeypatch.setattr(engines, "BUSY_MILLISECONDS", 200)
    app = create_app(settings_for(new_database("sqlite", "outage")))
    app.config["WTF_CSRF_ENABLED"] = False
    app.testing = False
    with app.app_context():
        password_hash = passwords.hash_password(PASSWORD)
    with app.app_context(), transaction():
        db.session.add(
            Person(
                email=EMAIL,
                name="René",
                role=Role.TRIAGER,
                password_hash=password_hash,
                is_active=True,
            )
        )
    yield app
    with app.app_context():
        db.engine.dispose()


@contextmanager
def database_lock(app: Flask) -> Iterator[None]:
    with app.app_context():
        path = db.engine.url.database
    writer = pysqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        writer.execute("ROLLBACK")
        writer.close()


def test_a_write_that_meets_a_lock_gives_the_text_back_and_works_again_afterwards(city: Flask) -> None:
    client, typed = city.test_client(), {"email": EMAIL, "password": PASSWORD}
    with database_lock(city):
        start = time.monotonic()
        answer = client.post("/connexion", data=typed)
        assert time.monotonic() - start < 5
    assert answer.status_code == 503 and answer.headers["Retry-After"] == "60"
    assert EMAIL in answer.text and PASSWORD not in answer.text
    assert client.post("/connexion", data=typed).status_code == 303


def test_pages_are_read_while_somebody_writes(city: Flask) -> None:
    with database_lock(city):
        assert city.test_client().get("/").status_code == 200


@pytest.fixture
def away(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The whole application, with a PostgreSQL that does not exist."""
    app = create_app(settings_for(f"postgresql+psycopg://cohab@/cohab?host={tmp_path_factory.mktemp('nothing')}"))
    app.config["WTF_CSRF_ENABLED"] = False
    app.testing = False
    return app


@pytest.mark.parametrize(
    "address", ["/", "/observations", "/plan", "/bilan", "/connexion", "/suivi", "/tri", "/recu", "/nulle-part"]
)
def test_without_a_database_each_page_says_so(away: Flask, address: str) -> None:
    client = away.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": "a token", "since": int(time.time()), "seen": int(time.time())})
    answer = client.get(address)
    assert answer.status_code in (200, 303, 404, 503), answer.status_code
    assert answer.status_code == 303 or "<h1" in answer.text


def test_without_a_database_a_form_gives_its_text_back_even_to_somebody_who_was_signed_in(away: Flask) -> None:
    client = away.test_client()
    with client.session_transaction() as session:
        session.update({"_user_id": "a token", "since": int(time.time()), "seen": int(time.time())})
    answer = client.post("/tri/dossiers/ABC/fermer", data={"close-note": "Le banc est réparé.", "version": "1"})
    assert answer.status_code == 503
    assert "Le banc est réparé." in answer.text


def test_without_a_database_the_process_is_alive_and_not_ready(away: Flask) -> None:
    client = away.test_client()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert {part for part, state in answer.json["parts"].items() if state != "away"} == {"front", "photos"}


def test_a_city_that_is_loaded_is_ready_though_its_queue_is_away(city: Flask) -> None:
    answer = city.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (
        200,
        {
            "status": "degraded",
            "parts": {
                "database": "ok",
                "schema": "ok",
                "profile": "ok",
                "queue": "away",
                "workers": "away",
                "clock": "away",
                "events": "ok",
                "edition": "ok",
                "figures": "ok",
                "backup": "ok",
                "front": "ok",
                "photos": "ok",
            },
        },
    )


def test_events_that_were_set_aside_make_a_ready_city_degraded(city: Flask) -> None:
    with city.app_context(), transaction():
        for number in range(3):
            event = Event(
                happened_at=now(), name="bell.rung", thread=str(number), actor="system", facts={}, is_public=False
            )
            event.set_aside_at = now()
            db.session.add(event)
    answer = city.test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["status"], answer.json["parts"]["events"]) == ("degraded", "3 set aside")


def test_the_last_known_numbers_are_shown_when_the_database_goes_away(
    city: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = city.test_client()
    client.get("/")
    with database_lock(city):
        answer = client.post("/connexion", data={"email": EMAIL, "password": PASSWORD})
    with city.app_context():
        assert db.session.scalar(select(Person.id).where(Person.email == EMAIL))
    assert "112" in answer.text


@pytest.fixture
def app_beside_a_lock(new_database: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The whole application on a PostgreSQL where somebody holds the table of cases for ever."""
    monkeypatch.setattr(engines, "LOCK_MILLISECONDS", 200)
    app = create_app(settings_for(new_database("postgres", "locked")))
    app.config["WTF_CSRF_ENABLED"] = False
    app.testing = False
    assert app.test_client().get("/observations").status_code == 200
    with app.app_context():
        engine = db.engine
    with engine.connect() as other:
        other.execute(text("LOCK TABLE observation IN ACCESS EXCLUSIVE MODE"))
        yield app
        other.rollback()
    engine.dispose()


def test_a_lock_that_never_ends_holds_no_request_and_every_page_with_emergency_numbers_answers(
    app_beside_a_lock: Flask,
) -> None:
    client = app_beside_a_lock.test_client()
    answer = client.get("/observations")
    assert answer.status_code == 503 and "112" in answer.text
    assert client.get("/signaler/aide").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_statement_of_a_request_ends_in_time_and_one_of_a_job_may_take_longer(
    new_database: Callable[[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "STATEMENT_MILLISECONDS", 200)
    app = create_app(settings_for(new_database("postgres", "slow")))
    slow = text("SELECT pg_sleep(0.6)")
    with app.test_request_context(), pytest.raises(OperationalError, match="statement timeout"):
        db.session.execute(slow)
    with app.app_context():
        db.session.execute(slow)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_an_error_of_the_database_never_says_what_somebody_typed(
    engine: str, new_database: Callable[[str, str], str]
) -> None:
    app = create_app(settings_for(new_database(engine, "parameters")))
    with app.app_context(), pytest.raises(DatabaseError) as error:
        db.session.execute(text("SELECT * FROM no_such_table WHERE words = :words"), {"words": "Le voisin du 12"})
    assert "no_such_table" in str(error.value) and "voisin" not in str(error.value)
    with app.app_context():
        db.engine.dispose()


def test_no_request_goes_on_with_a_database_file_that_was_moved_away_or_makes_an_empty_one(city: Flask) -> None:
    client = city.test_client()
    with city.app_context():
        path = Path(db.engine.url.database or "")
    assert client.get("/observations").status_code == 200
    path.rename(path.with_suffix(".away"))
    for _ in range(2):
        assert client.get("/observations").status_code == 503
        assert client.post("/connexion", data={"email": EMAIL, "password": PASSWORD}).status_code == 503
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json is not None and answer.json["parts"]["database"] == "away"
        with city.app_context():
            db.engine.dispose()
    assert not path.exists(), "no empty file stands in its place"
    path.with_suffix(".away").rename(path)
    assert client.post("/connexion", data={"email": EMAIL, "password": PASSWORD}).status_code == 303


def test_a_restored_database_file_is_read_at_once(city: Flask, new_database: Callable[[str, str], str]) -> None:
    client = city.test_client()
    with city.app_context():
        path = Path(db.engine.url.database or "")
    assert client.post("/connexion", data={"email": EMAIL, "password": PASSWORD}).status_code == 303
    other = Path(new_database("sqlite", "restored").removeprefix("sqlite:///"))
    for name in ("-wal", "-shm"):
        path.with_name(path.name + name).unlink(missing_ok=True)
    other.rename(path)
    assert client.post("/connexion", data={"email": EMAIL, "password": PASSWORD}).status_code == 422, "nobody is there"


def test_a_full_disk_and_a_folder_that_takes_no_photo_are_told(
    city: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    client = city.test_client()

    def parts() -> tuple[int, Mapping[str, str]]:
        answer = client.get("/readyz")
        assert answer.json is not None
        return answer.status_code, answer.json["parts"]

    monkeypatch.setattr(media, "LEAST_FREE_BYTES", 2**62)
    status, states = parts()
    assert (status, states["photos"], states["database"]) == (200, "can't be stored", "ok")
    monkeypatch.undo()
    monkeypatch.setattr(health, "LEAST_FREE_BYTES", 2**62)
    status, states = parts()
    assert (status, states["database"], states["photos"]) == (503, "disk full", "ok")
    (tmp_path / "a file").write_text("where the folder of photos should be")
    monkeypatch.setitem(city.extensions, "media", media.MediaStore(tmp_path / "a file"))
    assert parts()[1]["photos"] == "can't be stored"
