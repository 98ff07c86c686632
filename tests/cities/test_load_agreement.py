"""`flask load-city` where a city is loaded: what another profile would change is named, and waits for a yes."""

import os
import pty
import select
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select as select_rows

from cohab_report import create_app
from cohab_report.cities import operations
from cohab_report.clock import now
from cohab_report.db import db, transaction
from cohab_report.demo import operations as demo
from cohab_report.journal import SYSTEM, Event
from cohab_report.partners import operations as accounts
from cohab_report.partners.models import Partner, Role
from cohab_report.territory.models import City, Place
from deploy.database import prepare_database
from deploy.instance import ROOT
from tests.conftest import RIVEBELLE, settings_for


@pytest.fixture(params=["sqlite", "postgres"])
def city(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[Flask]:
    """A city whose profile was loaded from the tests' folder."""
    app = create_app(settings_for(new_database(request.param, "agreement")))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The profile of the same city in another folder, where some rows read otherwise."""
    folder = Path(shutil.copytree(RIVEBELLE, tmp_path / "ville"))
    edit(folder / "partners.csv", "mon-fri 06:00-14:00", "mon-fri 05:00-13:00")
    edit(folder / "city.toml", 'P1 = "2 h"', 'P1 = "3 h"')
    lines = (folder / "places.csv").read_text(encoding="utf-8").splitlines()
    place = "gare,La Gare,The Station,transit,-1.251,47.152,no,rive-nord,"
    (folder / "places.csv").write_text("\n".join([*lines[:-1], place]) + "\n", encoding="utf-8")
    return folder


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def load_city(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["load-city", *arguments])


def rows() -> tuple[str, bool, str, int]:
    """What the other profile would change: hours, a place, the source, and how often a profile was loaded."""
    db.session.rollback()
    loads = db.session.scalars(select_rows(Event).where(Event.name == "profile.loaded")).all()
    return (
        db.session.scalars(select_rows(Partner.hours).where(Partner.code == "VOIRIE")).one(),
        db.session.scalars(select_rows(Place.is_retired).where(Place.code == "quai")).one(),
        db.session.scalars(select_rows(City.profile_source)).one(),
        len(loads),
    )


NAMED = (
    "This profile is not the one that is loaded. It would change:\n",
    "  city rivebelle: about.deadlines.P1 '2 h' -> '3 h'\n",
    "  place quai: retired\n",
    "  place gare: new\n",
    "  partner VOIRIE: hours 'mon-fri 06:00-14:00' -> 'mon-fri 05:00-13:00'\n",
)


def test_the_profile_that_is_loaded_needs_no_question(city: Flask) -> None:
    before = rows()
    done = load_city(city)
    assert (done.exit_code, done.output) == (0, "rivebelle: nothing to change\n")
    assert rows() == before and before[2] == str(RIVEBELLE)


def test_without_a_terminal_another_profile_is_named_and_not_loaded(city: Flask, other: Path) -> None:
    before = rows()
    done = load_city(city, str(other))
    assert done.exit_code == 3
    assert all(line in done.output for line in (*NAMED, f"  profile: {other}, and until now {RIVEBELLE}\n"))
    assert "Nothing was written. Is COHAB_CITY your city's profile?" in done.output
    assert rows() == before


def test_with_yes_it_is_named_and_loaded_once(city: Flask, other: Path) -> None:
    *_, loads = rows()
    done = load_city(city, str(other), "--yes")
    assert done.exit_code == 0 and all(line in done.output for line in NAMED)
    assert rows() == ("mon-fri 05:00-13:00", True, str(other), loads + 1)
    assert load_city(city, str(other)).output == "rivebelle: nothing to change\n"


def test_a_row_that_the_profile_itself_changed_since_is_asked_about_too(city: Flask, other: Path) -> None:
    assert load_city(city, str(other), "--yes").exit_code == 0
    edit(other / "partners.csv", "mon-fri 05:00-13:00", "mon-fri 04:00-12:00")
    done = load_city(city, str(other))
    assert done.exit_code == 3 and "partner VOIRIE: hours 'mon-fri 05:00-13:00' ->" in done.output
    assert "profile:" not in done.output


def test_the_same_rows_from_another_folder_are_asked_about_once(city: Flask, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(RIVEBELLE, tmp_path / "ville"))
    refused = load_city(city, str(folder))
    assert refused.exit_code == 3 and f"profile: {folder}, and until now {RIVEBELLE}" in refused.output
    assert load_city(city, str(folder), "--yes").exit_code == 0
    assert (load_city(city, str(folder)).exit_code, rows()[2]) == (0, str(folder))


def test_a_city_that_was_loaded_before_sources_were_known_is_asked_about_rows_alone(city: Flask) -> None:
    with transaction():
        db.session.scalars(select_rows(City)).one().profile_source = ""
    assert (load_city(city).exit_code, rows()[2]) == (0, str(RIVEBELLE))


def test_another_outline_is_asked_about(city: Flask, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(RIVEBELLE, tmp_path / "ville"))
    edit(folder / "boundary.geojson", '"approximate": true', '"approximate": false')
    assert "  boundary: another outline\n" in load_city(city, str(folder)).output


def test_nobody_is_asked_inside_a_transaction_and_what_changed_meanwhile_is_not_agreed_to(
    city: Flask, other: Path
) -> None:
    def agrees(_changes: Sequence[str]) -> bool:
        with transaction():  # another writer gets its turn while the question waits
            db.session.scalars(select_rows(Place).where(Place.code == "quai")).one().is_retired = True
        return True

    with pytest.raises(operations.NotAgreed):
        operations.load_city(other, None, agrees=agrees, at=now())
    hours, is_retired, source, _loads = rows()
    assert (hours, is_retired, source) == ("mon-fri 06:00-14:00", True, str(RIVEBELLE))


def test_a_city_s_own_database_keeps_its_profile_when_this_machine_starts_with_another(
    city: Flask, other: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load_city(city, str(other), "--yes").exit_code == 0
    with transaction():
        accounts.create_person(
            "nora@rivebelle.example", "Nora", Role.ADMIN, None, password_hash="x", by=SYSTEM, at=now()
        )
    assert prepare_database(city, tmp_path / "sign-ins") == 0
    printed = capsys.readouterr().out
    assert "City profile… left as it is." in printed and "place quai" in printed
    assert rows()[0] == "mon-fri 05:00-13:00"


def test_a_demo_follows_the_profile_of_the_program(city: Flask, other: Path, tmp_path: Path) -> None:
    demo.create_demo_data(at=now())
    assert load_city(city, str(other), "--yes").exit_code == 0
    assert prepare_database(city, tmp_path / "sign-ins") == 0
    assert rows()[0] == "mon-fri 06:00-14:00"


def test_a_database_without_tables_is_told_in_one_sentence(tmp_path: Path) -> None:
    app = create_app(settings_for(f"sqlite:///{tmp_path / 'empty.db'}"))
    (tmp_path / "empty.db").touch()
    with app.app_context():
        refused = load_city(app)
        db.engine.dispose()
    assert refused.exit_code == 1
    assert refused.output == "Error: the database can't be used (no such table: city): did flask db upgrade run?\n"


@pytest.mark.parametrize(("answer", "exit_code"), [("y", 0), ("n", 3), ("", 3)])
def test_at_a_terminal_a_person_is_asked(
    new_database: Callable[[str, str], str], other: Path, answer: str, exit_code: int
) -> None:
    url = new_database("sqlite", "terminal")
    assert at_terminal(url, other, answer) == exit_code
    app = create_app(settings_for(url))
    with app.app_context():
        assert (rows()[0] == "mon-fri 05:00-13:00") == (answer == "y")
        db.engine.dispose()


def at_terminal(url: str, folder: Path, answer: str) -> int:
    """Runs the command at a terminal of its own, answers its question, and returns its exit code."""
    keys = {"COHAB_SECRET_KEY": "s" * 40, "COHAB_CODE_KEY": "c" * 40, "COHAB_CONTACT_KEY": "e" * 40}
    environ = os.environ | keys | {"COHAB_ENV": "test", "COHAB_DATABASE_URL": url, "COHAB_CITY": str(folder)}
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "load-city"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdin=follower, stdout=follower, stderr=follower, start_new_session=True
    ) as process:
        os.close(follower)
        printed = b""
        with suppress(OSError):  # the terminal closes when the command ends
            while select.select([leader], [], [], 120)[0]:
                printed += os.read(leader, 4096)
                if printed.endswith(b"[y/N]: "):
                    os.write(leader, f"{answer}\n".encode())
                    printed += b"\n"
        os.close(leader)
        return process.wait(120)
