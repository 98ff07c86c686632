"""The journal's events: each is declared in one place, recorded somewhere, in words where staff read it, and heard."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cohab_report import create_app, journal
from cohab_report.journal import JournalEvent
from cohab_report.web.event_captions import EXTENSION_KEY
from tests.conftest import settings_for

ROOT = Path(__file__).parents[2] / "cohab_report"
COMPARED = re.compile(r"(?:event\.|\b)name\s*(?:==|!=|in)\s*\(?((?:\"[a-z_.]+\"(?:,\s*)?)+)")


def declared() -> dict[str, type[JournalEvent]]:
    """Returns the events of the house by name; tests declare some of their own."""
    return {
        name: event for name, event in journal.declared_events().items() if event.__module__.startswith("cohab_report.")
    }


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_events_are_declared_in_events_modules_alone():
    create_app(settings_for("sqlite://"))
    assert {event.__module__.rsplit(".", 1)[-1] for event in declared().values()} == {"events"}
    assert len(declared()) >= 40


def test_no_name_of_an_event_is_written_anywhere_else():
    create_app(settings_for("sqlite://"))
    names = set(declared())
    written = {
        (path.relative_to(ROOT).as_posix(), node.value)
        for path, tree in modules()
        if path.name != "events.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in names
    }
    assert written == set()


def test_a_template_compares_with_declared_names_only():
    create_app(settings_for("sqlite://"))
    compared = {
        name
        for path in (ROOT / "templates").rglob("*.*")
        for listed in COMPARED.findall(path.read_text(encoding="utf-8"))
        for name in re.findall(r"\"([a-z_]+\.[a-z_]+)\"", listed)
    }
    assert len(compared) > 10
    assert compared <= set(declared())


def test_each_event_is_recorded_by_something():
    create_app(settings_for("sqlite://"))
    named = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for path, tree in modules()
        if path.name not in ("events.py", "captions.py", "listeners.py", "wiring.py")
        for node in ast.walk(tree)
        if isinstance(node, (ast.Attribute, ast.Name))
    }
    assert {event.__name__ for event in declared().values()} - named == set()


def test_each_event_has_its_caption_where_a_page_shows_it_and_no_caption_is_without_its_event():
    app = create_app(settings_for("sqlite://"))
    shown = {name for name, event in declared().items() if event.has_caption}
    assert set(app.extensions[EXTENSION_KEY]) == shown


def test_each_listener_hears_an_event_of_the_house():
    app = create_app(settings_for("sqlite://"))
    heard = {*journal.listeners(app).in_transaction, *journal.listeners(app).after_commit}
    assert heard
    assert heard <= set(declared())


def test_two_events_can_not_share_a_name():
    create_app(settings_for("sqlite://"))
    with pytest.raises(TypeError, match="case.closed"):
        type("Copy", (JournalEvent,), {"name": "case.closed"})


def test_no_fact_could_hold_a_sentence():
    """Facts are ids, codes and small truths: a mapping or a list holds numbers alone."""
    create_app(settings_for("sqlite://"))
    allowed = {"int", "bool", "str", "int | None", "Mapping[str, Sequence[int]]"}
    kinds = {str(kind) for event in declared().values() for kind in _fact_kinds(event)}
    assert kinds <= allowed


def _fact_kinds(event: type[JournalEvent]) -> Iterator[str]:
    for each in event.__mro__:
        for name, kind in vars(each).get("__annotations__", {}).items():
            if name != "thread" and "ClassVar" not in str(kind):
                yield kind.__name__ if isinstance(kind, type) else str(kind).replace("collections.abc.", "")
