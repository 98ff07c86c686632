"""Answers about what may be observed, and whom to call."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from cohab_report.catalogue.models import Category, EmergencyNumber, Kind, Question, Signpost
from cohab_report.db import db
from cohab_report.errors import NotThere


def categories(*kinds: Kind) -> Sequence[Category]:
    """The categories of these kinds (all without any), in the profile's order, those that only give a signpost included."""
    query = select(Category).where(~Category.is_retired).order_by(Category.position)
    if kinds:
        query = query.where(Category.kind.in_(kinds))
    return db.session.scalars(query).all()


def category_or_refuse(code: str) -> Category:
    """The category of this code with its questions, lead and actions; raises NotThere."""
    whole = (selectinload(Category.questions), joinedload(Category.lead), selectinload(Category.actions))
    category = db.session.scalars(select(Category).where(Category.code == code, ~Category.is_retired).options(*whole)).one_or_none()
    if category is None:
        raise NotThere
    return category


def questions_of(category: Category) -> Sequence[Question]:
    """The questions that are still asked about a category, in order."""
    return [question for question in category.questions if not question.is_retired]


def signposts(codes: Iterable[str]) -> Sequence[Signpost]:
    """The signposts of these codes, in the order they were asked for."""
    wanted = list(codes)
    found = {post.code: post for post in db.session.scalars(select(Signpost).where(Signpost.code.in_(wanted), ~Signpost.is_retired))}
    return [found[code] for code in wanted if code in found]


def emergency_numbers(*levels: str) -> Sequence[EmergencyNumber]:
    """The numbers to call, in the profile's order; of these levels only, if any are named."""
    query = select(EmergencyNumber).where(~EmergencyNumber.is_retired).order_by(EmergencyNumber.position)
    if levels:
        query = query.where(EmergencyNumber.level.in_(levels))
    return db.session.scalars(query).all()
