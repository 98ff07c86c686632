"""Health checks: `/healthz` and `/readyz`."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from cohab_report.db import db
from cohab_report.web import health


def test_a_living_process_says_so_without_a_database(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_without_tables_nobody_can_be_served_and_each_part_is_named(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "unready",
        "parts": {
            "database": "ok",
            "schema": "not migrated",
            "queue": "away",
            "workers": "away",
            "clock": "away",
            "events": "away",
            "front": "ok",
        },
    }


def test_a_database_that_is_away_is_reported(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, ConnectionRefusedError("refused"))

    monkeypatch.setattr(db.session, "execute", away)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None and answer.json["parts"]["database"] == "away"


@pytest.mark.parametrize(
    ("needed", "state", "status", "word"),
    [
        (False, "3 set aside", 200, "degraded"),
        (False, "ok", 200, "ok"),
        (True, "3 set aside", 503, "unready"),
        (True, "ok", 200, "ok"),
    ],
)
def test_a_part_that_a_package_provides_is_told_and_weighed(
    app: Flask, needed: bool, state: str, status: int, word: str
) -> None:
    app.extensions[health.CHECKS_EXTENSION].clear()
    health.provide_check(app, "events", lambda: state, needed=needed)
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json) == (status, {"status": word, "parts": {"events": state}})


def test_a_part_whose_check_finds_no_server_is_away(app: Flask) -> None:
    def refused() -> str:
        raise ConnectionRefusedError

    health.provide_check(app, "store", refused, needed=False)
    answer = app.test_client().get("/readyz")
    assert answer.json is not None and answer.json["parts"]["store"] == "away"
