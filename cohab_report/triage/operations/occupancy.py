"""The occupancy check: public works stay away until outreach has looked, with a date and a note (guard rails 1 and 2)."""

from datetime import date, datetime

from cohab_report.errors import Invalid, MoveRefused
from cohab_report.partners.models import Person, Role
from cohab_report.territory import queries as territory
from cohab_report.triage import rules
from cohab_report.triage.models import Case, CaseState, Occupancy
from cohab_report.triage.operations import acts


def doubt_occupancy(case: Case, *, by: Person, at: datetime) -> None:
    """Somebody may live there: public works are locked, nothing of it is public, and it waits for outreach."""
    acts.refuse_unless_with_triage(case, CaseState.OCCUPANCY_CHECK.value)
    acts.doubt(case, at=at)
    acts.record(case, "occupancy.doubted", by=by, at=at)


def record_occupancy(case: Case, *, in_use: bool, on: date, note: str, by: Person, at: datetime) -> None:
    """Outreach has looked: the place is cleared for works, or belongings are in use and works stay locked. Date and note are mandatory.

    Raises Invalid("on", future | before) or Invalid("note", …), or MoveRefused when the case is over, nobody doubted, or the person is
    neither of triage nor of an outreach partner.
    """
    acts.refuse_when_over(case, "occupancy")
    if not case.works_are_locked:
        raise MoveRefused("case", case.state.value, "occupancy", "not_asked")
    if not _may_look(by):
        raise MoveRefused("case", case.state.value, "occupancy", "not_outreach")
    if on > at.astimezone(territory.ground().zone).date():
        raise Invalid("on", "future")
    if on < _doubted_on(case):
        raise Invalid("on", "before")
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


def _may_look(person: Person) -> bool:
    return person.role is Role.TRIAGER or (person.partner is not None and person.partner.does_outreach)


def _doubted_on(case: Case) -> date:
    """The last day on which somebody saw what may be in use: what was seen before that day says nothing about it."""
    doubtful = [one for one in case.observations if rules.occupancy_of(one.belongings) is Occupancy.POSSIBLE]
    return max(one.observed_on for one in doubtful or case.observations)
