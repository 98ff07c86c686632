"""Queries of the plan for its pages."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from cohab_report.db import db
from cohab_report.errors import NotFound
from cohab_report.plan.models import Action, Field


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
