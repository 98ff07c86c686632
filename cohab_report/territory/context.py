"""The city as every template reads it, and the health of its profile."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import text

from cohab_report.db import Words, db
from cohab_report.errors import Unavailable
from cohab_report.territory import queries
from cohab_report.web import context, health


@dataclass(frozen=True)
class CityContext:
    """The city as templates read it: plain values that outlive the database session."""

    code: str
    name: Words
    time_zone: ZoneInfo
    about: dict[str, Any]


def city_context() -> CityContext | None:
    """Returns the city for templates, or None until a profile is loaded."""
    try:
        city = queries.city_facts()
    except Unavailable:
        return None
    return CityContext(city.code, city.name, city.zone, city.about)


def profile_state() -> str:
    """Returns the health of the city profile: whether one is loaded; raises SQLAlchemyError without a database."""
    db.session.execute(text("SELECT 1"))  # a provided fact would fall back to the last known city
    return health.OK if context.provided_fact("city") is not None else "no city loaded"
