"""The plan as its pages show it."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.plan.models import Action, Field


def fields() -> Sequence[Field]:
    """The plan's fields with their actions, partners, sources and milestones, in the plan's order."""
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


def fields_ever() -> Sequence[Field]:
    """The plan's fields with the codes and titles of their actions; retired ones too, for what was published of them."""
    return db.session.scalars(select(Field).order_by(Field.position).options(selectinload(Field.actions))).all()


def action_or_refuse(code: str) -> Action:
    """The action of this code with all that its page shows; raises NotThere."""
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
        raise NotThere
    return action
