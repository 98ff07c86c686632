"""Prometheus asks for the metrics: over HTTP, on a private address, from both databases and a real queue server."""

import argparse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
from flask import Flask
from prometheus_client import generate_latest, start_wsgi_server
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from cohab_report import create_app, jobs
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.insight.jobs import count_and_publish
from cohab_report.intake.models import Observation
from cohab_report.intake.photos import operations as photos
from cohab_report.journal import Event
from cohab_report.metrics import metric_registry, provide_metric
from deploy.metrics import private_address
from tests import factories
from tests.conftest import settings_for
from tests.pictures import coloured_quarters, image_bytes
from tests.workers import empty_queues

Metrics = dict[tuple[str, str], float]


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, new_database: Callable[[str, str], str], queue_url: str) -> Iterator[Flask]:
    """The whole application with a queue server that has nothing in it."""
    app = create_app(settings_for(new_database(request.param, "metrics"), queue_url))
    app.config["WTF_CSRF_ENABLED"] = False
    empty_queues(app)
    yield app
    empty_queues(app)
    with app.app_context():
        db.engine.dispose()


def read(site: Flask) -> Metrics:
    """The metrics' values by name and label's value, as Prometheus reads them."""
    families = text_string_to_metric_families(generate_latest(metric_registry(site)).decode())
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in families
        for sample in family.samples
    }


def test_an_empty_site_says_that_nothing_waits_and_that_no_worker_is_there(site: Flask) -> None:
    metrics = read(site)
    for name in ("events_waiting", "events_age_seconds", "events_set_aside", "photos_waiting", "photos_age_seconds"):
        assert metrics[f"cohab_{name}", ""] == 0, name
    assert {metrics["cohab_queue_workers", queue] for queue in ("clock", "events", "email", "pictures")} == {0}
    assert metrics["cohab_messages", "waiting"] == metrics["cohab_messages", "given_up"] == 0
    assert metrics["cohab_part_ok", "database"] == 1 and metrics["cohab_part_ok", "workers"] == 0
    assert ("cohab_clock_age_seconds", "") not in metrics, "no clock was ever heard"
    assert ("cohab_figures_age_seconds", "") not in metrics, "nothing was ever counted"
    assert ("cohab_backup_age_seconds", "") not in metrics, "no backup was ever made"
    assert metrics["cohab_metric_read_failures", ""] == 0


def test_what_waits_is_counted_with_its_age(site: Flask) -> None:
    before = now() - timedelta(minutes=30)
    with site.app_context(), transaction():
        observation = factories.observation(at=before)
        original = photos.store_original(observation, image_bytes(coloured_quarters()))
        photos.receive_photo(observation, original, at=before)
        db.session.flush()
        for event in db.session.query(Event):
            event.done_at = event.happened_at
        waiting, aside = (
            Event(happened_at=before, name="bell.rung", thread="bell:1", actor="system", facts={}, is_public=False)
            for _ in range(2)
        )
        aside.set_aside_at = now()
        db.session.add_all([waiting, aside])
    metrics = read(site)
    assert (metrics["cohab_events_waiting", ""], metrics["cohab_events_set_aside", ""]) == (1, 1)
    assert 1800 <= metrics["cohab_events_age_seconds", ""] < 3600
    assert metrics["cohab_photos_waiting", ""] == 1
    assert 1800 <= metrics["cohab_photos_age_seconds", ""] < 3600
    with site.app_context():
        count_and_publish()
        assert db.session.query(Observation).count() == 1
    assert 0 <= read(site)["cohab_figures_age_seconds", ""] < 1800


def test_a_refused_sign_in_is_counted_and_who_tried_is_not_told(site: Flask) -> None:
    client = site.test_client()
    assert read(site)["cohab_sign_ins_refused_total", ""] == 0
    for _ in range(3):
        client.post("/connexion", data={"email": "rene@rivebelle.example", "password": "un mot de passe deviné"})
    assert read(site)["cohab_sign_ins_refused_total", ""] == 3
    assert b"rene" not in generate_latest(metric_registry(site))


def test_requests_that_are_too_many_are_counted(site: Flask) -> None:
    site.config["THROTTLED"] = True
    client = site.test_client()
    answers = [client.post("/connexion", data={"email": "a@b.example", "password": "x"}) for _ in range(12)]
    refused = sum(answer.status_code == 429 for answer in answers)
    assert refused and read(site)["cohab_requests_throttled_total", ""] == refused


def test_a_part_that_is_away_costs_its_own_metrics_only(new_database: Callable[[str, str], str]) -> None:
    app = create_app(settings_for(new_database("sqlite", "alone")))
    metrics = read(app)
    assert metrics["cohab_events_waiting", ""] == 0 and metrics["cohab_part_ok", "queue"] == 0
    assert not [name for name, _label in metrics if name.startswith("cohab_queue_")]
    assert metrics["cohab_metric_read_failures", ""] >= 4
    with app.app_context():
        db.engine.dispose()


def test_a_query_that_fails_leaves_the_next_metric_readable(site: Flask) -> None:
    provide_metric(site, "broken", "No such table.", lambda: db.session.scalar(text("SELECT 1 FROM no_such_table")))
    provide_metric(site, "sound", "Two.", lambda: db.session.scalar(text("SELECT 2")))
    metrics = read(site)
    assert metrics["cohab_sound", ""] == 2 and metrics["cohab_metric_read_failures", ""] == 1


def test_prometheus_reads_them_over_http_from_a_port_of_their_own(site: Flask) -> None:
    server, thread = start_wsgi_server(0, "127.0.0.1", metric_registry(site))
    try:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"http://127.0.0.1:{server.server_port}/metrics", timeout=60) as answer:
            assert "cohab_events_waiting 0.0" in answer.read().decode()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert site.test_client().get("/metrics").status_code == 404, "the site itself tells nobody"


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "192.168.1.4", "fd00::1", "::1"])
def test_metrics_may_be_told_on_a_private_address(address: str) -> None:
    assert private_address(address) == address


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "8.8.8.8", "2606:4700::1", "cohab.example"])
def test_metrics_are_told_on_no_address_that_others_reach(address: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError):
        private_address(address)


def test_a_counter_waits_for_no_queue_server_that_is_away(new_database: Callable[[str, str], str]) -> None:
    app = create_app(settings_for(new_database("sqlite", "uncounted")))
    with app.app_context():
        jobs.count(jobs.CounterName.SIGN_INS_REFUSED)
        assert jobs.job_queues().avoided_until > 0
        with pytest.raises(redis.RedisError):
            jobs.counted(jobs.CounterName.SIGN_INS_REFUSED)
        db.engine.dispose()
