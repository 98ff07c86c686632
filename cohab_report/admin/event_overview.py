"""The overview of the journal's events: what each says, which modules record it, and which functions listen to it."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cohab_report import journal
from cohab_report.journal import JournalEvent, Listener

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class EventOverview:
    """One event: its name, its facts, who records it and who listens."""

    name: str
    is_public: bool
    facts: tuple[str, ...]
    recorders: tuple[str, ...]
    """Modules that call the event's class, such as `triage.operations.cases`."""
    listeners: tuple[str, ...]
    """Functions that listen in the same transaction."""
    worker_listeners: tuple[str, ...]
    """Functions that a worker calls after the commit."""


def event_overviews() -> list[EventOverview]:
    """Returns the overview of every event of the product, by name."""
    registered, recorders = journal.listeners(), _recorders_by_class()
    return [
        EventOverview(
            name,
            event.public,
            tuple(journal.fact_names(event)),
            tuple(recorders.get(event.__name__, ())),
            tuple(map(_function_name, registered.in_transaction.get(name, ()))),
            tuple(map(_function_name, registered.after_commit.get(name, ()))),
        )
        for name, event in sorted(product_events().items())
    ]


def product_events() -> Mapping[str, type[JournalEvent]]:
    """Returns the events that the product declares, by name; tests declare some of their own."""
    declared = journal.declared_events()
    return {name: event for name, event in declared.items() if event.__module__.startswith("cohab_report.")}


def _recorders_by_class() -> Mapping[str, list[str]]:
    """Returns, for each name of a class, the modules that record events and name it for more than its `.name`."""
    modules: dict[str, list[str]] = {}
    for path in sorted(ROOT.rglob("*.py")):
        names = path.relative_to(ROOT).with_suffix("").parts
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if _records(tree):
            for class_name in _class_names(tree):
                modules.setdefault(class_name, []).append(".".join(names))
    return modules


def _records(tree: ast.Module) -> bool:
    """Tells whether the module calls `journal.record`, or triage's `record_act`."""
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(isinstance(called, ast.Attribute) and called.attr in {"record", "record_act"} for called in calls)


def _class_names(tree: ast.Module) -> set[str]:
    looked_up = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "name"}
    named = (
        node for node in ast.walk(tree) if isinstance(node, (ast.Name, ast.Attribute)) and id(node) not in looked_up
    )
    return {node.id if isinstance(node, ast.Name) else node.attr for node in named}


def _function_name(listener: Listener) -> str:
    module = listener.__module__.removeprefix("cohab_report.")
    return f"{module}.{getattr(listener, '__name__', type(listener).__name__)}"
