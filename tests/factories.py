"""Creates observations and cases through the same operations as residents and triage."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake import receiving
from cohab_report.intake.models import Belongings, Observation
from cohab_report.intake.rules import Submission
from cohab_report.partners.models import Person
from cohab_report.territory import queries as territory
from cohab_report.triage import operations as triage
from cohab_report.triage import queries
from cohab_report.triage.models import Case

MONDAY = datetime(2026, 11, 16, 10, 0, tzinfo=UTC)
"""A Monday morning, in opening hours."""
BANK = Point(-1.2512, 47.1553)
"""On the north bank, near no protected site."""
BY_THE_SCHOOL = Point(-1.2403, 47.1421)


SENT_CLIENT_IDS: dict[str, UUID] = {}
"""The client ids of the observations that were made here, by reference: the database doesn't know them."""


def client_id_of(observation: Observation) -> UUID:
    """Returns the client id under which an observation was made here."""
    return SENT_CLIENT_IDS[observation.reference]


def code_of(observation: Observation) -> str:
    """Returns the follow-up code of an observation that was made here."""
    return intake.code_of(observation, client_id_of(observation))


def submission(category: str = "DECHET-1", **changes: Any) -> Submission:
    """Returns a valid submission."""
    asks_belongings = category.startswith(("DECHET", "LIEU-1"))
    answers = {"danger": "no"} if category == "SOUCI" else {}
    values: dict[str, Any] = {
        "client_id": uuid4(),
        "category": category,
        "point": BANK,
        "observed_on": MONDAY.date(),
        "answers": answers,
        "belongings": Belongings.NO if asks_belongings else Belongings.NOT_ASKED,
        **changes,
    }
    return Submission(**values)


def observation(
    category: str = "DECHET-1", *, at: datetime = MONDAY, network: str | None = None, **changes: Any
) -> Observation:
    """Receives an observation."""
    seen_on = at.astimezone(territory.city_facts().zone).date()
    sent = submission(category, **{"observed_on": seen_on, **changes})
    received = receiving.receive(sent, at=at, network=network)
    SENT_CLIENT_IDS[received.reference] = sent.client_id
    return received


def case(category: str = "DECHET-1", *, at: datetime = MONDAY, **changes: Any) -> Case:
    """Receives an observation and returns its case."""
    return queries.case_of_observation(observation(category, at=at, **changes).id)


def accepted_case(by: Person, category: str = "DECHET-1", *, at: datetime = MONDAY, **changes: Any) -> Case:
    """Returns a case that triage accepted, with its first suggested action confirmed."""
    new_case = case(category, at=at, **changes)
    triage.accept(new_case, by=by, at=at)
    triage.confirm_link(new_case, new_case.links[0].action, by=by, at=at)
    return new_case
