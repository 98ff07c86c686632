"""Steps that operations on a case share: refusals, protection, priority, public status, the record in the journal."""

from datetime import datetime

from cohab_report import journal
from cohab_report.catalogue.models import Priority, Protection
from cohab_report.db import db
from cohab_report.errors import MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import PhotoReason
from cohab_report.territory import queries as territory
from cohab_report.triage import queries, rules
from cohab_report.triage.events import CaseEvent
from cohab_report.triage.models import Case, CaseState, Occupancy
from cohab_report.triage.queries import QueueFacts
from cohab_report.triage.waiting.models import Queue, QueueKind

LONGEST_NOTE = 500
"""Characters that a note or a reason may have."""


def record_act(event: type[CaseEvent], case: Case, *, by: journal.Actor, at: datetime) -> None:
    """Records an act on the case that has no facts of its own, with the version of the case that it made."""
    version = write_new_version(case, at=at)
    journal.record(event(thread=case.reference, case=case.id, version=version), by=by, at=at)


def write_new_version(case: Case, *, at: datetime) -> int:
    """Writes the case's changes to the database; returns its new version, for the event that tells of them.

    Whoever read an older version is told of the events that have a newer one.
    """
    case.changed_at = at
    # The version is only final after a flush: a query during the act may have written half of the changes already.
    db.session.flush()
    return case.version


def queue_for(queue_code: str, occupancy: Occupancy, *, flooded: bool) -> QueueFacts:
    """Returns the queue for a new case: quarantine in a flood, occupancy check if in doubt, else its category's own."""
    if flooded:
        return queries.queue_of_kind(QueueKind.QUARANTINE)
    if occupancy in (Occupancy.POSSIBLE, Occupancy.IN_USE):
        return queries.queue_of_kind(QueueKind.OCCUPANCY)
    return queries.queue_in_force(queue_code)


def move_to_queue(case: Case, facts: QueueFacts) -> None:
    """Moves the case to that queue."""
    case.queue = db.session.get_one(Queue, facts.id)


def move_to_own_queue(case: Case) -> None:
    """Moves the case to the queue of its category; call it only where no works are locked."""
    move_to_queue(case, queries.queue_in_force(case.category.queue_code))


def protect_case(case: Case, protection: Protection, *, at: datetime) -> None:
    """Raises the protection of the case and all its observations to at least this; protection never falls."""
    case.protection = max(case.protection, protection)
    for observation in case.observations:
        intake.raise_protection(observation, case.protection, at=at)


def raise_priority(case: Case, priority: Priority, due_at: datetime | None) -> None:
    """Raises the priority to at least this; if it rose, moves the deadline earlier to `due_at` (UTC), never later."""
    if priority < case.priority:
        case.priority = priority
        move_deadline_forward(case, due_at)


def move_deadline_forward(case: Case, due_at: datetime | None) -> None:
    """Moves the deadline earlier to `due_at` (UTC), never later; None, where nothing was promised, changes nothing."""
    case.due_at = min((due for due in (case.due_at, due_at) if due is not None), default=None)


def require_occupancy_check(case: Case, *, at: datetime) -> None:
    """Locks public works until the outreach team has looked: somebody may live there (guard rail 1).

    The case moves to the queue of occupancy checks, nothing of it is public any more, and its photos are destroyed.
    """
    if case.state is not CaseState.OCCUPANCY_CHECK:
        case.move_to(CaseState.OCCUPANCY_CHECK)
    case.occupancy = Occupancy.POSSIBLE
    doubt_occupancy(case, at=at)
    move_to_queue(case, queries.queue_of_kind(QueueKind.OCCUPANCY))
    for observation in case.observations:
        photos.drop_photos(observation, PhotoReason.OCCUPANCY, by=journal.SYSTEM, at=at)
    protect_case(case, Protection.NEVER_PUBLIC, at=at)
    set_case_public_status(case)


def doubt_occupancy(case: Case, *, at: datetime) -> None:
    """Records that there is reason, on this day of the city, to think that somebody may live there."""
    day = at.astimezone(territory.city_facts().zone).date()
    case.occupancy_doubted_on = rules.latest_doubt(case.occupancy_doubted_on, day)


def publish_opening_observation(case: Case, *, at: datetime) -> None:
    """Publishes what may be public of the observation that opened the case.

    The others of the case say the same thing once more; whether they appear must not tell what somebody else answered.
    """
    for observation in case.observations:
        if observation.reference == case.reference:
            intake.publish(observation, at=at)


def set_case_public_status(case: Case) -> None:
    """Writes the public status that the case's residents read on each of its observations."""
    for observation in case.observations:
        intake.set_public_status(observation, rules.public_status_of(case))


def refuse_unless_with_triage(case: Case, move: str) -> None:
    """Raises MoveRefused unless the triage team holds the case (why: held by a partner, over)."""
    if not case.is_with_triage:
        raise MoveRefused("case", case.state.value, move, "held" if case.is_open else "over")


def refuse_when_over(case: Case, move: str) -> None:
    """Raises MoveRefused when the case is closed or merged (why: over)."""
    if not case.is_open:
        raise MoveRefused("case", case.state.value, move, "over")
