"""Backups of PostgreSQL: an ordinary role, the client programs, and a password that nobody reads."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from cohab_report import create_app
from cohab_report.backup.refusals import BackupRefused, Refusal
from cohab_report.backup.snapshots import postgres_programs
from cohab_report.backup.snapshots.postgres_programs import connection_arguments, program_environ
from cohab_report.db import db
from tests.backup.sites import Site, run
from tests.conftest import settings_for


@pytest.fixture(scope="module", params=["postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_without_the_extension_one_sentence_says_who_makes_it(
    backup_file: Path, empty_place: Callable[..., Flask]
) -> None:
    refused = run(empty_place(extension=False), "restore", str(backup_file))
    assert refused.exit_code == 1 and "CREATE EXTENSION postgis" in refused.output
    assert len(refused.output.strip().splitlines()) == 1


def test_without_the_client_programs_one_sentence_says_what_to_install(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_programs, "DEBIAN_PROGRAMS", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = run(site.app, "backup", str(tmp_path / "site.tar"))
    assert refused.exit_code == 1 and "pg_dump is missing" in refused.output
    assert not list(tmp_path.glob("site.tar*"))


def test_a_server_that_refuses_is_told_without_a_password(site: Site, tmp_path: Path) -> None:
    url = db.engine.url.set(password="quatre-saules", host="127.0.0.1", port=1, query={})
    with pytest.raises(BackupRefused) as refused:
        postgres_programs.run_program("pg_dump", ["--port=1"], is_connected=True)
    assert refused.value.reason is Refusal.PROGRAM_FAILED
    arguments, secrets = connection_arguments(url)
    assert "quatre-saules" not in " ".join(arguments) + str(refused.value)
    assert program_environ(secrets)["PGPASSWORD"] == "quatre-saules"


def test_a_server_that_is_away_is_told_in_one_sentence(tmp_path: Path) -> None:
    url = "postgresql+psycopg://city:quatre-saules@127.0.0.1:1/site"
    away = create_app(settings_for(url, media_dir=str(tmp_path / "media")))
    refused = run(away, "backup", str(tmp_path / "site.tar"))
    assert refused.exit_code == 1 and "the database does not answer" in refused.output
    assert "quatre-saules" not in refused.output and not list(tmp_path.glob("site.tar*"))


def test_the_sites_own_settings_are_not_given_to_the_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COHAB_CODE_KEY", "k" * 40)
    monkeypatch.setenv("PGPASSFILE", "/somewhere/pgpass")
    environ = program_environ({})
    assert "COHAB_CODE_KEY" not in environ and environ["PGPASSFILE"] == "/somewhere/pgpass"
    url = make_url("postgresql+psycopg://city@db.example/site?sslmode=verify-full&sslpassword=geheim")
    arguments, secrets = connection_arguments(url)
    told = " ".join(arguments)
    assert "sslmode=verify-full" in told and "host=db.example" in told and "geheim" not in told and not secrets
