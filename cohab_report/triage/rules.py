"""Rules on what the team may do with a case, decided from facts: the guard rails that no page can get around."""

from collections.abc import Iterable
from datetime import date

from cohab_report.catalogue.models import Category
from cohab_report.intake.models import Belongings, Status
from cohab_report.triage.models import Case, CaseState, ClosingReason, Occupancy

STATUS_OF_REASON = {
    ClosingReason.OUTSIDE_MANDATE: Status.REDIRECTED,
    ClosingReason.REDIRECTED: Status.REDIRECTED,
}
STATUS_OF_STATE = {
    CaseState.NEW: Status.RECEIVED,
    CaseState.OCCUPANCY_CHECK: Status.RECEIVED,
    CaseState.REOPEN_REQUESTED: Status.RECEIVED,
    CaseState.ACCEPTED: Status.TAKEN_UP,
    CaseState.HANDED_OVER: Status.TAKEN_UP,
    CaseState.IN_PROGRESS: Status.TAKEN_UP,
}


def public_status_of(case: Case) -> Status:
    """Returns the status that the residents of this case read. What was taken up stays so during an occupancy check."""
    if case.state is CaseState.CLOSED and case.closing_reason is not None:
        return STATUS_OF_REASON.get(case.closing_reason, Status.DONE)
    if case.state is CaseState.OCCUPANCY_CHECK and case.accepted_at is not None:
        return Status.TAKEN_UP
    return STATUS_OF_STATE.get(case.state, Status.TAKEN_UP)


def occupancy_from_answer(belongings: Belongings) -> Occupancy:
    """Returns the occupancy that a resident's answer implies.

    Anything but a plain no must be checked first (guard rail 1).
    """
    return Occupancy.POSSIBLE if belongings in (Belongings.YES, Belongings.UNKNOWN) else Occupancy.NONE


def latest_doubt(doubted_on: date | None, day: date) -> date:
    """Returns the later of both days: a doubt about who lives at a place is as young as the last reason for it."""
    return day if doubted_on is None else max(doubted_on, day)


def is_older_than_doubt(visited_on: date, doubted_on: date | None) -> bool:
    """Tells whether a visit was before the last doubt, so that it says nothing of the place (guard rail 1).

    The days that count are those of a resident's report, of its joining the case or of a merge, of the team's own
    doubt, of works that were stopped, and of a visit that found belongings in use.
    """
    return doubted_on is None or visited_on < doubted_on


def may_join(case: Case, belongings: Belongings) -> bool:
    """Tells whether an observation with this answer may belong to a case that others opened.

    An observation that reports belongings in use gets a case of its own where the other can't go back to the occupancy
    check from its state, for example while a partner holds it: the outreach team must look all the same.
    """
    may_be_checked = case.is_with_triage and case.may_move_to(CaseState.OCCUPANCY_CHECK)
    return case.is_open and (may_be_checked or occupancy_from_answer(belongings) is Occupancy.NONE)


def may_recode(before: Category, after: Category) -> bool:
    """Tells whether a case may change from one category to the other.

    Only to equal or stronger protection (guard rail 2).
    """
    return after.opens_the_form and after.id != before.id and after.protection >= before.protection


def recoding_choices(before: Category, all_categories: Iterable[Category]) -> list[Category]:
    """Returns the categories that a case of this one may be recoded to."""
    return [category for category in all_categories if may_recode(before, category)]


def must_check_occupancy(after: Category, answers: Iterable[Belongings]) -> bool:
    """Tells whether `after` asks about belongings and some resident of the case was never asked."""
    return after.asks_belongings and any(answer is Belongings.NOT_ASKED for answer in answers)
