"""Answers about the plan."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from cohab_report.db import db
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action, Field, Source


def actions_in_order() -> Sequence[Action]:
    """Every action that is not retired with its field, lead, support and sources, in the order of the plan."""
    whole = (
        joinedload(Action.field),
        joinedload(Action.lead),
        selectinload(Action.support),
        selectinload(Action.sources),
    )
    query = select(Action).join(Action.field).where(~Action.is_retired).options(*whole)
    return db.session.scalars(query.order_by(Field.position, Action.position, Action.code)).all()


def every_action() -> dict[str, Action]:
    """All actions by code, the retired ones too."""
    whole = (selectinload(Action.support), selectinload(Action.sources))
    return {action.code: action for action in db.session.scalars(select(Action).options(*whole))}


def every_field() -> dict[str, Field]:
    """All fields by code."""
    return {field.code: field for field in db.session.scalars(select(Field).order_by(Field.code))}


def every_partner() -> dict[str, Partner]:
    """All partners by code, in the order in which an action gives those who support it."""
    return {partner.code: partner for partner in db.session.scalars(select(Partner).order_by(Partner.code))}


def every_source() -> dict[str, Source]:
    """All sources by key, in the order in which an action gives its own."""
    return {source.key: source for source in db.session.scalars(select(Source).order_by(Source.key))}
