"""Queries of inquiries: triage reads those of a case, an author those of their own observation, nobody else any."""

from collections.abc import Collection, Sequence

from sqlalchemy import select

from cohab_report.db import db
from cohab_report.intake.inquiries.models import Inquiry, InquiryState


def inquiries_of(observation_ids: Collection[int]) -> Sequence[Inquiry]:
    """Returns all inquiries about these observations, the latest first."""
    query = select(Inquiry).where(Inquiry.observation_id.in_(observation_ids))
    return db.session.scalars(query.order_by(Inquiry.asked_at.desc(), Inquiry.id.desc())).all()


def open_inquiry_of(observation_id: int) -> Inquiry | None:
    """Returns the open inquiry about this observation, or None."""
    query = select(Inquiry).where(Inquiry.observation_id == observation_id, Inquiry.state == InquiryState.OPEN)
    return db.session.scalars(query).one_or_none()


def inquiry_by_id(number: int) -> Inquiry | None:
    """Returns the inquiry of this internal number, or None."""
    return db.session.get(Inquiry, number)
