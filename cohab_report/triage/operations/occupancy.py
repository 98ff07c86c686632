"""The occupancy check: public works stay away until the outreach team has looked (guard rails 1 and 2)."""

from datetime import date, datetime

from cohab_report import journal
from cohab_report.errors import Invalid, MoveRefused
from cohab_report.partners.models import Person, Role
from cohab_report.territory import queries as territory
from cohab_report.text_limits import required_text
from cohab_report.triage import events, rules
from cohab_report.triage.models import Case, CaseState, Occupancy
from cohab_report.triage.operations import acts


def request_occupancy_check(case: Case, *, by: Person, at: datetime) -> None:
    """Locks public works and requests an occupancy check: the team thinks that somebody may live there.

    Raises MoveRefused while the case is not with triage.
    """
    acts.refuse_unless_with_triage(case, CaseState.OCCUPANCY_CHECK.value)
    acts.require_occupancy_check(case, at=at)
    acts.record_act(events.OccupancyDoubted, case, by=by, at=at)


def record_occupancy(case: Case, *, in_use: bool, on: date, note: str, by: Person, at: datetime) -> None:
    """Records the outreach team's visit, with its date and a mandatory note.

    Either the place is cleared for works, or belongings are in use and works stay locked. Raises Invalid("on", future
    | before) or Invalid("note", missing | too_long), or MoveRefused when the case is over, no check was requested, or
    the person is neither of triage nor of an outreach partner.
    """
    acts.refuse_when_over(case, "occupancy")
    if not case.works_are_locked:
        raise MoveRefused("case", case.state.value, "occupancy", "not_asked")
    if not _may_record_occupancy(by):
        raise MoveRefused("case", case.state.value, "occupancy", "not_outreach")
    if on > at.astimezone(territory.city_facts().zone).date():
        raise Invalid("on", "future")
    if rules.is_older_than_doubt(on, case.occupancy_doubted_on):
        raise Invalid("on", "before")
    case.occupancy_note = required_text("note", note, longest=acts.LONGEST_NOTE)
    case.occupancy, case.occupancy_on = (Occupancy.IN_USE if in_use else Occupancy.CLEARED), on
    if in_use:
        case.occupancy_doubted_on = on
    is_cleared = not in_use and case.state is CaseState.OCCUPANCY_CHECK
    is_taken_up = is_cleared and case.accepted_at is None
    if is_cleared:
        case.move_to(CaseState.ACCEPTED)
        case.accepted_at = case.accepted_at or at
        acts.move_to_own_queue(case)
        acts.set_case_public_status(case)
    checked = events.OccupancyInUse if in_use else events.OccupancyCleared
    version = acts.write_new_version(case, at=at)
    journal.record(checked(thread=case.reference, case=case.id, version=version, on=on.isoformat()), by=by, at=at)
    if is_taken_up:
        acts.record_act(events.CaseAccepted, case, by=by, at=at)


def _may_record_occupancy(person: Person) -> bool:
    return person.role is Role.TRIAGER or (person.partner is not None and person.partner.does_outreach)
