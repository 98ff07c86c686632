"""Rules of the code base that are checked: import contracts, clock, environment, commits, city names."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CODE = sorted((ROOT / "cohab_report").rglob("*.py"))


def test_the_four_contracts_of_the_floor_plan_are_kept():
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout
    assert "4 kept, 0 broken" in found.stdout


def test_nobody_but_the_clock_reads_the_time():
    reads = re.compile(r"datetime\.(now|utcnow|today)\(|date\.today\(|time\.time\(")
    offenders = [
        str(path.relative_to(ROOT)) for path in CODE if path.name != "clock.py" and reads.search(path.read_text())
    ]
    assert offenders == []


def test_nobody_but_settings_reads_the_environment():
    reads = re.compile(r"os\.environ|getenv\(")
    offenders = [
        str(path.relative_to(ROOT)) for path in CODE if path.name != "settings.py" and reads.search(path.read_text())
    ]
    assert offenders == []


def test_nobody_commits_but_the_transaction():
    commits = re.compile(r"session\.commit\(|\.rollback\(")
    offenders = [
        str(path.relative_to(ROOT)) for path in CODE if path.name != "db.py" and commits.search(path.read_text())
    ]
    assert offenders == []


def test_no_city_is_named_in_code():
    names = re.compile(r"trois-rivi|rivebelle|point de rue|ciusss", re.IGNORECASE)
    templates = sorted((ROOT / "cohab_report" / "templates").rglob("*.*"))
    scripts = sorted((ROOT / "cohab_report" / "static" / "js").rglob("*.js"))
    offenders = [
        str(path.relative_to(ROOT)) for path in [*CODE, *templates, *scripts] if names.search(path.read_text())
    ]
    assert offenders == []


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_each_module_says_what_it_is(path):
    text = path.read_text().lstrip()
    assert not text or text.startswith('"""'), "a module's first line says what it is in the river"
