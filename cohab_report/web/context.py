"""What every page may show without its view fetching it: the city, its emergency numbers, who is signed in.

Packages downstream say how to find such a fact (`provide`); it is asked for at most once a request.
When the database is away, the last known answer is given, so that even an error page can say whom to call.
"""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, has_app_context
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

KEY = "cohab.context"


def init_app(app: Flask) -> None:
    """Templates find every provided fact under its name, and None under a well-known name that nobody provides."""
    app.extensions.setdefault(KEY, ({}, {}))
    app.context_processor(_for_templates)
    app.jinja_env.globals["has_page"] = lambda endpoint: endpoint in app.view_functions


def provide(app: Flask, name: str, find: Callable[[], Any]) -> None:
    """From now on `name` is known to every template of the application, found by `find`.

    Known names: `city` (has `name`, `time_zone`), `emergency_numbers`, `is_demo`. `find` returns plain values, not rows of a session
    that is about to close: the last answer is kept for when the database is away.
    """
    providers, _ = app.extensions.setdefault(KEY, ({}, {}))
    providers[name] = find


def value(name: str) -> Any:
    """The provided fact, asked for at most once a request; the last known one when the database is away; None if nobody provides it."""
    providers, last_known = current_app.extensions[KEY]
    found = g.setdefault("provided", {})
    if name not in found:
        if name not in providers:
            return None
        try:
            found[name] = last_known[name] = providers[name]()
        except SQLAlchemyError:
            found[name] = last_known.get(name)
    return found[name]


def last_known(name: str) -> Any:
    """The last answer that this process saw, without asking anybody; None before the first."""
    return current_app.extensions[KEY][1].get(name)


def zone() -> ZoneInfo:
    """The city's time zone; UTC before any city is loaded."""
    city = value("city") if has_app_context() else None
    named = getattr(city, "time_zone", None) or "UTC"
    return named if isinstance(named, ZoneInfo) else ZoneInfo(str(named))


def _for_templates() -> dict[str, Any]:
    providers, _ = current_app.extensions[KEY]
    names = {"city", "emergency_numbers", "is_demo", *providers}
    person = current_user if current_user and current_user.is_authenticated else None
    return {name: value(name) for name in names} | {"current_person": person}
