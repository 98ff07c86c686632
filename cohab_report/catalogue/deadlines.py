"""Deadlines of cases: the city profile's target for a priority, counted in the profile's opening hours and without its
holidays.

`partners.hours` does the counting.
"""

from datetime import datetime

from cohab_report.catalogue.models import Priority
from cohab_report.partners import hours
from cohab_report.territory import queries as territory


def team_hours() -> hours.Hours:
    """Returns the opening hours of the triage team."""
    return _parse_hours(_team_hours_text())


def due_at(priority: Priority, at: datetime, *, hours_text: str | None = None) -> datetime | None:
    """Returns by when a case of this priority received at `at` is due, in UTC, in these opening hours (the triage
    team's if None).

    None where nothing can be promised: the city sets no target for the priority, or the team never opens.
    """
    target = str(territory.city_facts().about.get("deadlines", {}).get(priority.name, ""))
    return hours.deadline_for_target(target, at, _parse_hours(_team_hours_text() if hours_text is None else hours_text))


def _team_hours_text() -> str:
    return str(territory.city_facts().about.get("team", {}).get("hours", ""))


def _parse_hours(text: str) -> hours.Hours:
    city = territory.city_facts()
    return hours.Hours.parse(text, city.zone, hours.public_holidays(*city.holidays))
