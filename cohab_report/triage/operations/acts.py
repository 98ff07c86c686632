"""What every act on a case shares: it is refused where it can't be done, protects, tells the residents, and is recorded."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cohab_report import journal
from cohab_report.catalogue.models import Priority, Protection
from cohab_report.db import db
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.photos import operations as photos
from cohab_report.intake.photos.models import PhotoReason
from cohab_report.triage import queries, rules
from cohab_report.triage.models import Case, CaseState, Occupancy, Queue, QueueKind
from cohab_report.triage.queries import QueueFacts

LONGEST_NOTE = 500


def record(
    case: Case, name: str, *, by: journal.Actor, at: datetime, public: bool = False, facts: Mapping[str, Any] | None = None
) -> None:  # fmt: skip
    """The journal tells of it on the case's thread, with the case and the version that it made among the facts."""
    journal.record(
        name, thread=case.reference, by=by, at=at, public=public, facts={**(facts or {}), **changed(case, at=at)}
    )


def changed(case: Case, *, at: datetime) -> dict[str, int]:
    """The case as it is from now on, by its number and version: whoever read an older version is told of what has a newer one."""
    case.changed_at = at
    # Only what is written down has its version: a question asked on the way may have written the half of it already.
    db.session.flush()
    return {"case": case.id, "version": case.version}


def queue_for(queue_code: str, occupancy: Occupancy, *, flooded: bool) -> QueueFacts:
    """The queue where a case of such a category waits: a flood in quarantine, a doubt at the occupancy check, else the category's own."""
    if flooded:
        return queries.queue_of_kind(QueueKind.QUARANTINE)
    if occupancy in (Occupancy.POSSIBLE, Occupancy.IN_USE):
        return queries.queue_of_kind(QueueKind.OCCUPANCY)
    return queries.queue_in_force(queue_code)


def wait_in(case: Case, facts: QueueFacts) -> None:
    """The case waits in that queue."""
    case.queue = db.session.get_one(Queue, facts.id)


def protect(case: Case, protection: Protection, *, at: datetime) -> None:
    """The case and all its observations are protected at least so strongly."""
    case.protection = max(case.protection, protection)
    for observation in case.observations:
        intake.protect(observation, case.protection, at=at)


def hasten(case: Case, priority: Priority, due_at: datetime | None) -> None:
    """The case is at least so pressing. Where that makes it more so, it is due by then, never later than it was."""
    if priority < case.priority:
        case.priority = priority
        case.due_at = min((due for due in (case.due_at, due_at) if due is not None), default=None)


def doubt(case: Case, *, at: datetime) -> None:
    """Somebody may live there: the case waits for outreach, works are locked, nothing of it is public and its photos are destroyed."""
    if case.state is not CaseState.OCCUPANCY_CHECK:
        case.move_to(CaseState.OCCUPANCY_CHECK)
    case.occupancy = Occupancy.POSSIBLE
    wait_in(case, queries.queue_of_kind(QueueKind.OCCUPANCY))
    for observation in case.observations:
        photos.drop(observation, PhotoReason.OCCUPANCY, by=journal.SYSTEM, at=at)
    protect(case, Protection.NEVER_PUBLIC, at=at)
    tell(case)


def tell(case: Case) -> None:
    """Its residents read where the case stands."""
    for observation in case.observations:
        intake.tell(observation, rules.status_of(case))


def refuse_unless_with_triage(case: Case, wanted: str) -> None:
    """Returns while the triage team has the case; raises MoveRefused (why: held, over)."""
    if not case.is_with_triage:
        raise MoveRefused("case", case.state.value, wanted, "held" if case.is_open else "over")


def refuse_when_over(case: Case, wanted: str) -> None:
    """Returns while the case is open; raises MoveRefused (why: over)."""
    if not case.is_open:
        raise MoveRefused("case", case.state.value, wanted, "over")


def needed(field: str, text: str) -> str:
    """The text that must be there, trimmed; raises Invalid(field, missing | too_long)."""
    if not text.strip():
        raise Invalid(field, "missing")
    if len(text) > LONGEST_NOTE:
        raise Invalid(field, "too_long")
    return text.strip()
