"""Loading a city profile: again, corrected, and with an official outline; nothing is lost and nothing is half
written.
"""

import csv
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cohab_report.catalogue.models import Category, Priority, Protection, Question, Signpost
from cohab_report.cities.loader import load_boundary, load_profile
from cohab_report.cities.tables import PROFILES_FOLDER
from cohab_report.csv_tables import TableRefused
from cohab_report.db import Words, db
from cohab_report.geo import Point
from cohab_report.journal import Event
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action, ActionStatus
from cohab_report.routing.models import Rule
from cohab_report.routing.operations import RuleDraft, retire_rule, save_rule
from cohab_report.territory.models import Boundary, City, Place, Sector
from cohab_report.territory.queries import city_facts
from cohab_report.triage.waiting.models import Queue
from tests.cast import Cast

RIVEBELLE = Path(__file__).parent / "rivebelle"
SHIPPED = [folder for folder in sorted(PROFILES_FOLDER.iterdir()) if (folder / "city.toml").exists()]
LATER = datetime(2031, 5, 4, 12, tzinfo=UTC)
OFFICIAL = [
    [-1.31, 47.11],
    [-1.25, 47.105],
    [-1.19, 47.12],
    [-1.18, 47.17],
    [-1.22, 47.19],
    [-1.30, 47.18],
    [-1.31, 47.11],
]
Mend = Callable[[str, str, dict[str, str]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the loaded city's profile, that a test may change."""
    return Path(shutil.copytree(RIVEBELLE, tmp_path / "ville"))


@pytest.fixture
def mend(folder: Path) -> Mend:
    """Returns a function that changes some values of the row with this code."""

    def change(file: str, code: str, values: dict[str, str]) -> None:
        rows = list(csv.DictReader((folder / file).read_text(encoding="utf-8").splitlines()))
        write(folder / file, [row | values if row["code"] == code else row for row in rows])

    return change


def write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def drop(path: Path, code: str) -> None:
    """The row of this code leaves the file."""
    write(path, [row for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()) if row["code"] != code])


def one(model: Any, code: str) -> Any:
    return db.session.scalars(select(model).where(model.code == code)).one()


def everything(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as it is written."""
    session.flush()
    tables = [table for table in db.metadata.sorted_tables if table.name not in ("event", "boundary")]
    return {table.name: sorted((tuple(row) for row in session.execute(table.select())), key=repr) for table in tables}


@pytest.fixture
def empty_database(session: Session) -> Session:
    """A database with its tables, and no city."""
    for table in reversed(db.metadata.sorted_tables):
        session.execute(table.delete())
    session.expire_all()
    return session


def test_a_second_load_changes_nothing(session: Session) -> None:
    before = everything(session)
    report = load_profile(RIVEBELLE, at=LATER)
    assert report.changed_nothing
    assert str(report) == "rivebelle: nothing to change"
    assert everything(session) == before
    assert not session.scalar(select(func.count()).select_from(Event).where(Event.happened_at == LATER))


@pytest.mark.parametrize("profile", SHIPPED, ids=lambda folder: folder.name)
def test_a_shipped_city_fills_an_empty_database_once(empty_database: Session, profile: Path) -> None:
    report = load_profile(profile, at=LATER)
    assert (report.tables["action"].created, report.tables["category"].created, report.outline_is_new) == (52, 22, True)
    empty_database.commit()
    before = everything(empty_database)
    assert load_profile(profile, at=LATER + timedelta(days=1)).changed_nothing
    assert everything(empty_database) == before


def test_rows_come_out_as_the_files_say(session: Session) -> None:
    litter, worry = one(Category, "DECHET-1"), one(Category, "SOUCI")
    assert (litter.priority, litter.lead.code, [action.code for action in litter.actions]) == (
        Priority.P3,
        "VOIRIE",
        ["BER-1"],
    )
    assert (worry.protection, worry.signpost_codes, worry.near_protected) == (
        Protection.NEVER_PUBLIC,
        ["A", "C"],
        "sector",
    )
    glass = session.scalars(select(Question).where(Question.code == "verre")).one()
    assert (glass.option_codes, glass.raises, glass.words_of("yes").fr) == (("yes", "no"), {"yes": 2}, "Oui")
    assert one(Signpost, "A").body.fr.splitlines() == ["Danger\u00a0: appelez maintenant.", "Rien n’est conservé."]
    assert (one(Place, "rue-haute").is_street, one(Place, "rue-haute").name.en, one(Place, "quai").kind) == (
        True,
        "Rue Haute",
        "waterfront",
    )
    assert (one(Rule, "mercis-sud").places, one(Rule, "mercis-sud").partner.code) == (["jardin-des-saules"], "VOIRIE")
    assert [action.code for action in one(Queue, "verification").actions] == ["TOI-1"]
    city = session.scalars(select(City)).one()
    assert (city.time_zone, city.lattice.dlon, city.about["team"]["partner"], city.about["deadlines"]["P1"]) == (
        "Europe/Paris",
        0.002,
        "MAIRIE",
        "2 h",
    )


def test_a_profile_with_one_mistake_writes_nothing(session: Session, mend: Mend, folder: Path) -> None:
    before = everything(session)
    mend("sectors.csv", "rive-nord", {"name_fr": "Rive du Nord"})
    mend("rules.csv", "mercis", {"partner": "MARIE"})
    with pytest.raises(TableRefused):
        load_profile(folder, at=LATER)
    assert everything(session) == before
    assert not session.new and not session.dirty


def test_what_was_corrected_is_changed_and_recorded_in_the_journal(session: Session, mend: Mend, folder: Path) -> None:
    mend("partners.csv", "VOIRIE", {"hours": "mon-fri 05:00-13:00", "purposes": "maintenance;safety;thanks;mediation"})
    mend("categories.csv", "DECHET-1", {"actions": "BER-2;BER-1", "priority": "P2"})
    mend("questions.csv", "verre", {"raises": "yes:P1"})
    report = load_profile(folder, at=LATER)
    assert {name: table_report.changed for name, table_report in report.tables.items() if table_report} == {
        "partner": 1,
        "category": 1,
        "question": 1,
    }
    session.commit()
    assert one(Partner, "VOIRIE").hours == "mon-fri 05:00-13:00"
    assert [action.code for action in one(Category, "DECHET-1").actions] == ["BER-1", "BER-2"]
    event = session.scalars(select(Event).where(Event.name == "profile.loaded", Event.happened_at == LATER)).one()
    assert (event.thread, event.actor, event.facts["tables"]["partner"]) == ("rivebelle", "system", [0, 1, 0])
    assert session.scalars(select(City)).one().loaded_at == LATER


def test_a_row_that_left_the_file_is_retired_and_serves_again_when_it_is_back(session: Session, folder: Path) -> None:
    quay = one(Place, "quai")
    drop(folder / "places.csv", "quai")
    assert load_profile(folder, at=LATER).tables["place"].retired == 1
    assert one(Place, "quai").id == quay.id and quay.is_retired
    assert load_profile(folder, at=LATER).changed_nothing
    assert load_profile(RIVEBELLE, at=LATER).tables["place"].changed == 1
    assert not quay.is_retired


def test_a_status_that_the_pilot_changed_stays_while_its_words_are_mended(
    session: Session, mend: Mend, folder: Path
) -> None:
    one(Action, "BER-2").status = ActionStatus.DONE
    session.flush()
    assert load_profile(folder, at=LATER).changed_nothing
    mend("actions.csv", "BER-2", {"title_fr": "Éclairer tout le quai", "status": "postponed", "support": "MAIRIE"})
    load_profile(folder, at=LATER)
    session.commit()
    action = one(Action, "BER-2")
    assert (action.status, action.title.fr, [partner.code for partner in action.support]) == (
        ActionStatus.DONE,
        "Éclairer tout le quai",
        ["MAIRIE"],
    )


GARDEN = RuleDraft(
    "jardin", 38, "MAIRIE", Words("Au quai, la mairie.", "On the quay, the town hall."), ["SOUCI"], places=["quai"]
)
CALM = RuleDraft("calme", 30, "MARAUDE", Words("La maraude y va.", "Outreach goes."), ["LIEU-2"])


def test_a_rule_that_a_person_added_is_neither_retired_nor_changed_and_is_named(session: Session, cast: Cast) -> None:
    save_rule(GARDEN, read_version=None, by=cast.admin, at=LATER)
    session.commit()
    report = load_profile(RIVEBELLE, at=LATER)
    assert report.changed_nothing
    assert str(report) == "rivebelle: nothing to change\n  rule: jardin left alone, a person added it"
    added = one(Rule, "jardin")
    assert (added.is_retired, added.version, added.edited_by) == (False, 1, cast.admin)


def test_a_profile_rule_with_the_code_of_a_person_s_is_reported_and_overwrites_nothing(
    session: Session, cast: Cast, folder: Path, mend: Mend
) -> None:
    save_rule(GARDEN, read_version=None, by=cast.admin, at=LATER)
    text = (folder / "rules.csv").read_text(encoding="utf-8")
    (folder / "rules.csv").write_text(f"{text}jardin,46,SOUCI,,,,any,closed,MAIRIE,Autre,Other\n", encoding="utf-8")
    mend("rules.csv", "mercis", {"because_fr": "La mairie remercie."})
    report = load_profile(folder, at=LATER)
    assert report.tables["rule"].left_alone == {"jardin": "a person's rule has this code already"}
    assert (report.tables["rule"].created, report.tables["rule"].changed) == (0, 1)
    assert (one(Rule, "jardin").position, one(Rule, "jardin").hours) == (38, "any")
    assert one(Rule, "mercis").because_fr == "La mairie remercie.", "other rules of the profile are changed as ever"
    assert one(Rule, "mercis").version == 2


def test_a_rule_of_the_profile_that_a_person_edited_stays_as_edited_when_the_profile_changes_or_drops_it(
    session: Session, cast: Cast, folder: Path, mend: Mend
) -> None:
    save_rule(CALM, read_version=1, by=cast.admin, at=LATER)
    retire_rule("mercis-sud", read_version=1, by=cast.admin, at=LATER)
    session.commit()
    mend("rules.csv", "calme", {"position": "31"})
    report = load_profile(folder, at=LATER)
    assert report.tables["rule"].left_alone == {"calme": "a person edited it", "mercis-sud": "a person edited it"}
    calm, garden = one(Rule, "calme"), one(Rule, "mercis-sud")
    assert (calm.position, calm.partner.code, calm.version, garden.is_retired) == (30, "MARAUDE", 2, True)
    mend("rules.csv", "mercis", {"categories": "BIEN-1;LIEU-2"})
    drop(folder / "rules.csv", "calme")
    assert load_profile(folder, at=LATER).tables["rule"].left_alone["calme"] == "a person edited it"
    assert not one(Rule, "calme").is_retired


def test_an_edited_rule_that_the_profile_has_come_to_agree_with_is_not_named(
    session: Session, cast: Cast, folder: Path, mend: Mend
) -> None:
    save_rule(CALM, read_version=1, by=cast.admin, at=LATER)
    agreed = {"partner": "MARAUDE", "because_fr": "La maraude y va.", "because_en": "Outreach goes."}
    mend("rules.csv", "calme", agreed)
    report = load_profile(folder, at=LATER)
    assert report.tables["rule"].left_alone == {}
    assert str(report) == "rivebelle: nothing to change"


def test_what_the_profile_and_people_break_only_together_is_named_and_stops_nothing(
    session: Session, cast: Cast, folder: Path, mend: Mend
) -> None:
    save_rule(CALM, read_version=1, by=cast.admin, at=LATER)
    save_rule(GARDEN, read_version=None, by=cast.admin, at=LATER)
    mend("partners.csv", "MARAUDE", {"purposes": "wellbeing"})
    mend("rules.csv", "mercis-sud", {"position": "38"})
    report = load_profile(folder, at=LATER)
    assert report.broken_promises == (
        "rule calme: 'MARAUDE' does not work for mediation, as LIEU-2 asks",
        "rule jardin: two rules have this position, so which comes first can't be told: see 'mercis-sud'",
        "rule mercis-sud: two rules have this position, so which comes first can't be told: see 'jardin'",
    )
    assert "  to mend: rule calme: 'MARAUDE' does not work for mediation" in str(report)
    assert one(Rule, "mercis-sud").position == 38
    assert one(Partner, "MARAUDE").purposes == ["wellbeing"]


def test_one_installation_serves_one_city(session: Session) -> None:
    with pytest.raises(TableRefused) as refused:
        load_profile(SHIPPED[0], at=LATER)
    assert "this installation serves 'rivebelle'" in str(refused.value)
    assert session.scalar(select(func.count()).select_from(Sector)) == 2


def official(tmp_path: Path, ring: list[list[float]], kind: str = "Feature") -> Path:
    """A file as a city would bring it."""
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "geometry": geometry, "properties": {"source": "Cadastre"}}
    documents = {
        "Polygon": geometry,
        "Feature": feature,
        "FeatureCollection": {"type": "FeatureCollection", "features": [feature]},
    }
    documents["MultiPolygon"] = {"type": "MultiPolygon", "coordinates": [[ring]]}
    path = tmp_path / "officiel.geojson"
    path.write_text(json.dumps(documents[kind]), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["Polygon", "MultiPolygon", "Feature", "FeatureCollection"])
def test_the_official_outline_takes_over_and_a_reload_leaves_it(session: Session, tmp_path: Path, kind: str) -> None:
    path = official(tmp_path, OFFICIAL, kind)
    assert load_boundary(path, at=LATER).is_new
    session.commit()
    assert not load_boundary(path, at=LATER).is_new
    assert load_profile(RIVEBELLE, at=LATER).changed_nothing
    latest = session.scalars(select(Boundary).order_by(Boundary.id.desc())).first()
    assert latest is not None and not latest.is_approximate
    assert session.scalar(select(func.count()).select_from(Boundary)) == 2


def test_the_official_outline_decides_which_points_are_in_the_city(session: Session, tmp_path: Path) -> None:
    edge = Point(-1.315, 47.115)
    assert city_facts().contains(edge)
    load_boundary(official(tmp_path, OFFICIAL), at=LATER)
    session.commit()
    assert not city_facts().contains(edge)


def test_places_and_sites_that_the_official_outline_leaves_out_are_named(session: Session, tmp_path: Path) -> None:
    narrow = [[-1.31, 47.145], [-1.2, 47.145], [-1.2, 47.18], [-1.31, 47.18], [-1.31, 47.145]]
    report = load_boundary(official(tmp_path, narrow), at=LATER)
    assert (report.places_outside, report.sites_outside) == (("jardin-des-saules",), ("ecole",))
    assert str(report).endswith("outside of it: jardin-des-saules\n  outside of it, protects nothing: ecole")


def test_a_site_outside_of_the_official_outline_is_warned_of_whenever_the_profile_is_loaded(
    session: Session, tmp_path: Path
) -> None:
    narrow = [[-1.31, 47.145], [-1.2, 47.145], [-1.2, 47.18], [-1.31, 47.18], [-1.31, 47.145]]
    load_boundary(official(tmp_path, narrow), at=LATER)
    report = load_profile(RIVEBELLE, at=LATER)
    said = "protected_sites.csv:3:lon: warning: the site lies outside of the official outline: it protects nothing"
    assert report.changed_nothing and str(report) == f"rivebelle: nothing to change\n  {said}"


@pytest.mark.parametrize(
    ("ring", "words"),
    [
        ([[-1.2, 47.11], [-1.18, 47.11], [-1.18, 47.13], [-1.2, 47.11]], "does not hold the city's reference point"),
        (
            [[47.1, -1.32], [47.2, -1.32], [47.2, -1.18], [47.1, -1.18], [47.1, -1.32]],
            "GeoJSON has the longitude first",
        ),
        ([[-3, 46], [1, 46], [1, 48], [-3, 48], [-3, 46]], "reaches beyond the box of city.toml"),
        ([[-1.3, 47.1], [-1.2, 47.2], [-1.2, 47.1], [-1.3, 47.2], [-1.3, 47.1]], "not valid: Self-intersection"),
    ],
    ids=["elsewhere", "exchanged", "too large", "crossing itself"],
)
def test_an_outline_that_can_t_be_this_city_s_is_refused(
    session: Session, tmp_path: Path, ring: list[list[float]], words: str
) -> None:
    with pytest.raises(TableRefused) as refused:
        load_boundary(official(tmp_path, ring), at=LATER)
    assert words in str(refused.value)
    assert session.scalar(select(func.count()).select_from(Boundary)) == 1


def test_an_outline_before_any_city_is_refused(empty_database: Session, tmp_path: Path) -> None:
    with pytest.raises(TableRefused, match="no city is loaded yet"):
        load_boundary(official(tmp_path, OFFICIAL), at=LATER)


def test_the_terminal_names_mistakes_and_fails(app: Flask, session: Session, mend: Mend, folder: Path) -> None:
    mend("rules.csv", "mercis", {"partner": "MARIE"})
    done = app.test_cli_runner().invoke(args=["load-city", str(folder)])
    assert done.exit_code == 1
    assert "rules.csv:7:partner: no row of partners.csv has the code 'MARIE', did you mean 'MAIRIE'?" in done.output
    assert "nothing was written" in done.output


def test_the_terminal_checks_and_loads_the_city_of_the_settings(app: Flask, session: Session, tmp_path: Path) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["check-city"]).output == "rivebelle: no mistake in 17 tables\n"
    done = runner.invoke(args=["load-city", "--boundary", str(official(tmp_path, OFFICIAL))])
    assert (done.exit_code, done.output) == (0, "rivebelle: nothing to change\nboundary: a new outline\n")
