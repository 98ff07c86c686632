"""Migrations create exactly the tables of the models, and drop them again, on both databases.

A migration after the tenth is named by its day, and has a test in which a row goes through it.
"""

import ast
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from alembic.script import ScriptDirectory
from flask_migrate import check, downgrade, revision, upgrade
from sqlalchemy import inspect, text

from cohab_report import create_app
from cohab_report.db import MIGRATIONS, db
from tests.conftest import settings_for

ROOT = Path(__file__).parent.parent.parent
ROW_TESTS = ROOT / "tests" / "migrations"
NUMBERED = re.compile(r"00(0[1-9]|10)_")
"""The first ten scripts keep their numbers."""
NAMED_BY_DAY = re.compile(r"20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])_[a-z0-9_]+")


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_upgrade_equals_the_models_and_downgrade_leaves_nothing(engine, new_database: Callable[[str, str], str]):
    app = create_app(settings_for(new_database(engine, "migrated")))
    with app.app_context():
        check()
        downgrade(revision="0001")
        assert not set(inspect(db.engine).get_table_names()) & set(db.metadata.tables)
        upgrade()
        assert set(db.metadata.tables) <= set(inspect(db.engine).get_table_names())
        with db.engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM observation")).scalar() == 0
        db.engine.dispose()


def migration_faults(versions: Path, row_tests: Path) -> list[str]:
    """Returns a sentence for each script that is not named by its day, or has no test that upgrades a row."""
    faults = []
    for script in sorted(versions.glob("*.py")):
        if NUMBERED.match(script.name):
            continue
        if not NAMED_BY_DAY.fullmatch(script.stem):
            faults.append(f"{script.name} is not named YYYYMMDD_slug")
        if assigned_text(script, "revision") != script.stem:
            faults.append(f"{script.name} has another revision id than its file's name")
        row_test = row_tests / f"test_{script.stem}.py"
        if not row_test.exists():
            faults.append(f"{script.name} has no {row_test.name}")
        elif not any(map(upgrades_a_row, ast.parse(row_test.read_text()).body)):
            faults.append(f"{row_test.name} has no test that asks for `migration` and calls its `upgrade`")
    return faults


def assigned_text(script: Path, name: str) -> str | None:
    """Returns the text that a script assigns to this name, or None."""
    for statement in ast.parse(script.read_text()).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=target)], value=ast.Constant(value=str(value))) if target == name:
                return value
    return None


def upgrades_a_row(statement: ast.stmt) -> bool:
    """Says whether this is a test of the fixture `migration` that upgrades; the fixture refuses without a row."""
    if not (isinstance(statement, ast.FunctionDef) and statement.name.startswith("test_")):
        return False
    has_fixture = "migration" in {argument.arg for argument in statement.args.args}
    return has_fixture and any(
        isinstance(node, ast.Call) and ast.unparse(node.func) == "migration.upgrade" for node in ast.walk(statement)
    )


def test_every_migration_after_the_tenth_is_named_by_its_day_and_tested_with_rows():
    assert migration_faults(MIGRATIONS / "versions", ROW_TESTS) == []


@pytest.mark.parametrize(
    ("script", "revision_id", "row_test", "fault"),
    [
        ("0011_more.py", "0011_more", "def test_rows(migration): migration.upgrade()", "is not named"),
        ("20261331_more.py", "20261331_more", "def test_rows(migration): migration.upgrade()", "is not named"),
        ("20261201_more.py", "20261201_else", "def test_rows(migration): migration.upgrade()", "another revision id"),
        ("20261201_more.py", "20261201_more", None, "has no test_20261201_more.py"),
        ("20261201_more.py", "20261201_more", "def test_rows(migration): migration.rows('case')", "has no test that"),
        ("20261201_more.py", "20261201_more", "def test_rows(): migration.upgrade()", "has no test that"),
        ("20261201_more.py", "20261201_more", "def test_rows(migration): migration.upgrade()", None),
        ("0010_open_cases.py", "0010", None, None),
    ],
)
def test_a_migration_without_its_day_or_without_rows_is_named(
    tmp_path: Path, script: str, revision_id: str, row_test: str | None, fault: str | None
):
    (tmp_path / script).write_text(f"revision = {revision_id!r}\n")
    row_tests = tmp_path / "tests"
    row_tests.mkdir()
    if row_test is not None:
        (row_tests / f"test_{Path(script).stem}.py").write_text(row_test)
    faults = migration_faults(tmp_path, row_tests)
    assert [fault in sentence for sentence in faults] == [True] if fault else faults == []


def test_a_new_migration_gets_its_day_and_its_words_as_its_name(
    tmp_path: Path, new_database: Callable[[str, str], str]
):
    copied = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copied)
    app = create_app(settings_for(new_database("sqlite", "new_migration")))
    with app.app_context(), time_machine.travel(datetime(2026, 12, 24, 23, tzinfo=UTC), tick=False):
        revision(directory=str(copied), message="Promises, by partner")
        db.engine.dispose()
    script = copied / "versions" / "20261224_promises_by_partner.py"
    assert assigned_text(script, "revision") == script.stem
    assert assigned_text(script, "down_revision") == ScriptDirectory(str(MIGRATIONS)).get_current_head()
