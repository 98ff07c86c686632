"""Gives every template the city and the tables of the place search."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from cohab_report.db import Words
from cohab_report.errors import Unavailable
from cohab_report.territory import names, queries
from cohab_report.web import context


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
