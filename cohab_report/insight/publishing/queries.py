"""Queries of publications, of the sectors, categories and actions that name their rows, and of police transfers."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import selectinload

from cohab_report.catalogue.models import Category
from cohab_report.db import db
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.quarters import Quarter
from cohab_report.journal import Event
from cohab_report.plan.models import Action, Field
from cohab_report.routing.events import PoliceTransferred
from cohab_report.territory.models import Sector


def publications(audience: Audience, quarters: Iterable[Quarter]) -> dict[Quarter, Publication]:
    """Returns this audience's publications of these quarters, as far as there are any."""
    days = [quarter.first_day for quarter in quarters]
    query = select(Publication).where(Publication.audience == audience, Publication.quarter.in_(days))
    return {Quarter.of(publication.quarter): publication for publication in db.session.scalars(query)}


def latest_publication(audience: Audience) -> Publication | None:
    """Returns this audience's publication of the latest quarter, or None."""
    query = select(Publication).where(Publication.audience == audience).order_by(Publication.quarter.desc()).limit(1)
    return db.session.scalars(query).one_or_none()


def published_quarters(audience: Audience) -> Sequence[Quarter]:
    """Returns the quarters that are published for this audience, the latest first."""
    query = select(Publication.quarter).where(Publication.audience == audience).order_by(Publication.quarter.desc())
    return [Quarter.of(day) for day in db.session.scalars(query)]


def sectors_with_retired() -> Sequence[Sector]:
    """Returns all sectors by French name; retired ones too, for what was received there."""
    return db.session.scalars(select(Sector).order_by(Sector.name_fr)).all()


def categories_with_retired() -> Sequence[Category]:
    """Returns all categories in the profile's order; retired ones too, for what was received of them."""
    return db.session.scalars(select(Category).order_by(Category.kind, Category.position)).all()


def fields_with_action_titles() -> Sequence[Field]:
    """Returns the plan's fields with their actions, in the plan's order, without partners, sources and milestones."""
    query = select(Field).where(~Field.is_retired).order_by(Field.position)
    return db.session.scalars(query.options(selectinload(Field.actions.and_(~Action.is_retired)))).all()


def police_transfers(begin: datetime, end: datetime) -> int:
    """Counts the transfers of cases to the police from `begin` to `end`, `end` excluded.

    Exact even when few: it counts acts of the team, for the whole city, and stands beside no category, place or day.
    """
    query = select(func.count(Event.id)).where(Event.name == PoliceTransferred.name)
    return db.session.scalar(query.where(Event.happened_at >= begin, Event.happened_at < end)) or 0


def delete_publications() -> None:
    """Deletes every publication, of all audiences."""
    db.session.execute(delete(Publication))


def delete_committee_publications_except(quarters: Iterable[Quarter]) -> None:
    """Deletes the committee's publications of all other quarters than these, in which nothing counts any more."""
    days = [quarter.first_day for quarter in quarters]
    db.session.execute(
        delete(Publication).where(Publication.audience == Audience.COMMITTEE, Publication.quarter.not_in(days))
    )


def replace_publication(publication: Publication) -> None:
    """Overwrites the stored publication of the same audience and quarter, unless that one was made of a later count."""
    query = update(Publication).where(
        Publication.audience == publication.audience,
        Publication.quarter == publication.quarter,
        Publication.counted_at <= publication.counted_at,
    )
    db.session.execute(
        query.values(made_at=publication.made_at, counted_at=publication.counted_at, content=publication.content)
    )
