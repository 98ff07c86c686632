"""`flask new-city`: a profile that passes as it is, loads on both databases, and takes a resident's observation."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import time_machine
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category
from cohab_report.cities.columns import PROFILE_COLUMNS
from cohab_report.cities.loader import check_profile
from cohab_report.cities.skeleton import SKELETON_FOLDER
from cohab_report.db import db
from cohab_report.intake.models import Observation
from cohab_report.routing import operations as routing
from cohab_report.territory.models import City
from cohab_report.triage.models import Case
from tests.factories import MONDAY
from tests.page import Page

Run = Callable[..., Result]
SEEN_BY_ALL = ("resident.home", "resident.help_now", "resident.observations", "plan.index", "resident.offline_form")


@pytest.fixture
def run(app: Flask) -> Run:
    return lambda *arguments: app.test_cli_runner().invoke(args=[str(each) for each in arguments])


@pytest.fixture
def folder(tmp_path: Path, run: Run) -> Path:
    """The skeleton of a new city."""
    folder = tmp_path / "Saint-Élie sur Rive"
    assert run("new-city", folder).exit_code == 0
    return folder


@pytest.fixture
def new_city(session: Session, page: Page, run: Run, folder: Path) -> Iterator[Page]:
    """A visitor of a new city, whose database held nothing but its tables."""
    for table in reversed(db.metadata.sorted_tables):
        session.execute(table.delete())
    session.commit()
    loaded = run("load-city", folder)
    assert loaded.exit_code == 0, loaded.output
    with time_machine.travel(MONDAY, tick=False):
        yield page


def test_the_skeleton_has_every_file_with_comments_and_passes(folder: Path, run: Run) -> None:
    files = {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}
    assert set(files) == {"city.toml", "boundary.geojson", *(f"{name}.csv" for name in PROFILE_COLUMNS)}
    assert all(text.startswith("# ") for name, text in files.items() if name != "boundary.geojson")
    checked = run("check-city", folder)
    assert checked.exit_code == 0
    assert checked.output.endswith("saint_elie_sur_rive: no mistake in 17 tables\n")


def test_every_file_of_the_skeleton_shows_a_row() -> None:
    assert all(table.rows for table in check_profile(SKELETON_FOLDER).tables.values())


def test_that_the_skeleton_is_still_in_the_sea_is_a_warning(folder: Path) -> None:
    (warning,) = check_profile(folder).warnings
    assert str(warning).endswith("warning: the city still lies in the open sea, where `flask new-city` put it")


@pytest.mark.parametrize(
    ("name", "code"), [("laval", "laval"), ("3R", "ville"), ("Été 2026", "ete_2026"), ("城", "ville")]
)
def test_the_city_s_code_is_made_of_the_folder_s_name(tmp_path: Path, run: Run, name: str, code: str) -> None:
    assert run("new-city", tmp_path / "cities" / name).exit_code == 0
    assert check_profile(tmp_path / "cities" / name).city_toml["code"] == code


def test_an_empty_folder_is_filled(tmp_path: Path, run: Run) -> None:
    (tmp_path / "laval").mkdir()
    assert run("new-city", tmp_path / "laval").exit_code == 0


def test_what_is_there_is_never_written_over(tmp_path: Path, run: Run) -> None:
    folder, file = tmp_path / "laval", tmp_path / "file"
    folder.mkdir()
    (folder / ".hidden").write_text("mine", encoding="utf-8")
    file.write_text("mine", encoding="utf-8")
    for target in (folder, file, file / "below"):
        refused = run("new-city", target)
        assert refused.exit_code == 1 and "nothing was written" in refused.output
    assert [path.name for path in folder.iterdir()] == [".hidden"] and file.read_text(encoding="utf-8") == "mine"


def answers(category: Category) -> dict[str, str]:
    return {f"answer_{question.code}": "no" for question in category.questions if question.is_required}


def test_a_resident_of_a_new_city_sends_an_observation_of_every_category(new_city: Page) -> None:
    sent = [category.code for category in catalogue.categories() if category.opens_the_form]
    for code in sent:
        category = catalogue.category_or_refuse(code)
        kind, is_asked = category.kind.value, category.asks_belongings
        new_city.client = new_city.app.test_client()
        new_city.post("/signaler/", {"help": "no", "sujet": kind})
        new_city.post("/signaler/lieu", {"place": "parc-central", "lon": "", "lat": ""})
        if kind != "concern":
            new_city.post("/signaler/categorie", {"category": code})
        observed = {"text": "", "observed_on": MONDAY.date().isoformat()}
        new_city.post("/signaler/questions", observed | answers(catalogue.category_or_refuse(code)))
        if is_asked:
            new_city.post("/signaler/effets", {"belongings": "no"})
        new_city.submit(new_city.get("resident.review"), {}, action="/signaler/envoyer")
        assert new_city.get("resident.receipt").xpath("string(//output)").strip()
    assert db.session.scalar(select(func.count()).select_from(Observation)) == len(sent) == 5
    cases = db.session.scalars(select(Case)).all()
    assert {case.category.code for case in cases} == set(sent)
    assert all(routing.suggest_partner(case, at=MONDAY) for case in cases)
    assert db.session.scalars(select(City.code)).one() == "saint_elie_sur_rive"


def test_everybody_reads_the_pages_of_a_new_city(new_city: Page) -> None:
    for endpoint in SEEN_BY_ALL:
        assert new_city.get(endpoint).xpath("string(//h1)").strip()
    assert "Vider les poubelles deux fois par jour" in new_city.get("plan.index").text_content()


EMPTY_FILES = ("districts", "places", "streets", "questions", "sources", "fields", "actions", "legal_grounds")
NAMING_COLUMNS = ("actions", "source", "sources")


@pytest.fixture
def least_city(folder: Path, session: Session, page: Page, run: Run) -> Page:
    """A visitor of a city whose profile has only what it needs."""
    for path in folder.glob("*.csv"):
        rows = list(csv.DictReader(line for line in path.read_text(encoding="utf-8").splitlines() if line[0] != "#"))
        kept = [] if path.stem in EMPTY_FILES else [row for row in rows if row.get("transfer_only") != "yes"]
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows({**row, **{name: "" for name in NAMING_COLUMNS if name in row}} for row in kept)
    for table in reversed(db.metadata.sorted_tables):
        session.execute(table.delete())
    session.commit()
    loaded = run("load-city", folder)
    assert loaded.exit_code == 0, loaded.output
    return page


def test_a_city_without_a_plan_and_without_places_serves_its_pages_and_takes_a_point(least_city: Page) -> None:
    for endpoint in SEEN_BY_ALL:
        assert least_city.get(endpoint).xpath("string(//h1)").strip()
    with time_machine.travel(MONDAY, tick=False):
        least_city.post("/signaler/", {"help": "no", "sujet": "positive"})
        least_city.post("/signaler/lieu", {"place": "", "lon": "-45.01", "lat": "45.01"})
        least_city.post("/signaler/categorie", {"category": "MERCI"})
        least_city.post("/signaler/questions", {"text": "", "observed_on": MONDAY.date().isoformat()})
        least_city.submit(least_city.get("resident.review"), {}, action="/signaler/envoyer")
        assert least_city.get("resident.receipt").xpath("string(//output)").strip()
