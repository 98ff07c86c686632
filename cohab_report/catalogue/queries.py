"""Queries on the catalogue: categories, signposts, emergency numbers, responses to residents."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, select
from sqlalchemy.orm import joinedload, selectinload

from cohab_report.cache_stamps import StampedCache
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
from cohab_report.errors import NotFound


def categories(*kinds: Kind) -> Sequence[Category]:
    """Returns the categories of these kinds (all kinds if none is given), in the profile's order, signpost-only ones
    included.
    """
    query = select(Category).where(~Category.is_retired).order_by(Category.position)
    if kinds:
        query = query.where(Category.kind.in_(kinds))
    return db.session.scalars(query).all()


def categories_with_questions() -> Sequence[Category]:
    """Returns all categories with their questions loaded, in the profile's order."""
    return db.session.scalars(
        select(Category)
        .where(~Category.is_retired)
        .order_by(Category.position)
        .options(selectinload(Category.questions))
    ).all()


def category_or_refuse(code: str) -> Category:
    """Returns the category of this code with its questions, lead and actions; raises NotFound if none or retired."""
    load_options = (selectinload(Category.questions), joinedload(Category.lead), selectinload(Category.actions))
    category = db.session.scalars(
        select(Category).where(Category.code == code, ~Category.is_retired).options(*load_options)
    ).one_or_none()
    if category is None:
        raise NotFound
    return category


def questions_of(category: Category) -> Sequence[Question]:
    """Returns the questions of a category that are not retired, in order."""
    return [question for question in category.questions if not question.is_retired]


def signposts(codes: Iterable[str]) -> Sequence[Signpost]:
    """Returns the signposts of these codes, in the order of the codes; unknown and retired ones are left out."""
    codes = list(codes)
    by_code = {
        post.code: post
        for post in db.session.scalars(select(Signpost).where(Signpost.code.in_(codes), ~Signpost.is_retired))
    }
    return [by_code[code] for code in codes if code in by_code]


def emergency_numbers(*levels: str) -> Sequence[EmergencyNumber]:
    """Returns the emergency numbers of these levels (all levels if none is given), in the profile's order."""
    query = select(EmergencyNumber).where(~EmergencyNumber.is_retired).order_by(EmergencyNumber.position)
    if levels:
        query = query.where(EmergencyNumber.level.in_(levels))
    return db.session.scalars(query).all()


def responses_to(category_code: str, kind: Kind) -> Mapping[str, Words]:
    """Returns the text for residents by outcome, for cases of this category: its own text, else its kind's, else the
    one for all.
    """
    scopes = (FOR_ALL, kind.value, category_code)
    specificity = case({scope: rank for rank, scope in enumerate(scopes)}, value=Response.category)
    query = select(Response).where(Response.category.in_(scopes), ~Response.is_retired).order_by(specificity)
    return {row.outcome: row.text for row in db.session.scalars(query)}


@dataclass(frozen=True)
class QuestionFacts:
    """A question in use as plain values, independent of a database session."""

    code: str
    is_required: bool
    option_codes: tuple[str, ...]
    raises: Mapping[str, int]
    blocks: Mapping[str, str]


@dataclass(frozen=True)
class CategoryFacts:
    """A category's rules for receiving an observation as plain values, independent of a database session."""

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


def category_facts(code: str) -> CategoryFacts:
    """Returns a category's rules by code, from memory until the catalogue changes; raises NotFound."""
    facts = _category_facts_by_code().get(code)
    if facts is None:
        raise NotFound
    return facts


def category_facts_by_id(category_id: int) -> CategoryFacts:
    """Returns a category's rules by id, from memory until the catalogue changes; raises NotFound."""
    for facts in _category_facts_by_code().values():
        if facts.id == category_id:
            return facts
    raise NotFound


def _category_facts_by_code() -> Mapping[str, CategoryFacts]:
    return _category_facts_cache.value()


def _read_category_facts() -> Mapping[str, CategoryFacts]:
    load_options = (selectinload(Category.questions), selectinload(Category.actions))
    rows = db.session.scalars(select(Category).where(~Category.is_retired).options(*load_options)).all()
    return {row.code: _category_facts_of_row(row) for row in rows}


_category_facts_cache = StampedCache(
    "catalogue", ("category", "question", "category_action", "action"), _read_category_facts
)


def _category_facts_of_row(row: Category) -> CategoryFacts:
    questions = tuple(
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
        questions,
    )
