"""The occupancy check: public works stay away until outreach has looked, with a date and a note (guard rails 1 and 2)."""

from datetime import date, datetime

from cohab_report.errors import Invalid, MoveRefused
from cohab_report.partners.models import Person
from cohab_report.territory import queries as territory
from cohab_report.triage.models import Case, CaseState, Occupancy
from cohab_report.triage.operations import acts


def doubt_occupancy(case: Case, *, by: Person, at: datetime) -> None:
    """Somebody may live there: public works are locked, nothing of it is public, and it waits for outreach."""
    acts.refuse_unless_with_triage(case, CaseState.OCCUPANCY_CHECK.value)
    acts.doubt(case, at=at)
    acts.record(case, "occupancy.doubted", by=by, at=at)


def record_occupancy(case: Case, *, in_use: bool, on: date, note: str, by: Person, at: datetime) -> None:
    """Outreach has looked: the place is cleared for works, or belongings are in use and works stay locked. Date and note are mandatory.

    Raises Invalid("on" | "note", …), or MoveRefused when nobody doubted or the person is neither of triage nor of an outreach partner.
    """
    if not case.works_are_locked:
        raise MoveRefused("case", case.state.value, "occupancy", "not_asked")
    if by.partner is not None and by.role.value == "partner" and not by.partner.does_outreach:
        raise MoveRefused("case", case.state.value, "occupancy", "not_outreach")
    if on > at.astimezone(territory.ground().zone).date():
        raise Invalid("on", "future")
    case.occupancy_note = acts.needed("note", note)
    case.occupancy, case.occupancy_on = (Occupancy.IN_USE if in_use else Occupancy.CLEARED), on
    is_taken_up = not in_use and case.state is CaseState.OCCUPANCY_CHECK
    if is_taken_up:
        case.move_to(CaseState.ACCEPTED)
        case.accepted_at = case.accepted_at or at
        acts.wait_in(case, acts.queue_for(case.category.queue_code, case.occupancy, flooded=False))
        acts.tell(case)
    acts.record(case, "occupancy.in_use" if in_use else "occupancy.cleared", by=by, at=at, facts={"on": on.isoformat()})
    if is_taken_up:
        acts.record(case, "case.accepted", by=by, at=at, public=True)
