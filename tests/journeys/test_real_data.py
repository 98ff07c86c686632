"""Demo data goes only into a database that demo made, or an empty one; what it holds counts, not the settings."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from cohab_report import create_app
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.demo import operations as demo
from cohab_report.intake.models import Observation
from cohab_report.journal import SYSTEM
from cohab_report.partners import operations as accounts
from cohab_report.partners.models import Person, Role
from deploy.database import prepare_database
from tests import factories
from tests.conftest import settings_for


@pytest.fixture(params=["sqlite", "postgres"])
def city(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[Flask]:
    """A city that was just set up, not in production by its settings."""
    app = create_app(settings_for(new_database(request.param, "real_data")))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def counts() -> tuple[int, int]:
    people, observations = (db.session.scalar(select(func.count()).select_from(each)) for each in (Person, Observation))
    return people or 0, observations or 0


def someone_works_here() -> None:
    accounts.create_person("nora@rivebelle.example", "Nora", Role.ADMIN, None, password_hash="x", by=SYSTEM, at=now())


def someone_reported() -> None:
    factories.observation(at=now())


@pytest.mark.parametrize("act", [someone_works_here, someone_reported])
def test_a_start_with_the_address_of_a_real_database_leaves_it_as_it_is_and_starts_all_the_same(
    city: Flask, tmp_path: Path, capsys: pytest.CaptureFixture[str], act: Callable[[], None]
) -> None:
    with transaction():
        act()
    before = counts()
    for demo_act in (demo.create_demo_data, demo.delete_demo_data):
        with pytest.raises(demo.RealDataFound):
            demo_act(at=now())
    refused = city.test_cli_runner().invoke(args=["demo"])
    assert refused.exit_code == 1 and "may be real" in refused.output
    assert prepare_database(city, tmp_path / "sign-ins") == 0
    assert "No demo data" in capsys.readouterr().out and (tmp_path / "sign-ins").read_text() == ""
    assert counts() == before


def test_a_trial_that_became_a_city_s_own_is_not_made_a_demo_again(city: Flask, tmp_path: Path) -> None:
    assert prepare_database(city, tmp_path / "sign-ins") == 0
    with transaction():
        demo.delete_demo_data(at=now())
        someone_works_here()
        someone_reported()
    before = counts()
    assert prepare_database(city, tmp_path / "sign-ins") == 0
    assert counts() == before and (tmp_path / "sign-ins").read_text() == ""


def test_what_visitors_of_a_demo_reported_does_not_make_it_real(city: Flask, tmp_path: Path) -> None:
    assert prepare_database(city, tmp_path / "sign-ins") == 0
    with transaction():
        someone_reported()
    people, observations = counts()
    assert people == 6 and observations > 150
    assert prepare_database(city, tmp_path / "sign-ins") == 0
    assert counts() == (people, observations) and "@demo.test" in (tmp_path / "sign-ins").read_text()
