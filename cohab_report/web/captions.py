"""The words for codes that each package gives the app, which every template reads as `captions.KIND_CAPTIONS[kind]`."""

from types import ModuleType
from typing import Any

from flask import Flask

SUFFIX = "_CAPTIONS"
EVENTS = "EVENT_CAPTIONS"
"""Each package's own; the words for events are found by `web.event_captions`."""


def provide_captions(app: Flask, *modules: ModuleType) -> None:
    """Gives every template the tables of these captions modules, by name; raises ValueError for a name given twice."""
    tables: Any = app.jinja_env.globals.setdefault("captions", {})
    for module in modules:
        for name, table in vars(module).items():
            if name.endswith(SUFFIX) and name != EVENTS:
                if name in tables:
                    raise ValueError(f"{name} has two homes, one of them {module.__name__}")
                tables[name] = table
