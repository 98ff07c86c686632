"""Queries for questions to authors, by case."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from cohab_report.db import db
from cohab_report.intake.inquiries.models import Inquiry, InquiryState
from cohab_report.triage.models import Case, CaseObservation

LISTED_STATES = (InquiryState.OPEN, InquiryState.ANSWERED, InquiryState.DECLINED)
"""The states that a list of cases shows."""


def inquiry_state_by_case(cases: Iterable[Case]) -> Mapping[int, InquiryState]:
    """Returns the inquiry state of each case, by its id: a new answer, or else a question that waits.

    An answer is new until somebody acts on the case. One query for any number of cases; a case without either is left
    out.
    """
    changed_at = {case.id: case.changed_at for case in cases}
    query = select(CaseObservation.case_id, Inquiry.state, Inquiry.ended_at)
    by_case = query.join(CaseObservation, CaseObservation.observation_id == Inquiry.observation_id)
    state_by_case: dict[int, InquiryState] = {}
    for case_id, state, ended_at in db.session.execute(
        by_case.where(CaseObservation.case_id.in_(changed_at), Inquiry.state.in_(LISTED_STATES))
    ):
        if state is InquiryState.OPEN:
            state_by_case.setdefault(case_id, state)
        elif ended_at is not None and ended_at >= changed_at[case_id]:
            state_by_case[case_id] = state
    return state_by_case
