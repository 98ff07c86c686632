"""Gives every template the city and the tables of the place search."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import text

from cohab_report.db import Words, db
from cohab_report.errors import Unavailable
from cohab_report.territory import names, queries
from cohab_report.web import context, health


@dataclass(frozen=True)
class CityContext:
    """The city as templates read it: plain values that outlive the database session."""

    code: str
    name: Words
    time_zone: ZoneInfo
    about: dict[str, Any]


def init_app(app: Flask) -> None:
    """Registers `city` (None until a profile is loaded) and `place_names` (for the scripts' place search) for every
    template.
    """
    context.provide_fact(app, "city", _city_context)
    app.jinja_env.globals["place_names"] = names.tables_for_scripts()


def _city_context() -> CityContext | None:
    try:
        city = queries.city_facts()
    except Unavailable:
        return None
    return CityContext(city.code, city.name, city.zone, city.about)


def profile_state() -> str:
    """Returns the health of the city profile: whether one is loaded; raises SQLAlchemyError without a database."""
    db.session.execute(text("SELECT 1"))  # a provided fact would fall back to the last known city
    return health.OK if context.provided_fact("city") is not None else "no city loaded"
