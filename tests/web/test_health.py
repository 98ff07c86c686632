"""Health checks: `/healthz` and `/readyz`."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from cohab_report.db import db


def test_a_living_process_says_so_without_a_database(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_without_tables_nobody_can_be_served_and_each_part_is_named(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "unready",
        "parts": {"database": "ok", "schema": "not migrated", "profile": "no city loaded", "queue": "away"},
    }


def test_a_database_that_is_away_is_reported(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("SELECT 1", {}, ConnectionRefusedError("refused"))

    monkeypatch.setattr(db.session, "execute", away)
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None and answer.json["parts"]["database"] == "away"
