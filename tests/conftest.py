"""Fixtures: the test city on both databases, each test in a transaction that is rolled back, and a page to visit."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy.orm import Session

import cohab_report
from cohab_report import create_app
from cohab_report.cities.loader import load_profile
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.settings import Settings
from tests import servers
from tests.cast import Cast
from tests.page import Page
from tests.servers import (
    postgres_admin,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_unconfigure,
    queue_url,
)

__all__ = [  # fixtures and hooks of the servers
    "postgres_admin",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_unconfigure",
    "queue_url",
]

TRANSLATIONS = Path(cohab_report.__file__).parent / "translations"
RIVEBELLE = Path(__file__).parent / "cities" / "rivebelle"
MEDIA = tempfile.TemporaryDirectory(prefix="cohab-media-")
NO_QUEUE = "redis://127.0.0.1:1/0"
hypothesis.settings.register_profile("cohab", deadline=None)
hypothesis.settings.load_profile("cohab")
"""No example fails for being slow: the machine may be busy."""


def compile_catalogues() -> None:
    """Compiles the translation catalogues; several workers may do this at once."""
    for catalogue in TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"):
        with (
            catalogue.open("rb") as source,
            tempfile.NamedTemporaryFile(dir=catalogue.parent, suffix=".part", delete=False) as compiled,
        ):
            write_mo(compiled, read_po(source, locale=catalogue.parent.parent.name))
        Path(compiled.name).replace(catalogue.with_suffix(".mo"))


compile_catalogues()


def settings_for(database_url: str, queue_url: str = NO_QUEUE, **changes: object) -> Settings:
    """Returns the settings of a test application, independent of the environment."""
    values: dict[str, object] = {
        "env": "test",
        "secret_key": "s" * 40,
        "code_key": "c" * 40,
        "contact_key": ("e" * 40,),
        "media_dir": MEDIA.name,
        "database_url": database_url,
        "queue_url": queue_url,
        "base_url": "http://localhost",
        "city": str(RIVEBELLE),
        **changes,
    }
    return Settings(**values)  # type: ignore[arg-type]


def create_city_database(database_url: str) -> None:
    """Migrates the database and loads the test city."""
    app = create_app(settings_for(database_url))
    with app.app_context():
        upgrade()
        with transaction():
            load_profile(RIVEBELLE, at=now())
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def new_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Callable[[str, str], str]:
    """Returns a function that copies the database of the test city and returns its URL.

    Its arguments: `sqlite` or `postgres`, and the name of the copy.
    """

    def make(engine: str, name: str) -> str:
        if engine == "sqlite":
            shared = tmp_path_factory.getbasetemp() if worker_id == "master" else tmp_path_factory.getbasetemp().parent
            template = servers.sqlite_template(shared / "template", create_city_database)
            return servers.new_sqlite_database(template, tmp_path_factory.mktemp(name) / "cohab.db")
        admin = request.getfixturevalue("postgres_admin")
        return servers.new_postgres_database(
            admin, f"{name}_{worker_id}", servers.postgres_template(admin, create_city_database)
        )

    return make


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def app(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[Flask]:
    """The application with the test city, once on SpatiaLite and once on PostGIS."""
    app = create_app(settings_for(new_database(request.param, "shared")))
    yield app
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """A session, in the app's context, whose commits are all rolled back after the test."""
    with app.app_context():
        engines = db._app_engines[app]
        engine = engines[None]
        connection = engine.connect()
        outer = connection.begin()
        engines[None] = connection  # type: ignore[assignment]
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            yield db.session()
        finally:
            db.session.remove()
            engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def cast(session: Session) -> Cast:
    """The people of the tests, with accounts in the test city."""
    return Cast.create(session)


@pytest.fixture
def page(app: Flask, cast: Cast) -> Page:
    """A browser without scripts that checks each page it visits."""
    return Page(app, cast)
