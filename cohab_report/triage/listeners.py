"""Listeners to intake's events, in the same transaction: each observation has its case before it is committed.

No worker has to be alive.
"""

from flask import Flask

from cohab_report import journal
from cohab_report.catalogue.models import Priority
from cohab_report.db import db
from cohab_report.intake.events import ObservationReceived, ReopeningRequested
from cohab_report.intake.models import Observation
from cohab_report.triage import operations, queries, rules


def init_app(app: Flask) -> None:
    """Registers the listeners that open or join a case for each new observation, and pass on requests to reopen."""
    journal.listen_in_transaction(app, ObservationReceived, _open_case)
    journal.listen_in_transaction(app, ReopeningRequested, _request_reopening)


def _open_case(event: journal.Event) -> None:
    observation = db.session.get_one(Observation, event.facts["observation"])
    priority, flooded = Priority(event.facts["priority"]), bool(event.facts["flooded"])
    if "joins" in event.facts and not flooded:
        case = queries.case_to_join(event.facts["joins"])
        if rules.may_join(case, observation.belongings):
            operations.join(observation, case, priority=priority, at=event.happened_at)
            return
    operations.open_case(observation, priority=priority, flooded=flooded, at=event.happened_at)


def _request_reopening(event: journal.Event) -> None:
    operations.request_case_reopening(queries.case_of_observation(event.facts["observation"]), at=event.happened_at)
