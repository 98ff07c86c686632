"""Demo data: created once, by real operations, showing every state, and refused in production."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.demo import operations as demo
from cohab_report.demo import queries as demo_queries
from cohab_report.errors import NotFound, Unavailable
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Contact
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.inquiries.models import Inquiry
from cohab_report.intake.models import Channel, Observation, Status
from cohab_report.journal import Event
from cohab_report.partners import operations as partners
from cohab_report.partners import queries as partner_queries
from cohab_report.partners.models import Person, Role
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Sector
from cohab_report.triage import operations, queries
from cohab_report.triage.models import Case, CaseState, ClosingReason, Link, Occupancy
from cohab_report.triage.waiting import queries as waiting
from tests import factories

PASSWORD = "saule-quai-halle"


@pytest.fixture(scope="module")
def demo_report(app: Flask) -> Iterator[demo.DemoReport]:
    """The demo data of the test city, created once for all tests of this module and rolled back after them."""
    with app.app_context():
        engines = db._app_engines[app]
        engine = engines[None]
        connection = engine.connect()
        outer = connection.begin()
        engines[None] = connection  # type: ignore[assignment]
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            yield demo.create_demo_data(PASSWORD, at=now())
        finally:
            db.session.remove()
            engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def demo_session(app: Flask, demo_report: demo.DemoReport) -> Iterator[Session]:
    """A session on the demo data; what a test changes and commits is rolled back."""
    connection: Any = db._app_engines[app][None]
    savepoint = connection.begin_nested()
    yield db.session()
    db.session.rollback()
    savepoint.rollback()


def rows() -> dict[str, int]:
    models = (Person, Observation, Case, Link, Handover, Event)
    return {model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0 for model in models}


def test_a_year_is_made_and_each_of_it_is_labelled(demo_report: demo.DemoReport, demo_session: Session):
    channels = Counter(demo_session.scalars(select(Observation.channel)))
    assert 150 <= demo_report.created <= 300
    assert channels == {Channel.DEMO: demo_report.created}


def test_every_queue_has_something_that_waits(demo_session: Session):
    assert {count.queue.code for count in waiting.queue_counts(at=now()) if count.waiting == 0} == set()


def test_every_state_status_and_outcome_is_shown(demo_session: Session):
    assert set(demo_session.scalars(select(Case.state))) == set(CaseState)
    assert set(demo_session.scalars(select(Observation.status))) == set(Status)
    assert set(demo_session.scalars(select(Case.occupancy))) == set(Occupancy)
    assert set(demo_session.scalars(select(Case.closing_reason).where(Case.closing_reason.is_not(None)))) == set(
        ClosingReason
    )
    # Nothing lets an offer lapse by itself yet.
    assert set(demo_session.scalars(select(Handover.state))) >= set(HandoverState) - {HandoverState.EXPIRED}


def test_every_category_of_the_form_and_every_sector_is_there(demo_session: Session):
    observed = select(Observation.category_id).distinct()
    assert set(demo_session.scalars(observed)) == {
        category.id for category in catalogue.categories() if category.opens_the_form
    }
    assert set(demo_session.scalars(select(Observation.sector_id))) == set(demo_session.scalars(select(Sector.id)))


def test_history_keeps_its_order_and_none_of_it_is_in_the_future(demo_session: Session):
    latest = now()
    for case in demo_session.scalars(select(Case)):
        assert case.opened_at <= (case.accepted_at or case.opened_at) <= (case.closed_at or latest) <= latest
    assert max(demo_session.scalars(select(Event.happened_at))) <= latest
    assert (
        latest - timedelta(days=366)
        < min(demo_session.scalars(select(Observation.received_at)))
        < latest - timedelta(days=200)
    )


def test_whoever_reads_a_case_now_is_told_of_nothing_that_came_before(demo_session: Session):
    # Who has acted on a case that somebody else changed is told what happened since, by the version that was read.
    since = {
        case.reference: [event.name for event in queries.events_since_version(case, case.version)]
        for case in demo_session.scalars(select(Case))
    }
    assert {reference: names for reference, names in since.items() if names} == {}


def test_no_worker_is_told_of_what_happened_long_ago(demo_session: Session):
    assert demo_session.scalar(select(func.count()).select_from(Event).where(Event.done_at.is_(None))) == 0


def test_locked_places_stay_locked_for_works(demo_session: Session):
    works = demo_queries.works_partner()
    for handover in demo_session.scalars(select(Handover).where(Handover.partner_id == works.id)):
        assert not (handover.is_standing and handover.case.works_are_locked)


def test_one_can_sign_in_as_each_of_them(demo_report: demo.DemoReport, demo_session: Session):
    people = [partners.sign_in(sign_in.email, PASSWORD, at=now()) for sign_in in demo_report.sign_ins]
    assert {person.role for person in people} == set(Role)
    assert {
        person.email: person.partner.code for person in people if person.partner and person.role is Role.PARTNER
    } == {
        "lin@demo.test": "VOIRIE",
        "noor@demo.test": "MARAUDE",
    }


def test_its_follow_up_codes_open_their_observations(demo_report: demo.DemoReport, demo_session: Session):
    assert [intake.observation_by_code(code).status for _, code in demo_report.codes] == [Status.DONE, Status.TAKEN_UP]


def test_asking_twice_doubles_nothing_and_keeps_the_passwords(demo_report: demo.DemoReport, demo_session: Session):
    before = rows()
    again = demo.create_demo_data(PASSWORD, at=now())
    assert (again.created, again.total, again.codes, rows()) == (0, demo_report.total, demo_report.codes, before)


def test_another_password_ends_the_sessions_of_the_old_one(demo_report: demo.DemoReport, demo_session: Session):
    people = demo_queries.demo_people()
    for person in people:
        partners.start_session(person, at=now())
    db.session.flush()
    demo.create_demo_data("autre-mot-passe", at=now())
    assert people and not any(partner_queries.open_sessions(person) for person in people)


def test_without_a_password_one_is_made_up(app: Flask, demo_session: Session):
    first, second = (demo.create_demo_data(at=now()).sign_ins[0].password for _ in range(2))
    assert first != second and len(first) == 14


def test_residents_words_say_that_they_are_made_up(demo_session: Session):
    texts = set(demo_session.scalars(select(Observation.text).where(Observation.text != "")))
    assert texts and all(text.endswith("(texte d’essai)") for text in texts)
    assert [flags for flags in demo_session.scalars(select(Observation.text_flags)) if flags] == []


def test_reset_takes_away_what_is_made_up_and_nothing_else(demo_report: demo.DemoReport, demo_session: Session):
    real_observation = factories.observation(at=now())
    joined = factories.case(at=now())
    accepted = select(Case).where(Case.state == CaseState.ACCEPTED, Case.category_id == joined.category_id)
    into = demo_session.scalars(accepted).first()
    assert into is not None
    operations.merge(joined, into=into, by=demo_queries.demo_people()[0], at=now())
    tried_out = into.observations[0]
    contacts.request_confirmation(tried_out, "rosa@courriel.example", language="fr", at=now())
    inquiries.ask_author(tried_out, "Quel côté ?", by=demo_queries.demo_people()[0], at=now())
    demo_session.commit()
    with transaction():
        assert demo.delete_demo_data(at=now()) == demo_report.created
    assert set(demo_session.scalars(select(Observation.channel))) == {Channel.WEB}
    assert demo_session.scalars(select(Contact.id)).all() == [] and demo_session.scalars(select(Inquiry.id)).all() == []
    assert {case.reference for case in demo_session.scalars(select(Case))} == {
        real_observation.reference,
        joined.reference,
        into.reference,
    }
    assert not any(person.is_active for person in demo_queries.demo_people())


def test_after_a_reset_it_can_be_made_again(demo_report: demo.DemoReport, demo_session: Session):
    with transaction():
        demo.delete_demo_data(at=now())
    assert demo.create_demo_data(PASSWORD, at=now()).created == demo_report.created
    assert all(person.is_active for person in demo_queries.demo_people())


def test_production_refuses_it(app: Flask, demo_session: Session):
    real = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(real, env="production")
    before = rows()
    try:
        with pytest.raises(demo.DemoRefused):
            demo.create_demo_data(PASSWORD, at=now())
        with pytest.raises(demo.DemoRefused):
            demo.delete_demo_data(at=now())
        result = app.test_cli_runner().invoke(args=["demo"])
    finally:
        app.config["SETTINGS"] = real
    assert result.exit_code == 1 and "refused where COHAB_ENV=production" in result.output
    assert rows() == before


def test_the_command_prints_how_to_sign_in(app: Flask, demo_session: Session):
    result = app.test_cli_runner().invoke(args=["demo", "--password", PASSWORD])
    assert result.exit_code == 0, result.output
    assert [line.split()[:2] for line in result.output.splitlines() if "@demo.test" in line] == [
        [f"{name}@demo.test", PASSWORD] for name in ("ana", "lin", "noor", "omar", "comite", "admin")
    ]


@pytest.mark.parametrize(
    ("missing", "sentence"), [(Unavailable, "flask load-city"), (NotFound, "the city profile needs")]
)
def test_where_it_can_not_be_made_it_says_what_is_missing(
    app: Flask, demo_session: Session, monkeypatch, missing: type[Exception], sentence: str
):
    def raise_missing() -> None:
        raise missing

    monkeypatch.setattr(territory, "city_facts", raise_missing)
    result = app.test_cli_runner().invoke(args=["demo"])
    assert (result.exit_code, sentence in result.output) == (1, True), result.output
