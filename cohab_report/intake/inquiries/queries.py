"""Answers about inquiries: triage reads those of a case, an author those of one observation, and nobody else any."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from cohab_report.db import db
from cohab_report.intake.inquiries.models import Inquiry, InquiryState


def of(observation_ids: Collection[int]) -> Sequence[Inquiry]:
    """All that was asked about these observations, the latest first."""
    query = select(Inquiry).where(Inquiry.observation_id.in_(observation_ids))
    return db.session.scalars(query.order_by(Inquiry.asked_at.desc(), Inquiry.id.desc())).all()


def open_of(observation_id: int) -> Inquiry | None:
    """What the author of this observation is asked now, or None."""
    query = select(Inquiry).where(Inquiry.observation_id == observation_id, Inquiry.state == InquiryState.OPEN)
    return db.session.scalars(query).one_or_none()


def by_number(number: int) -> Inquiry | None:
    """The inquiry of this number, or None."""
    return db.session.get(Inquiry, number)
