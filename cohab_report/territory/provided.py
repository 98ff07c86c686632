"""What every page may show of the city without asking for it."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask

from cohab_report.db import Words
from cohab_report.errors import Unavailable
from cohab_report.territory import names, queries
from cohab_report.web import context


@dataclass(frozen=True)
class CityFacts:
    """The city, as plain values that outlive the session."""

    code: str
    name: Words
    time_zone: ZoneInfo
    about: dict[str, Any]


def init_app(app: Flask) -> None:
    """Every template knows `city`, None until a profile is loaded, and the tables by which scripts read names of places."""
    context.provide(app, "city", _city)
    app.jinja_env.globals["place_names"] = names.for_scripts()


def _city() -> CityFacts | None:
    try:
        ground = queries.ground()
    except Unavailable:
        return None
    return CityFacts(ground.code, ground.name, ground.zone, ground.about)
