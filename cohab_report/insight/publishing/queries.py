"""What is published, what its rows are named after, and the one number that is counted where it happens."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import selectinload

from cohab_report.catalogue.models import Category
from cohab_report.db import db
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.quarters import Quarter
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action, Field
from cohab_report.routing.models import Handover
from cohab_report.territory.models import Sector


def publications(audience: Audience, quarters: Iterable[Quarter]) -> dict[Quarter, Publication]:
    """What this audience reads of these quarters, as far as it is there."""
    days = [quarter.first_day for quarter in quarters]
    query = select(Publication).where(Publication.audience == audience, Publication.quarter.in_(days))
    return {Quarter.of(found.quarter): found for found in db.session.scalars(query)}


def latest_publication(audience: Audience) -> Publication | None:
    """What this audience reads of the latest quarter that it may read, or None."""
    query = select(Publication).where(Publication.audience == audience).order_by(Publication.quarter.desc()).limit(1)
    return db.session.scalars(query).one_or_none()


def published_quarters(audience: Audience) -> Sequence[Quarter]:
    """The quarters that this audience reads, the latest first."""
    query = select(Publication.quarter).where(Publication.audience == audience).order_by(Publication.quarter.desc())
    return [Quarter.of(day) for day in db.session.scalars(query)]


def sectors() -> Sequence[Sector]:
    """The sectors, by name; a retired one too, for what was received there."""
    return db.session.scalars(select(Sector).order_by(Sector.name_fr)).all()


def categories() -> Sequence[Category]:
    """The categories in the profile's order; a retired one too, for what was received of it."""
    return db.session.scalars(select(Category).order_by(Category.kind, Category.position)).all()


def fields_in_brief() -> Sequence[Field]:
    """The plan's fields with the codes and titles of their actions, in the plan's order."""
    query = select(Field).where(~Field.is_retired).order_by(Field.position)
    return db.session.scalars(query.options(selectinload(Field.actions.and_(~Action.is_retired)))).all()


def police_transfers(begin: datetime, end: datetime) -> int:
    """How many cases were offered to a partner that only a written human transfer reaches, between two instants.

    Told exactly, even when few: it counts acts of the team, for the whole city, and stands beside no category, place or day.
    """
    query = select(func.count(Handover.id)).join(Partner, Partner.id == Handover.partner_id)
    return (
        db.session.scalar(
            query.where(Partner.is_transfer_only, Handover.offered_at >= begin, Handover.offered_at < end)
        )
        or 0
    )


def forget_publications() -> None:
    """Nothing is published, for any audience, until it is published again."""
    db.session.execute(delete(Publication))


def forget_committees(standing: Iterable[Quarter]) -> None:
    """The committee reads nothing of other quarters than these: nothing counts in them any more."""
    days = [quarter.first_day for quarter in standing]
    db.session.execute(
        delete(Publication).where(Publication.audience == Audience.COMMITTEE, Publication.quarter.not_in(days))
    )


def renew(publication: Publication) -> None:
    """The audience reads this instead of what was made of an earlier count; a later one stays."""
    query = update(Publication).where(
        Publication.audience == publication.audience, Publication.quarter == publication.quarter
    )
    db.session.execute(
        query.where(Publication.counted_at <= publication.counted_at).values(
            made_at=publication.made_at, counted_at=publication.counted_at, content=publication.content
        )
    )
