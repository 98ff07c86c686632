"""A front that COHAB_PROXIES doesn't count is told in the log, once, and by `/readyz`."""

from dataclasses import replace

import pytest
from flask import Flask

from cohab_report import create_app
from cohab_report.web import fronts
from tests.web.conftest import SETTINGS

BY_A_FRONT = {"X-Forwarded-For": "203.0.113.9"}
WARNING = "COHAB_PROXIES is 0"
SITE = "https://observations.example.org"


def front_state(app: Flask, site: str | None = None) -> str:
    parts: dict[str, str] = (app.test_client().get("/readyz", base_url=site).json or {})["parts"]
    return parts["front"]


def test_a_front_that_nobody_counted_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(replace(SETTINGS, proxies=0))
    client = app.test_client()
    assert front_state(app) == "ok"
    for _ in range(3):
        client.get("/healthz", headers=BY_A_FRONT)
    assert caplog.text.count(WARNING) == 1
    assert front_state(app) == fronts.NOT_COUNTED
    assert "203.0.113.9" not in caplog.text


def test_a_stranger_who_writes_the_header_raises_no_alarm(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(replace(SETTINGS, proxies=0))
    app.test_client().get("/healthz", headers=BY_A_FRONT, environ_base={"REMOTE_ADDR": "11.22.33.44"})
    assert (front_state(app), WARNING in caplog.text) == ("ok", False)


def test_a_front_that_is_counted_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(replace(SETTINGS, proxies=1))
    app.test_client().get("/healthz", headers=BY_A_FRONT)
    assert (front_state(app), WARNING in caplog.text) == ("ok", False)


@pytest.mark.parametrize(("proxies", "warned"), [(0, True), (1, False)])
def test_production_without_a_counted_front_warns_at_its_start(
    proxies: int, warned: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(fronts.log, "warning", said.append)
    app = create_app(replace(SETTINGS, env="production", base_url=SITE, proxies=proxies))
    assert [WARNING in each for each in said] == [True] * warned
    assert front_state(app, SITE) == (fronts.NOT_COUNTED if warned else "ok")
