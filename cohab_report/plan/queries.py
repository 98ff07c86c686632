"""Queries on the plan."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from cohab_report.db import db
from cohab_report.errors import NotFound
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action, Field, Source


def actions_in_order() -> Sequence[Action]:
    """Returns the actions that are not retired with their field, lead, support and sources, in the plan's order."""
    load_options = (
        joinedload(Action.field),
        joinedload(Action.lead),
        selectinload(Action.support),
        selectinload(Action.sources),
    )
    query = select(Action).join(Action.field).where(~Action.is_retired).options(*load_options)
    return db.session.scalars(query.order_by(Field.position, Action.position, Action.code)).all()


def actions_by_code() -> dict[str, Action]:
    """Returns all actions by code, retired ones included, with their support and sources."""
    load_options = (selectinload(Action.support), selectinload(Action.sources))
    return {action.code: action for action in db.session.scalars(select(Action).options(*load_options))}


def fields_by_code() -> dict[str, Field]:
    """Returns all fields by code."""
    return {field.code: field for field in db.session.scalars(select(Field).order_by(Field.code))}


def partners_by_code() -> dict[str, Partner]:
    """Returns all partners by code, in the order of `Action.support`."""
    return {partner.code: partner for partner in db.session.scalars(select(Partner).order_by(Partner.code))}


def sources_by_key() -> dict[str, Source]:
    """Returns all sources by key, in the order of `Action.sources`."""
    return {source.key: source for source in db.session.scalars(select(Source).order_by(Source.key))}


def plan_fields() -> Sequence[Field]:
    """Returns the plan's fields with their actions, partners, sources and milestones, in the plan's order."""
    action = selectinload(Field.actions.and_(~Action.is_retired))
    parts = (
        joinedload(Action.lead),
        selectinload(Action.support),
        selectinload(Action.sources),
        selectinload(Action.milestones),
    )
    return db.session.scalars(
        select(Field).where(~Field.is_retired).order_by(Field.position).options(action.options(*parts))
    ).all()


def fields_with_retired() -> Sequence[Field]:
    """Returns all fields with all their actions, in the plan's order; retired ones too, for older publications."""
    return db.session.scalars(select(Field).order_by(Field.position).options(selectinload(Field.actions))).all()


def plan_action_or_refuse(code: str) -> Action:
    """Returns the action of this code with its field, partners, sources and milestones; raises NotFound."""
    query = (
        select(Action)
        .join(Field, Field.id == Action.field_id)
        .where(Action.code == code, ~Action.is_retired, ~Field.is_retired)
    )
    parts = (
        joinedload(Action.lead),
        selectinload(Action.support),
        selectinload(Action.sources),
        selectinload(Action.milestones),
    )
    action = db.session.scalars(query.options(contains_eager(Action.field), *parts)).one_or_none()
    if action is None:
        raise NotFound
    return action
