"""A site with observations and photos in a database and a media folder of its own, and empty places to restore into."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from psycopg import sql
from sqlalchemy.engine import make_url

from cohab_report import create_app
from cohab_report.db import db, transaction
from tests import servers
from tests.backup import sites
from tests.cast import Cast
from tests.conftest import NO_QUEUE, settings_for


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """The kind of database of the test."""
    return str(request.param)


@pytest.fixture(scope="module")
def site(
    engine: str, new_database: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sites.Site]:
    """A site on which some days have passed, which this module's tests leave as it is."""
    with filled_site(new_database(engine, "backup"), tmp_path_factory.mktemp("media")) as filled:
        yield filled


@pytest.fixture
def own_site(engine: str, new_database: Callable[[str, str], str], tmp_path: Path) -> Iterator[sites.Site]:
    """Such a site for one test, which may change it."""
    with filled_site(new_database(engine, "own_backup"), tmp_path / "media") as filled:
        yield filled


@contextmanager
def filled_site(url: str, media: Path) -> Iterator[sites.Site]:
    """A site with cases in several states, one with photos, one withdrawn."""
    app = create_app(settings_for(url, media_dir=str(media)))
    with app.app_context():
        with transaction():
            cast = Cast.create(db.session())
        codes = sites.fill(cast)
        yield sites.Site(app, codes)
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def empty_place(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path, worker_id: str
) -> Iterator[Callable[..., Flask]]:
    """Returns a function that makes the app of an empty place on the same engine, as an ordinary role; `extension`
    tells whether somebody made PostGIS there.
    """
    apps: list[Flask] = []

    def make(*, extension: bool = True, **changes: object) -> Flask:
        home = tmp_path / f"place-{len(apps)}"
        home.mkdir()
        name = f"place_{worker_id}_{len(apps)}"
        if engine == "sqlite":
            url = f"sqlite:///{home / 'cohab.db'}"
        else:
            url = ordinary_database(request.getfixturevalue("postgres_admin"), name, extension=extension)
        apps.append(create_app(settings_for(url, NO_QUEUE, **{"media_dir": str(home / "media"), **changes})))
        return apps[-1]

    yield make
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def ordinary_database(admin_url: str, name: str, *, extension: bool) -> str:
    """Creates an empty database that belongs to a role of its name, without any privilege; returns its URL, with a
    password.
    """
    url, role = make_url(admin_url), f"{name}_owner"
    servers.drop_postgres_database(admin_url, name)
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone():
            admin.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        names = sql.Identifier(name), sql.Identifier(role)
        admin.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
    if extension:
        with psycopg.connect(make_url(plain).set(database=name).render_as_string(False), autocommit=True) as owner:
            owner.execute("CREATE EXTENSION postgis")
    ordinary = url.set(username=role, password="quatre-saules", database=name)
    return ordinary.render_as_string(hide_password=False)


@pytest.fixture(scope="module")
def backup_file(site: sites.Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the site."""
    file = tmp_path_factory.mktemp("backup") / "site.tar"
    site.run("backup", str(file))
    return file
