"""Rate limits: what counts, for whom, and that a queue server that is away never stops a resident."""

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cohab_report.web import throttle
from tests.web.conftest import SETTINGS

TEXT = {"text": "Le lampadaire est éteint."}
HERE = {"REMOTE_ADDR": "192.0.2.7"}


@pytest.fixture
def limited_client(app: Flask) -> FlaskClient:
    app.config["THROTTLED"] = True
    return app.test_client()


def test_an_observation_beyond_the_limit_gets_429_with_its_text(limited_client: FlaskClient) -> None:
    for _ in range(SETTINGS.observations_per_hour):
        assert limited_client.post("/write", data=TEXT, environ_base=HERE).status_code == 200
    answer = limited_client.post("/write", data=TEXT, environ_base=HERE)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3601
    assert TEXT["text"] in answer.text


def test_a_neighbour_of_the_same_network_shares_the_limit_and_another_network_does_not(
    limited_client: FlaskClient,
) -> None:
    for _ in range(SETTINGS.observations_per_hour):
        limited_client.post("/write", data=TEXT, environ_base=HERE)
    assert limited_client.post("/write", data=TEXT, environ_base={"REMOTE_ADDR": "192.0.2.200"}).status_code == 429
    assert limited_client.post("/write", data=TEXT, environ_base={"REMOTE_ADDR": "192.0.3.7"}).status_code == 200


def test_a_form_that_has_to_be_corrected_costs_nothing(limited_client: FlaskClient) -> None:
    for _ in range(SETTINGS.observations_per_hour + 3):
        assert limited_client.post("/write", data={}, environ_base=HERE).status_code == 422
    assert limited_client.post("/write", data=TEXT, environ_base=HERE).status_code == 200


def test_guessing_codes_is_stopped_and_a_right_code_costs_nothing(limited_client: FlaskClient) -> None:
    for _ in range(30):
        assert limited_client.post("/guess", data={"code": "right"}, environ_base=HERE).status_code == 200
    answers = [limited_client.post("/guess", data={"code": "wrong"}, environ_base=HERE).status_code for _ in range(22)]
    assert answers == [404] * 20 + [429] * 2


def test_without_the_queue_server_each_process_counts(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    throttle.init_app(app, replace(SETTINGS, env="development", queue_url="redis://127.0.0.1:1/0"))
    app.config["THROTTLED"] = True
    client = app.test_client()
    answers = [
        client.post("/write", data=TEXT, environ_base={"REMOTE_ADDR": "198.51.100.4"}).status_code for _ in range(6)
    ]
    throttle.init_app(app, SETTINGS)
    assert answers == [200] * 5 + [429], "the memory of the process counts instead"
    assert "198.51.100" not in caplog.text


def test_processes_count_together_on_the_queue_server(app: Flask, queue_url: str) -> None:
    shared = replace(SETTINGS, env="development", queue_url=queue_url)
    answers = []
    for _process in range(2):
        throttle.init_app(app, shared)
        app.config["THROTTLED"] = True
        answers += [app.test_client().post("/write", data=TEXT, environ_base=HERE).status_code for _ in range(3)]
    throttle.limiter.reset()
    throttle.init_app(app, SETTINGS)
    assert answers == [200] * 5 + [429]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("203.0.113.1", "203.0.113.254", True),
        ("203.0.113.1", "203.0.114.1", False),
        ("2001:db8:1::1", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("::ffff:203.0.113.1", "203.0.113.9", True),
        (None, "not an address", True),
    ],
)
def test_a_network_is_its_prefix(one: str | None, other: str, is_same: bool) -> None:
    assert (throttle.network_prefix(one) == throttle.network_prefix(other)) is is_same


def test_a_network_is_kept_only_as_a_keyed_hash(app: Flask) -> None:
    with app.test_request_context(environ_base=HERE):
        hashed = throttle.hashed_network()
    app.config["SETTINGS"] = replace(SETTINGS, secret_key="t" * 40)
    with app.test_request_context(environ_base=HERE):
        assert throttle.hashed_network() != hashed
    assert "192" not in hashed
