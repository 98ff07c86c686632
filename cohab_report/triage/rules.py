"""What the team may do with a case, decided from facts: the guard rails that no screen can bend."""

from collections.abc import Iterable

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


def status_of(case: Case) -> Status:
    """The word that the residents of this case read. What was taken up stays so while outreach looks at the place."""
    if case.state is CaseState.CLOSED and case.closing_reason is not None:
        return STATUS_OF_REASON.get(case.closing_reason, Status.DONE)
    if case.state is CaseState.OCCUPANCY_CHECK and case.accepted_at is not None:
        return Status.TAKEN_UP
    return STATUS_OF_STATE.get(case.state, Status.TAKEN_UP)


def occupancy_of(belongings: Belongings) -> Occupancy:
    """What the resident's answer says of the place; anything but a plain no has to be looked at first (guard rail 1)."""
    return Occupancy.POSSIBLE if belongings in (Belongings.YES, Belongings.UNKNOWN) else Occupancy.NONE


def may_join(case: Case, belongings: Belongings) -> bool:
    """Whether an observation with this answer may belong to a case that others opened.

    One that tells of belongings in use has a case of its own where the other can't go back to the occupancy check from where it is,
    in a partner's hands for one: outreach looks all the same.
    """
    may_be_checked = case.is_with_triage and case.may_move_to(CaseState.OCCUPANCY_CHECK)
    return case.is_open and (may_be_checked or occupancy_of(belongings) is Occupancy.NONE)


def may_recode(before: Category, after: Category) -> bool:
    """Whether a case of one category may become one of the other: only to equal or stronger protection (guard rail 2)."""
    return after.opens_the_form and after.id != before.id and after.protection >= before.protection


def recodings(before: Category, all_categories: Iterable[Category]) -> list[Category]:
    """The categories that a case of this one may be recoded to."""
    return [category for category in all_categories if may_recode(before, category)]


def must_check_occupancy(after: Category, answers: Iterable[Belongings]) -> bool:
    """Whether recoding to `after` asks of the place what nobody asked the residents yet."""
    return after.asks_belongings and any(answer is Belongings.NOT_ASKED for answer in answers)
