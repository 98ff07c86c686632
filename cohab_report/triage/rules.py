"""Rules on what the team may do with a case, decided from facts: the guard rails that no page can get around."""

from collections.abc import Iterable
from datetime import date

from cohab_report.catalogue.models import Category, Kind
from cohab_report.intake.models import Belongings, Observation, Status
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


def state_when_reopened(case: Case) -> CaseState:
    """Returns the state of a closed case that the team takes up again: what it was before, as far as that is still so.

    A place where somebody may live is checked first, and what nobody had accepted is to be read.
    """
    if case.works_are_locked:
        return CaseState.OCCUPANCY_CHECK
    return CaseState.NEW if case.accepted_at is None else CaseState.ACCEPTED


def reopening_obstacle(case: Case) -> str | None:
    """Returns why the team can't take the case up again, or None: `open`, `merged`, or `all_withdrawn`."""
    if case.state is not CaseState.CLOSED:
        return "merged" if case.state is CaseState.MERGED else "open"
    return "all_withdrawn" if all(observation.is_withdrawn for observation in case.observations) else None


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


def may_join(case: Case, observation: Observation) -> bool:
    """Tells whether an observation may belong to a case that others opened.

    It gets a case of its own where the team works on the other for another purpose, or where only one of them is a
    worry for a person. So does one that reports belongings in use where the other can't go back to the occupancy
    check from its state, for example while a partner holds it: the outreach team must look all the same. A case that
    is being checked is joined like any other: otherwise whoever sends such an answer would learn that it is.
    """
    is_concern = observation.kind is Kind.CONCERN
    if not case.is_open or _mixing_refusal(case, observation.category, is_concern=is_concern) is not None:
        return False
    is_checked = case.state is CaseState.OCCUPANCY_CHECK
    may_be_checked = case.is_with_triage and (is_checked or case.may_move_to(CaseState.OCCUPANCY_CHECK))
    return may_be_checked or occupancy_from_answer(observation.belongings) is Occupancy.NONE


def merge_refusal(case: Case, into: Case) -> str | None:
    """Returns the code of why the case can't be merged into the other one, or None when it can.

    `same` or `over`: there is no other open case. `concern`: only one of them is a worry for a person. `purpose`: they
    are worked on for different purposes, by partners who may not see one another's cases. `locked`: somebody may live
    there, and a partner holds the other case.
    """
    if case.id == into.id or not into.is_open:
        return "same" if case.id == into.id else "over"
    is_out_of_reach = case.works_are_locked and not into.works_are_locked and not into.is_with_triage
    mixing = _mixing_refusal(into, case.category, is_concern=case.is_concern)
    return mixing or ("locked" if is_out_of_reach else None)


def _mixing_refusal(case: Case, category: Category, *, is_concern: bool) -> str | None:
    """Returns why observations that are worked on as this category can't be worked on in the case, or None."""
    if case.is_concern is not is_concern:
        return "concern"
    return "purpose" if case.category.purpose is not category.purpose else None


def recode_refusal(case: Case, after: Category) -> str | None:
    """Returns the code of why the case can't become one of this category, or None when it can.

    `weaker`: only equal or stronger protection (guard rail 2), of a category in use that is another one. `concern`: a
    worry for a person stays one.
    """
    before = case.category
    if not after.opens_the_form or after.id == before.id or after.protection < before.protection:
        return "weaker"
    return "concern" if case.is_concern and after.kind is not Kind.CONCERN else None


def crosses_purposes(before: Category, after: Category) -> bool:
    """Tells whether the two categories are for different purposes, or only one of them is something good.

    Such a change is confirmed twice, and figures don't follow it.
    """
    is_good = [category.kind is Kind.POSITIVE for category in (before, after)]
    return before.purpose is not after.purpose or is_good[0] is not is_good[1]


def counted_category(sent: Category, judged: Category) -> Category:
    """Returns the category in which figures count an observation that was sent as one and is worked on as the other.

    The team's judgement within a purpose, else what was sent, so that no recoding raises the share of what is good. A
    worry for a person is in no other figure, whatever it was sent as.
    """
    return sent if judged.kind is not Kind.CONCERN and crosses_purposes(sent, judged) else judged


def categories_counted_as_sent(case: Case) -> list[Category]:
    """Returns the categories in which figures count observations of this case, other than the case's own purpose."""
    sent = {observation.category_id: observation.category for observation in case.observations}
    return [category for category in sent.values() if counted_category(category, case.category) is not case.category]


def recoding_choices(case: Case, all_categories: Iterable[Category]) -> list[Category]:
    """Returns the categories that the case may be recoded to."""
    return [category for category in all_categories if recode_refusal(case, category) is None]


def must_check_occupancy(after: Category, answers: Iterable[Belongings]) -> bool:
    """Tells whether `after` asks about belongings and some resident of the case was never asked."""
    return after.asks_belongings and any(answer is Belongings.NOT_ASKED for answer in answers)
