"""Queries on the plan."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from cohab_report.db import db
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
