"""A trial's made-up year: made once, by real operations, showing everything, and refused where residents are real."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cohab_report.catalogue import queries as catalogue
from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.demo import operations as demo
from cohab_report.demo import queries as made_up
from cohab_report.errors import NotThere, Unavailable
from cohab_report.intake import operations as intake
from cohab_report.intake.contacts import operations as contacts
from cohab_report.intake.contacts.models import Contact
from cohab_report.intake.inquiries import operations as inquiries
from cohab_report.intake.inquiries.models import Inquiry
from cohab_report.intake.models import Channel, Observation, Status
from cohab_report.journal import Event
from cohab_report.partners import operations as partners
from cohab_report.partners.models import Person, Role
from cohab_report.routing.models import Handover, HandoverState
from cohab_report.territory import queries as territory
from cohab_report.territory.models import Sector
from cohab_report.triage import operations, queries
from cohab_report.triage.models import Case, CaseState, ClosingReason, Link, Occupancy
from cohab_report.triage.waiting import queries as waiting
from tests import factories

PASSWORD = "saule-quai-halle"


@contextmanager
def inside_a_transaction() -> Iterator[None]:
    """What the command's own transaction does for it, but left open, so that a test can be undone."""
    db.session.info["in_transaction"] = True
    try:
        yield
    finally:
        db.session.info.pop("in_transaction", None)


@pytest.fixture(scope="module")
def filled(app: Flask) -> Iterator[demo.DemoReport]:
    """The made-up year of the made-up city, told once for all stories here and undone after them."""
    with app.app_context():
        engines = db._app_engines[app]
        engine = engines[None]
        connection = engine.connect()
        outer = connection.begin()
        engines[None] = connection  # type: ignore[assignment]
        db.session.remove()
        db.session.configure(join_transaction_mode="create_savepoint")
        try:
            with inside_a_transaction():
                report = demo.fill(PASSWORD, at=now())
            db.session.commit()
            yield report
        finally:
            db.session.remove()
            engines[None] = engine
            outer.rollback()
            connection.close()


@pytest.fixture
def story(filled: demo.DemoReport) -> Iterator[Session]:
    """A session on the made-up year; what a test changes in it is undone."""
    with inside_a_transaction():
        yield db.session()
    db.session.rollback()


def rows() -> dict[str, int]:
    counted = (Person, Observation, Case, Link, Handover, Event)
    return {model.__tablename__: db.session.scalar(select(func.count()).select_from(model)) or 0 for model in counted}


def test_a_year_is_made_and_each_of_it_is_labelled(filled: demo.DemoReport, story: Session):
    channels = Counter(story.scalars(select(Observation.channel)))
    assert 150 <= filled.made <= 300
    assert channels == {Channel.DEMO: filled.made}


def test_every_queue_has_something_that_waits(story: Session):
    assert {count.queue.code for count in waiting.counts(at=now()) if count.waiting == 0} == set()


def test_every_state_status_and_outcome_is_shown(story: Session):
    assert set(story.scalars(select(Case.state))) == set(CaseState)
    assert set(story.scalars(select(Observation.status))) == set(Status)
    assert set(story.scalars(select(Case.occupancy))) == set(Occupancy)
    assert set(story.scalars(select(Case.closing_reason).where(Case.closing_reason.is_not(None)))) == set(ClosingReason)
    # Nothing lets an offer lapse by itself yet.
    assert set(story.scalars(select(Handover.state))) >= set(HandoverState) - {HandoverState.EXPIRED}


def test_every_category_of_the_form_and_every_sector_is_there(story: Session):
    observed = select(Observation.category_id).distinct()
    assert set(story.scalars(observed)) == {
        category.id for category in catalogue.categories() if category.opens_the_form
    }
    assert set(story.scalars(select(Observation.sector_id))) == set(story.scalars(select(Sector.id)))


def test_history_keeps_its_order_and_none_of_it_is_in_the_future(story: Session):
    latest = now()
    for case in story.scalars(select(Case)):
        assert case.opened_at <= (case.accepted_at or case.opened_at) <= (case.closed_at or latest) <= latest
    assert max(story.scalars(select(Event.happened_at))) <= latest
    assert (
        latest - timedelta(days=366)
        < min(story.scalars(select(Observation.received_at)))
        < latest - timedelta(days=200)
    )


def test_whoever_reads_a_case_now_is_told_of_nothing_that_came_before(story: Session):
    # Who has acted on a case that somebody else changed is told what happened since, by the version that was read.
    since = {
        case.reference: [event.name for event in queries.changes_since(case, case.version)]
        for case in story.scalars(select(Case))
    }
    assert {reference: names for reference, names in since.items() if names} == {}


def test_no_worker_is_told_of_what_happened_long_ago(story: Session):
    assert story.scalar(select(func.count()).select_from(Event).where(Event.done_at.is_(None))) == 0


