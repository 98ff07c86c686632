"""The two of the ten guard rails that pages keep; the others are in tests/triage/test_operations.py, by number."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from cohab_report import create_app
from cohab_report.catalogue import deadlines
from cohab_report.catalogue.models import Priority
from cohab_report.db import db
from cohab_report.demo import operations as demo
from cohab_report.intake.models import Observation
from tests.conftest import settings_for

SATURDAY_NIGHT = datetime(2026, 11, 14, 22, 0, tzinfo=UTC)


def test_guard_rail_6_outside_hours_the_fallback_is_read_before_anything_is_sent(page, session):
    with time_machine.travel(SATURDAY_NIGHT, tick=False):
        page.post("/signaler/", {"help": "no", "sujet": "concern"})
        page.post("/signaler/lieu", {"place": "quai"})
        page.post("/signaler/questions", {"text": "", "observed_on": "2026-11-14", "answer_danger": "no"})
        review = page.get("resident.review").text_content()
    assert "L’équipe est absente en ce moment" in review
    assert "115" in review, "whom to call instead, by the profile's own numbers"
    assert session.scalars(select(Observation)).all() == []


def test_guard_rail_6_the_citys_staffed_hours_are_counted_from_the_next_opening(session):
    opening = datetime(
        2026, 11, 16, 8, 0, tzinfo=UTC
    )  # Monday 9 h in the made-up city's zone; it closes from 12 h to 14 h
    assert deadlines.due_at(Priority.P1, SATURDAY_NIGHT) == opening + timedelta(hours=2)


def test_guard_rail_10_pages_say_so_where_people_are_made_up(page, session, cast):
    assert "données fictives" not in page.get("resident.home").text_content()
    cast.ana.is_demo = True
    session.commit()
    assert "données fictives" in page.get("resident.home").text_content()


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_guard_rail_10_where_residents_are_real_nothing_is_made_up(engine, new_database):
    live = settings_for(
        new_database(engine, "live"), env="production", base_url="https://rivebelle.example", code_key="d" * 40
    )
    app = create_app(live)
    with app.app_context():
        with pytest.raises(demo.DemoRefused):
            demo.create_demo_data(at=SATURDAY_NIGHT)
        assert db.session.scalars(select(Observation)).all() == []
        db.session.remove()
        db.engine.dispose()
