"""Answers about questions to authors, by case."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from cohab_report.db import db
from cohab_report.intake.inquiries.models import Inquiry, InquiryState
from cohab_report.triage.models import Case, CaseObservation

TOLD = (InquiryState.OPEN, InquiryState.ANSWERED, InquiryState.DECLINED)


def standing_in(cases: Iterable[Case]) -> Mapping[int, InquiryState]:
    """How each case stands with its authors, by its number: an answer that nobody acted on yet, before a question that still waits.

    Asked once for any number of cases; a case without either is not in it.
    """
    changed = {case.id: case.changed_at for case in cases}
    query = select(CaseObservation.case_id, Inquiry.state, Inquiry.ended_at)
    mine = query.join(CaseObservation, CaseObservation.observation_id == Inquiry.observation_id)
    found: dict[int, InquiryState] = {}
    for case_id, state, ended_at in db.session.execute(
        mine.where(CaseObservation.case_id.in_(changed), Inquiry.state.in_(TOLD))
    ):
        if state is InquiryState.OPEN:
            found.setdefault(case_id, state)
        elif ended_at is not None and ended_at >= changed[case_id]:
            found[case_id] = state
    return found
