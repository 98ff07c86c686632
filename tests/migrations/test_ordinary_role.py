"""`flask db upgrade` as an ordinary role of PostgreSQL: it owns its database and is no superuser."""

import psycopg
import pytest
from sqlalchemy.engine import make_url

from cohab_report import create_app
from cohab_report.db import db
from tests.conftest import settings_for

ROLE = "ordinary_city"


@pytest.fixture
def empty_database(postgres_admin: str, worker_id: str) -> tuple[str, str]:
    """The administrator's and the role's own URL of an empty database that belongs to the role."""
    name = f"ordinary_{worker_id}"
    with administrator(postgres_admin) as admin:
        if not admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (ROLE,)).fetchone():
            admin.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE")
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
    url = make_url(postgres_admin).set(database=name)
    return tuple(each.render_as_string(hide_password=False) for each in (url, url.set(username=ROLE)))  # type: ignore[return-value]


@pytest.mark.postgres
def test_without_postgis_one_sentence_says_what_to_do_and_with_it_the_role_makes_every_table(
    empty_database: tuple[str, str],
):
    admin_url, own_url = empty_database
    app = create_app(settings_for(own_url))
    refused = app.test_cli_runner().invoke(args=["db", "upgrade"])
    assert refused.exit_code == 1
    assert "CREATE EXTENSION postgis" in refused.output
    assert "Traceback" not in refused.output
    with administrator(admin_url) as admin:
        admin.execute("CREATE EXTENSION postgis")
    for arguments in (["db", "upgrade"], ["load-city"]):
        with app.app_context():
            done = app.test_cli_runner().invoke(args=arguments)
        assert done.exit_code == 0, f"{done.output}{done.exception!r}"
    with app.app_context():
        db.engine.dispose()


def administrator(url: str) -> psycopg.Connection[tuple[object, ...]]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)
