"""By when a case should be taken up: the city's own target for its priority, counted while somebody is there.

Targets, hours and holidays are the city profile's; how open time is counted is `partners.hours`' business.
"""

from datetime import datetime

from cohab_report.catalogue.models import Priority
from cohab_report.partners import hours
from cohab_report.territory import queries as territory


def team_hours() -> hours.Hours:
    """When the triage team is staffed."""
    return _hours(_team())


def due_at(priority: Priority, at: datetime, *, written: str | None = None) -> datetime | None:
    """When a case of this priority that came at this instant should be taken up, in UTC, in the hours that are written (the team's).

    None where nothing can be promised: the city sets no target for the priority, or the team never opens.
    """
    target = str(territory.ground().about.get("deadlines", {}).get(priority.name, ""))
    return hours.due_at(target, at, _hours(_team() if written is None else written))


def _team() -> str:
    return str(territory.ground().about.get("team", {}).get("hours", ""))


def _hours(written: str) -> hours.Hours:
    ground = territory.ground()
    return hours.Hours.parse(written, ground.zone, hours.public_holidays(*ground.holidays))
