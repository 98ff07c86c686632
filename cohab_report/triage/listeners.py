"""Listeners to intake's events, in the same transaction: each observation has its case before it is committed.

No worker has to be alive.
"""

from cohab_report import journal
from cohab_report.catalogue.models import Priority
from cohab_report.db import db
from cohab_report.intake.models import Observation
from cohab_report.triage import operations, queries, rules


def open_or_join_case(event: journal.Event) -> None:
    """Opens a case for the received observation, or gives it a place in the case that it says the same as."""
    observation = db.session.get_one(Observation, event.facts["observation"])
    priority, flooded = Priority(event.facts["priority"]), bool(event.facts["flooded"])
    if "joins" in event.facts and not flooded:
        case = queries.case_to_join(event.facts["joins"])
        if rules.may_join(case, observation):
            operations.join(observation, case, priority=priority, at=event.happened_at)
            return
    operations.open_case(observation, priority=priority, flooded=flooded, at=event.happened_at)


def pass_on_reopening_request(event: journal.Event) -> None:
    """Requests the reopening of the observation's case, as its author did."""
    operations.request_case_reopening(queries.case_of_observation(event.facts["observation"]), at=event.happened_at)
