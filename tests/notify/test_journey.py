"""One offer's whole way: committed, queued on a real server, carried by a real worker, handed to a real mail server,
exactly once.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from cohab_report import create_app, jobs
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.encrypted_numbers import encrypt_number
from cohab_report.intake import floods
from cohab_report.intake.contacts import expiry
from cohab_report.jobs import QueueName
from cohab_report.journal import CLAIM_LEASE, Event
from cohab_report.notify import operations
from cohab_report.notify.models import Delivery, DeliveryState
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from tests import factories
from tests.cast import Cast
from tests.conftest import NO_QUEUE, settings_for
from tests.notify.test_email import Sink, sink
from tests.workers import empty_queues, failed_job_count, work

__all__ = ["sink"]


@pytest.fixture(params=["sqlite", "postgres"])
def town(request, new_database, queue_url, sink: Sink):
    """An application of one's own, with its queue, its mail server and Ana."""
    database = new_database(request.param, f"journey_{request.node.name.split('[')[0][-20:]}")
    app = create_app(replace(settings_for(database, queue_url), smtp_url=f"smtp://127.0.0.1:{sink.port}"))
    empty_queues(app)
    yield app
    empty_queues(app)
    with app.app_context():
        db.engine.dispose()


def offer(app: Flask, and_then: Callable[[], None] = lambda: None) -> int:
    """Ana offers a case to the works, as a view would: in one transaction."""
    with app.app_context():
        cast = Cast.create(db.session())
        with transaction():
            voirie = db.session.scalars(select(Partner).where(Partner.code == "VOIRIE")).one()
            handover = routing.hand_over(
                factories.accepted_case(db.session.merge(cast.ana)), voirie, by=db.session.merge(cast.ana), at=now()
            )
            and_then()
            return handover.id


def events(app: Flask) -> list[Event]:
    with app.app_context():
        return list(db.session.scalars(select(Event).where(Event.name == "handover.offered")))


def test_an_offer_reaches_the_partner_s_mailbox_exactly_once(town, sink):
    number = offer(town)
    work(town)
    (message,) = sink.messages
    assert message["To"] == "voirie@rivebelle.example"
    address = f"/partenaire/transmissions/{encrypt_number('handover', number, key='c' * 40)}"
    assert address in message.get_body(("plain",)).get_content()
    with town.app_context():
        for event in events(town):
            jobs.announce(event.id)
        jobs.job_queue(QueueName.EMAIL).enqueue("cohab_report.notify.operations.deliver_due_now")
    work(town)
    assert len(sink.messages) == 1 and all(event.done_at for event in events(town))


def test_an_offer_that_is_rolled_back_tells_nobody(town, sink):
    class ChangedHerMindError(Exception):
        pass

    def change_her_mind():
        raise ChangedHerMindError

    with pytest.raises(ChangedHerMindError):
        offer(town, and_then=change_her_mind)
    work(town)
    assert sink.messages == [] and events(town) == []


def test_a_queue_that_is_down_loses_nothing(town, sink):
    real = town.extensions["job_queues"]
    town.extensions["job_queues"] = create_app(settings_for("sqlite://", NO_QUEUE)).extensions["job_queues"]
    offer(town)
    assert [event.claimed_at for event in events(town)] == [None]
    town.extensions["job_queues"] = real
    with town.app_context():
        assert jobs.relay_unclaimed() == 2, "the offer, and the acceptance before it that residents may want to hear of"
    work(town)
    assert len(sink.messages) == 1


def test_a_worker_that_died_with_the_event_is_made_up_for(town, sink):
    offer(town)
    (event,) = events(town)
    empty_queues(town)
    with town.app_context():
        with transaction():
            db.session.get_one(Event, event.id).claimed_at = now() - CLAIM_LEASE - timedelta(seconds=1)
        assert jobs.relay_unclaimed() == 2, "the offer, and the acceptance before it"
    work(town)
    assert len(sink.messages) == 1


def test_a_mail_server_that_is_busy_gets_it_later(town, sink):
    sink.at_data = "451 later"
    offer(town)
    work(town)
    assert sink.messages == []
    sink.at_data = None
    with town.app_context():
        assert operations.deliver_due(at=now()) == 0, "patience first"
        assert operations.deliver_due(at=now() + timedelta(minutes=2)) == 1
        assert db.session.scalars(select(Delivery)).one().state is DeliveryState.SENT
    assert len(sink.messages) == 1


def test_the_worker_of_the_house_carries_it_too(town, sink):
    """`deploy/worker.py` as it is started in a house, on all queues."""
    offer(town)
    settings = town.config["SETTINGS"]
    environment = {
        "COHAB_ENV": "test",
        "COHAB_SECRET_KEY": settings.secret_key,
        "COHAB_CODE_KEY": settings.code_key,
        "COHAB_DATABASE_URL": settings.database_url,
        "COHAB_QUEUE_URL": settings.queue_url,
        "COHAB_SMTP_URL": settings.smtp_url,
        "COHAB_BASE_URL": settings.base_url,
    }
    root = Path(__file__).parents[2]
    empty_queues(town)
    with town.app_context():
        jobs.job_queue(QueueName.CLOCK).enqueue("cohab_report.jobs.relay_unclaimed")
    worker = subprocess.Popen(
        [sys.executable, "-m", "deploy.worker"], cwd=root, env={**os.environ, **environment, "PYTHONPATH": str(root)}
    )
    try:
        for _ in range(300):
            if sink.messages:
                break
            with pytest.raises(subprocess.TimeoutExpired):
                worker.wait(timeout=0.1)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    assert len(sink.messages) == 1


def test_what_the_schedule_asks_for_are_jobs_that_a_worker_can_do(town):
    scheduled = {job.function for job in jobs.job_schedule(town)}
    assert {
        jobs.relay_unclaimed,
        operations.deliver_due_now,
        floods.erase_old_network_hashes_now,
        expiry.erase_expired_contacts_now,
    } <= scheduled
    with town.app_context():
        for job in scheduled:
            jobs.job_queue(QueueName.CLOCK).enqueue(job)
    work(town)
    assert failed_job_count(town) == 0
