"""Pages and their templates: each is used, each has one address, and nothing is written inline."""

import re
from pathlib import Path

import pytest

from cohab_report import create_app
from tests.conftest import settings_for

ROOT = Path(__file__).parents[2] / "cohab_report"
TEMPLATES = sorted(
    path.relative_to(ROOT / "templates").as_posix() for path in (ROOT / "templates").rglob("*") if path.is_file()
)
BY_CODE = re.compile(r"errors/\d{3}\.html|email/[a-z_]+\.(txt|html)")
"""Templates that are found by a status or by an event's name."""


def sources() -> str:
    """Returns the text of everything that may name a template."""
    code = [path.read_text() for path in ROOT.rglob("*.py")]
    pages = [path.read_text() for path in (ROOT / "templates").rglob("*") if path.is_file()]
    return "\n".join([*code, *pages])


def test_every_template_is_used():
    named = sources()
    unused = [name for name in TEMPLATES if f'"{name}"' not in named and not BY_CODE.fullmatch(name)]
    assert unused == []


def test_every_template_that_is_named_exists():
    named = set(re.findall(r"render_template\(\s*\"([a-z_/]+\.html)\"", sources()))
    assert named <= set(TEMPLATES), named - set(TEMPLATES)


@pytest.mark.parametrize("name", TEMPLATES)
def test_nothing_is_inline(name):
    text = (ROOT / "templates" / name).read_text()
    if name.startswith("email/"):
        return  # an e-mail has no content policy, and mail programs ignore style sheets
    assert not re.search(r"\sstyle=|\son[a-z]+=\"|<style|javascript:", text), name
    assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*type=\"application/json\")", text), name


def test_every_endpoint_has_one_address_and_its_name_says_the_package():
    app = create_app(settings_for("sqlite://"))
    names = {rule.endpoint for rule in app.url_map.iter_rules()} - {"static"}
    assert all(re.fullmatch(r"[a-z_]+\.[a-z_]+", name) for name in names), names