def test_locked_places_stay_locked_for_works(story: Session):
    works = made_up.works_partner()
    for handover in story.scalars(select(Handover).where(Handover.partner_id == works.id)):
        assert not (handover.is_standing and handover.case.works_are_locked)


def test_one_can_sign_in_as_each_of_them(filled: demo.DemoReport, story: Session):
    people = [partners.sign_in(each.email, PASSWORD, at=now()) for each in filled.sign_ins]
    assert {person.role for person in people} == set(Role)
    assert {person.email: person.partner.code for person in people if person.partner and person.role is Role.PARTNER} == {
        "lin@demo.test": "VOIRIE", "noor@demo.test": "MARAUDE",
    }  # fmt: skip


def test_its_follow_up_codes_open_their_observations(filled: demo.DemoReport, story: Session):
    assert [intake.follow(code).status for _, code in filled.codes] == [Status.DONE, Status.TAKEN_UP]


def test_asking_twice_doubles_nothing_and_keeps_the_passwords(filled: demo.DemoReport, story: Session):
    before = rows()
    again = demo.fill(PASSWORD, at=now())
    assert (again.made, again.there, again.codes, rows()) == (0, filled.made, filled.codes, before)


def test_another_password_ends_the_sessions_of_the_old_one(filled: demo.DemoReport, story: Session):
    demo.fill("autre-mot-passe", at=now())
    assert {person.session_version for person in made_up.demo_people()} == {2}


def test_without_a_password_one_is_made_up(app: Flask, story: Session):
    first, second = (demo.fill(at=now()).sign_ins[0].password for _ in range(2))
    assert first != second and len(first) == 14


def test_residents_words_say_that_they_are_made_up(story: Session):
    texts = set(story.scalars(select(Observation.text).where(Observation.text != "")))
    assert texts and all(text.endswith("(texte d’essai)") for text in texts)
    assert [flags for flags in story.scalars(select(Observation.text_flags)) if flags] == []


def test_reset_takes_away_what_is_made_up_and_nothing_else(filled: demo.DemoReport, story: Session):
    mine = factories.observation(at=now())
    joined = factories.case(at=now())
    into = story.scalars(select(Case).where(Case.state == CaseState.ACCEPTED)).first()
    assert into is not None
    operations.merge(joined, into=into, by=made_up.demo_people()[0], at=now())
    tried_out = into.observations[0]
    contacts.ask(tried_out, "rosa@courriel.example", language="fr", at=now())
    inquiries.ask(tried_out, "Quel côté ?", by=made_up.demo_people()[0], at=now())
    assert demo.empty(at=now()) == filled.made
    assert set(story.scalars(select(Observation.channel))) == {Channel.WEB}
    assert story.scalars(select(Contact.id)).all() == [] and story.scalars(select(Inquiry.id)).all() == []
    assert {case.reference for case in story.scalars(select(Case))} == {
        mine.reference,
        joined.reference,
        into.reference,
    }
    assert not any(person.is_active for person in made_up.demo_people())


def test_after_a_reset_it_can_be_made_again(filled: demo.DemoReport, story: Session):
    demo.empty(at=now())
    assert demo.fill(PASSWORD, at=now()).made == filled.made
    assert all(person.is_active for person in made_up.demo_people())


def test_production_refuses_it(app: Flask, story: Session):
    real = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(real, env="production")
    before = rows()
    try:
        with pytest.raises(demo.NotHere):
            demo.fill(PASSWORD, at=now())
        with pytest.raises(demo.NotHere):
            demo.empty(at=now())
        told = app.test_cli_runner().invoke(args=["demo"])
    finally:
        app.config["SETTINGS"] = real
    assert told.exit_code == 1 and "refused where COHAB_ENV=production" in told.output
    assert rows() == before


def test_the_command_prints_how_to_sign_in(app: Flask, story: Session):
    told = app.test_cli_runner().invoke(args=["demo", "--password", PASSWORD])
    assert told.exit_code == 0, told.output
    assert [line.split()[:2] for line in told.output.splitlines() if "@demo.test" in line] == [
        [f"{name}@demo.test", PASSWORD] for name in ("ana", "lin", "noor", "omar", "comite", "admin")
    ]


@pytest.mark.parametrize(("missing", "told"), [(Unavailable, "flask load-city"), (NotThere, "the city profile needs")])
def test_where_it_can_not_be_made_it_says_what_is_missing(
    app: Flask, story: Session, monkeypatch, missing: type[Exception], told: str
):
    def ground() -> None:
        raise missing

    monkeypatch.setattr(territory, "ground", ground)
    answer = app.test_cli_runner().invoke(args=["demo"])
    assert (answer.exit_code, told in answer.output) == (1, True), answer.output
