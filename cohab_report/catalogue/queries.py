"""Answers about what may be observed, and whom to call."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from flask import current_app
from sqlalchemy import case, select
from sqlalchemy.orm import joinedload, selectinload

from cohab_report.catalogue.models import (
    FOR_ALL,
    Category,
    EmergencyNumber,
    Kind,
    Priority,
    Protection,
    Question,
    Response,
    Signpost,
)
from cohab_report.db import Words, db
from cohab_report.errors import NotThere
from cohab_report.territory import queries as territory


def categories(*kinds: Kind) -> Sequence[Category]:
    """The categories of these kinds (all without any), in the profile's order, those that only give a signpost included."""
    query = select(Category).where(~Category.is_retired).order_by(Category.position)
    if kinds:
        query = query.where(Category.kind.in_(kinds))
    return db.session.scalars(query).all()


def categories_with_questions() -> Sequence[Category]:
    """All categories with their questions at hand, in the profile's order."""
    return db.session.scalars(
        select(Category)
        .where(~Category.is_retired)
        .order_by(Category.position)
        .options(selectinload(Category.questions))
    ).all()


def category_or_refuse(code: str) -> Category:
    """The category of this code with its questions, lead and actions; raises NotThere."""
    whole = (selectinload(Category.questions), joinedload(Category.lead), selectinload(Category.actions))
    category = db.session.scalars(
        select(Category).where(Category.code == code, ~Category.is_retired).options(*whole)
    ).one_or_none()
    if category is None:
        raise NotThere
    return category


def questions_of(category: Category) -> Sequence[Question]:
    """The questions that are still asked about a category, in order."""
    return [question for question in category.questions if not question.is_retired]


def signposts(codes: Iterable[str]) -> Sequence[Signpost]:
    """The signposts of these codes, in the order they were asked for."""
    wanted = list(codes)
    found = {
        post.code: post
        for post in db.session.scalars(select(Signpost).where(Signpost.code.in_(wanted), ~Signpost.is_retired))
    }
    return [found[code] for code in wanted if code in found]


def emergency_numbers(*levels: str) -> Sequence[EmergencyNumber]:
    """The numbers to call, in the profile's order; of these levels only, if any are named."""
    query = select(EmergencyNumber).where(~EmergencyNumber.is_retired).order_by(EmergencyNumber.position)
    if levels:
        query = query.where(EmergencyNumber.level.in_(levels))
    return db.session.scalars(query).all()


def responses_to(category_code: str, kind: Kind) -> Mapping[str, Words]:
    """What residents read for each outcome of a case of this category: its own words before those of its kind, and those before all's."""
    by_breadth = (FOR_ALL, kind.value, category_code)
    breadth = case({name: place for place, name in enumerate(by_breadth)}, value=Response.category)
    query = select(Response).where(Response.category.in_(by_breadth), ~Response.is_retired).order_by(breadth)
    return {row.outcome: row.text for row in db.session.scalars(query)}


@dataclass(frozen=True)
class QuestionFacts:
    """A question that is still asked, without the database."""

    code: str
    is_required: bool
    option_codes: tuple[str, ...]
    raises: Mapping[str, int]
    blocks: Mapping[str, str]


@dataclass(frozen=True)
class CategoryFacts:
    """What decides how an observation of a category is received, without the database."""

    id: int
    code: str
    kind: Kind
    protection: Protection
    priority: Priority
    asks_belongings: bool
    opens_the_form: bool
    queue_code: str
    action_ids: tuple[int, ...]
    questions: tuple[QuestionFacts, ...]


def in_force(code: str) -> CategoryFacts:
    """The facts of the category of this code, kept in memory until the profile is loaded anew; raises NotThere."""
    facts = _in_force().get(code)
    if facts is None:
        raise NotThere
    return facts


def in_force_by_id(category_id: int) -> CategoryFacts:
    """The same, by number; raises NotThere."""
    for facts in _in_force().values():
        if facts.id == category_id:
            return facts
    raise NotThere


def _in_force() -> Mapping[str, CategoryFacts]:
    stamp = territory.ground().stamp
    remembered = cast("tuple[object, Mapping[str, CategoryFacts]] | None", current_app.extensions.get("catalogue"))
    if remembered is None or remembered[0] != stamp:
        whole = (selectinload(Category.questions), selectinload(Category.actions))
        rows = db.session.scalars(select(Category).where(~Category.is_retired).options(*whole)).all()
        remembered = current_app.extensions["catalogue"] = (stamp, {row.code: _facts_of(row) for row in rows})
    return remembered[1]


def _facts_of(row: Category) -> CategoryFacts:
    asked = tuple(
        QuestionFacts(question.code, question.is_required, question.option_codes, question.raises, question.blocks)
        for question in questions_of(row)
    )
    actions = tuple(action.id for action in row.actions)
    return CategoryFacts(
        row.id,
        row.code,
        row.kind,
        row.protection,
        row.priority,
        row.asks_belongings,
        row.opens_the_form,
        row.queue_code,
        actions,
        asked,
    )
