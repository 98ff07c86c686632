"""The journal's events: each is declared in one place, recorded somewhere, in words where staff read it, and heard."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cohab_report import create_app, journal
from cohab_report.admin.event_overview import event_overviews, product_events
from cohab_report.journal import JournalEvent
from cohab_report.web.event_captions import EVENT_CAPTIONS_EXTENSION
from tests.conftest import settings_for

ROOT = Path(__file__).parents[2] / "cohab_report"
COMPARED = re.compile(r"(?:event\.|\b)name\s*(?:==|!=|in)\s*\(?((?:\"[a-z_.]+\"(?:,\s*)?)+)")


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_events_are_declared_in_events_modules_alone():
    create_app(settings_for("sqlite://"))
    assert {event.__module__.rsplit(".", 1)[-1] for event in product_events().values()} == {"events"}
    assert len(product_events()) >= 40


def test_no_name_of_an_event_is_written_anywhere_else():
    create_app(settings_for("sqlite://"))
    names = set(product_events())
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
    assert compared <= set(product_events())


def test_each_event_is_recorded_by_an_operation():
    with create_app(settings_for("sqlite://")).app_context():
        assert [event.name for event in event_overviews() if not event.recorders] == []


def test_the_command_lists_who_records_an_event_and_who_hears_it():
    app = create_app(settings_for("sqlite://"))
    with app.app_context():
        printed = app.test_cli_runner().invoke(args=["events"]).output
    blocks = {block.split(":")[0].split(" ")[0]: block for block in re.split(r"\n(?=\S)", printed)}
    assert set(blocks) == set(product_events())
    received = blocks["observation.received"]
    assert "(public)" in received and "observation, priority, flooded, joins" in received
    assert "recorded by: intake." in received and "heard in the transaction by: triage.listeners." in received
    assert "heard after the commit by: notify.listeners." in blocks["handover.offered"]
    assert "recorded by: triage.operations.cases, triage.operations.occupancy\n" in blocks["case.accepted"] + "\n"
    assert "(public)" not in blocks["handover.offered"] and "triage." not in blocks["handover.offered"]


def test_each_event_has_its_caption_where_a_page_shows_it_and_no_caption_is_without_its_event():
    app = create_app(settings_for("sqlite://"))
    shown = {name for name, event in product_events().items() if event.has_caption}
    assert set(app.extensions[EVENT_CAPTIONS_EXTENSION]) == shown


def test_each_listener_hears_an_event_of_the_house():
    app = create_app(settings_for("sqlite://"))
    heard = {*journal.listeners(app).in_transaction, *journal.listeners(app).after_commit}
    assert heard
    assert heard <= set(product_events())


def test_two_events_can_not_share_a_name():
    create_app(settings_for("sqlite://"))
    with pytest.raises(TypeError, match="case.closed"):
        type("Copy", (JournalEvent,), {"name": "case.closed"})


def test_no_fact_could_hold_a_sentence():
    """Facts are ids, codes and small truths: a mapping or a list holds numbers alone."""
    create_app(settings_for("sqlite://"))
    allowed = {"int", "bool", "bool | None", "str", "int | None", "Mapping[str, Sequence[int]]"}
    kinds = {str(kind) for event in product_events().values() for kind in _fact_kinds(event)}
    assert kinds <= allowed


def _fact_kinds(event: type[JournalEvent]) -> Iterator[str]:
    for each in event.__mro__:
        for name, kind in vars(each).get("__annotations__", {}).items():
            if name != "thread" and "ClassVar" not in str(kind):
                yield kind.__name__ if isinstance(kind, type) else str(kind).replace("collections.abc.", "")
