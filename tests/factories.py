"""Observations and cases as residents and triage would make them, through the same operations."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Belongings, Observation
from cohab_report.intake.rules import Draft
from cohab_report.partners.models import Person
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case

MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
"""A Monday morning, the team at work."""
BANK = Point(-1.2512, 47.1553)
"""On the north bank, near no protected site."""
BY_THE_SCHOOL = Point(-1.2403, 47.1421)


def draft(category: str = "DECHET-1", **changes: Any) -> Draft:
    """A draft that can be received as it is."""
    asks = category.startswith(("DECHET", "LIEU-1"))
    answers = {"danger": "no"} if category == "SOUCI" else {}
    values: dict[str, Any] = {
        "client_id": uuid4(), "category": category, "point": BANK, "observed_on": MONDAY.date(), "answers": answers,
        "belongings": Belongings.NO if asks else Belongings.NOT_ASKED, **changes,
    }  # fmt: skip
    return Draft(**values)


def observation(
    category: str = "DECHET-1", *, at: datetime = MONDAY, network: str | None = None, **changes: Any
) -> Observation:
    """An observation that was received."""
    seen_on = at.astimezone(territory.ground().zone).date()
    return intake.receive(draft(category, **{"observed_on": seen_on, **changes}), at=at, network=network)


def case(category: str = "DECHET-1", *, at: datetime = MONDAY, **changes: Any) -> Case:
    """The case of an observation that was received."""
    return queries.case_of(observation(category, at=at, **changes).id)


def accepted(by: Person, category: str = "DECHET-1", *, at: datetime = MONDAY, **changes: Any) -> Case:
    """A case that triage accepted, and whose first suggested action is confirmed."""
    made = case(category, at=at, **changes)
    triage.accept(made, by=by, at=at)
    triage.link(made, made.links[0].action, by=by, at=at)
    return made
