"""Template context of every page: the city, its emergency numbers, the signed-in person.

Packages downstream register how to find such a fact (`provide_fact`); it is found at most once per request. When the
database is away, the last known value is used, so that even an error page can say whom to call.
"""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, has_app_context
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

CONTEXT_EXTENSION = "cohab.context"


def init_app(app: Flask) -> None:
    """Puts every provided fact into all templates under its name; None under a well-known name without a provider."""
    app.extensions.setdefault(CONTEXT_EXTENSION, ({}, {}))
    app.context_processor(_template_variables)
    app.jinja_env.globals["has_page"] = lambda endpoint: endpoint in app.view_functions


def provide_fact(app: Flask, name: str, find: Callable[[], Any]) -> None:
    """Registers a fact that every template of the app has under `name`, found by `find`.

    Well-known names: `city` (has `name`, `time_zone`), `emergency_numbers`, `is_demo`. `find` returns plain values, not
    rows of a session that is about to close: the last value is stored for when the database is away.
    """
    providers, _ = app.extensions.setdefault(CONTEXT_EXTENSION, ({}, {}))
    providers[name] = find


def provided_fact(name: str) -> Any:
    """Returns a fact, found at most once per request.

    Its last known value when the database is away; None if nobody provides it.
    """
    providers, last_known_facts = current_app.extensions[CONTEXT_EXTENSION]
    facts = g.setdefault("provided_facts", {})
    if name not in facts:
        if name not in providers:
            return None
        try:
            facts[name] = last_known_facts[name] = providers[name]()
        except SQLAlchemyError:
            facts[name] = last_known_facts.get(name)
    return facts[name]


def last_known_fact(name: str) -> Any:
    """Returns the value that this process last found, without a query; None before the first."""
    return current_app.extensions[CONTEXT_EXTENSION][1].get(name)


def city_time_zone() -> ZoneInfo:
    """Returns the city's time zone; UTC before any city is loaded."""
    city = provided_fact("city") if has_app_context() else None
    time_zone = getattr(city, "time_zone", None) or "UTC"
    return time_zone if isinstance(time_zone, ZoneInfo) else ZoneInfo(str(time_zone))


def _template_variables() -> dict[str, Any]:
    providers, _ = current_app.extensions[CONTEXT_EXTENSION]
    names = {"city", "emergency_numbers", "is_demo", *providers}
    person = current_user if current_user and current_user.is_authenticated else None
    return {name: provided_fact(name) for name in names} | {"current_person": person}
