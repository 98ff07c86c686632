"""A small application with the web frame and nothing else, and a few views to request."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import redis
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError

import cohab_report
from cohab_report import db, errors, jobs, journal, web
from cohab_report.settings import Settings
from cohab_report.web import context, throttle
from cohab_report.web.access import needs, open_to_all
from cohab_report.web.extensions import login_manager
from cohab_report.web.headers import cacheable
from cohab_report.web.typed_text import gives_back

SETTINGS = Settings(
    env="test",
    secret_key="s" * 40,
    code_key="c" * 40,
    database_url="sqlite://",
    queue_url="redis://127.0.0.1:1/0",
    base_url="http://localhost",
    observations_per_hour=5,
)
ROLE_OF = {"1": "triager", "2": "partner"}


@dataclass
class Visitor:
    """A person with a role, without a database row."""

    id: str
    role: str
    name: str = "Ana"
    partner: None = None
    is_authenticated: bool = True
    is_active: bool = True

    def get_id(self) -> str:
        return self.id


def frame_views() -> Blueprint:
    """Returns one view for each thing that the frame has to deal with."""
    bp = Blueprint("frame_views", __name__)

    @bp.get("/open")
    @open_to_all
    @cacheable
    def public() -> str:
        return "open"

    @bp.route("/staff", methods=["GET", "POST"])
    @needs("triager")
    @gives_back(text="Votre texte")
    def staff() -> str:
        return "staff"

    @bp.get("/forgotten")
    def forgotten() -> str:
        return "nobody declared who may read this"

    @bp.route("/fails/<kind>", methods=["GET", "POST"])
    @open_to_all
    @gives_back(text="Votre texte")
    def fails(kind: str) -> str:
        raise {
            "not-found": errors.NotFound(),
            "stale": errors.Stale({"état": ("nouveau", "accepté")}),
            "move": errors.MoveRefused("case", "new", "closed"),
            "invalid": errors.Invalid("text", "too_long"),
            "too-many": errors.TooManyRequests(90),
            "unavailable": errors.Unavailable(),
            "write-conflict": StaleDataError("UPDATE …"),
            "duplicate": IntegrityError("INSERT …", {"text": "never logged"}, Exception("unique")),
            "out-of-range": DataError("SELECT …", {"id": 10**30}, Exception("out of range")),
            "pool": PoolTimeout("no connection is free"),
            "queue": redis.ConnectionError("refused"),
            "bug": ZeroDivisionError("of what was typed"),
            "locked": OperationalError("INSERT …", {"text": "never logged"}, Exception("database is locked")),
        }[kind]

    @bp.post("/write")
    @throttle.limit_observations
    @open_to_all
    @gives_back(text="Votre texte")
    def write() -> tuple[str, int]:
        return (request.form.get("text", ""), 200) if request.form.get("text") else ("empty", 422)

    @bp.post("/guess")
    @throttle.limit_code_guesses
    @open_to_all
    def guess() -> tuple[str, int]:
        return ("found", 200) if request.form.get("code") == "right" else ("no", 404)

    return bp


@pytest.fixture(autouse=True)
def visitors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        login_manager,
        "_user_callback",
        lambda user_id: Visitor(user_id, ROLE_OF[user_id]) if user_id in ROLE_OF else None,
    )


@pytest.fixture
def app() -> Iterator[Flask]:
    new_app = Flask("cohab_report", root_path=str(Path(cohab_report.__file__).parent))
    db.init_app(new_app, SETTINGS)
    journal.init_app(new_app)
    jobs.init_app(new_app, SETTINGS)
    web.init_app(new_app, SETTINGS)
    new_app.register_blueprint(frame_views())
    new_app.config["WTF_CSRF_ENABLED"] = False
    new_app.testing = False
    throttle.limiter._storage_dead = False  # an earlier test may have used a server that is away
    throttle.limiter.reset()
    yield new_app
    throttle.limiter.reset()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def sign_in(client: FlaskClient, person: str) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = person


@dataclass(frozen=True)
class Town:
    """A city, as the territory package provides it."""

    name: str = "Rivebelle"
    time_zone: str = "America/Toronto"


@pytest.fixture
def town(app: Flask) -> None:
    context.provide_fact(app, "city", Town)


def parse_time(text: str) -> datetime:
    return datetime.fromisoformat(text)
