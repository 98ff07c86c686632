"""The guard at the door: what it lets pass unasked, whom it sends where, and what it writes down."""

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cohab_report.web import access
from tests.web.conftest import sign_in


@pytest.fixture
def door(client: FlaskClient) -> FlaskClient:
    """The application with a door to sign in at."""
    client.application.add_url_rule("/connexion", access.SIGN_IN, lambda: "door")
    return client


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_who_only_looks_is_sent_to_the_door(door: FlaskClient, method: str) -> None:
    answer = door.open("/staff", method=method)
    assert (answer.status_code, answer.location) == (303, "/connexion?next=/staff"), (
        "no question mark without a question"
    )


def test_the_question_goes_along_to_its_last_letter(door: FlaskClient) -> None:
    assert door.get("/staff?kind=X").location == "/connexion?next=/staff?kind%3DX"


def test_who_sends_something_is_told_to_sign_in_first(door: FlaskClient) -> None:
    assert door.post("/staff").status_code == 403


def test_files_that_never_change_are_for_everybody() -> None:
    app = Flask("cohab_report")
    access.init_app(app)
    found = access.access_of(app.view_functions["static"])
    assert found is not None and found.is_open and found.roles == frozenset()
    without = Flask("cohab_report", static_folder=None)
    access.init_app(without)
    assert "static" not in without.view_functions


def test_a_view_without_a_declaration_is_named_to_those_who_run_it(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in(client, "1")
    with caplog.at_level(logging.ERROR, logger="cohab_report.web.access"):
        client.get("/forgotten")
    (record,) = [each for each in caplog.records if each.name == "cohab_report.web.access"]
    assert record.getMessage() == "view without access declaration refused"
    assert getattr(record, "endpoint", None) == "frame_views.forgotten"


@pytest.mark.parametrize(
    ("roles", "is_open", "role", "enters"),
    [
        ({"triager"}, False, "triager", True),
        ({"triager"}, False, "partner", False),
        ({"triager"}, False, None, False),
        (set(), True, None, True),
        (set(), True, "partner", True),
        ({"None"}, False, None, False),
    ],
)
def test_who_is_admitted(roles: set[str], is_open: bool, role: str | None, enters: bool) -> None:
    assert access.Access(frozenset(roles), is_open=is_open).admits(role) is enters
