"""Queries of observations; `public()` is the only one that decides what everybody may read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_, update

from cohab_report.catalogue.models import Category, Kind, Protection
from cohab_report.db import Words, db, updated_rows
from cohab_report.intake import codes
from cohab_report.intake.models import Observation, Status
from cohab_report.settings import current_settings
from cohab_report.territory.models import Place, Sector

PUBLIC_DAYS = 90
PUBLIC_PAGE_SIZE = 25


@dataclass(frozen=True)
class PublicObservation:
    """All that anybody outside may read of an observation.

    Page, map, API, feed, search and export render this and never the model.
    """

    reference: str
    kind: Kind
    category_code: str
    category: Words
    on: date
    status: Status
    sector: Words
    place: Words | None
    """The named place; only where the exact point is public."""
    lon: float
    lat: float
    is_cell: bool
    """Whether lon and lat are the centre of a cell of about 150 m instead of the exact point."""


@dataclass(frozen=True)
class ObservationFilter:
    """The filter of the public list and map; None in a field means any."""

    since: date
    kind: Kind | None = None
    category: str | None = None
    sector: str | None = None
    status: Status | None = None


def is_public() -> ColumnElement[bool]:
    """Returns the visibility condition: published by triage, not taken off by a night's edition, not withdrawn.

    What is never public is never published; what became so afterwards leaves with the next edition
    (docs/architecture.md, *What leaves, leaves at night*).
    """
    return and_(
        Observation.published_at.is_not(None),
        Observation.left_public_at.is_(None),
        Observation.withdrawn_at.is_(None),
    )


def public() -> Select[*tuple[Any, ...]]:
    """Selects the public observations with the columns of `PublicObservation` and no other."""
    return (
        select(
            Observation.reference,
            Observation.kind,
            Category.code,
            Category.name_fr,
            Category.name_en,
            Observation.public_on,
            Observation.status,
            Sector.name_fr.label("sector_fr"),
            Sector.name_en.label("sector_en"),
            Place.name_fr.label("place_fr"),
            Place.name_en.label("place_en"),
            Observation.public_lon,
            Observation.public_lat,
            Observation.public_protection,
        )
        .join(Category, Category.id == Observation.category_id)
        .join(Sector, Sector.id == Observation.sector_id)
        .outerjoin(Place, Place.id == Observation.place_id)
        .where(is_public())
    )


def to_public_observation(row: Any) -> PublicObservation:
    """Converts a row of `public()` to a PublicObservation."""
    exact = row.public_protection == Protection.PUBLIC_EXACT
    place = Words(row.place_fr, row.place_en) if exact and row.place_fr else None
    return PublicObservation(
        row.reference,
        row.kind,
        row.code,
        Words(row.name_fr, row.name_en),
        row.public_on,
        row.status,
        Words(row.sector_fr, row.sector_en),
        place,
        row.public_lon,
        row.public_lat,
        not exact,
    )


def recent_public_observations(
    criteria: ObservationFilter, *, after: tuple[date, str] | None = None, limit: int = PUBLIC_PAGE_SIZE
) -> Sequence[PublicObservation]:
    """Returns the public observations that match the filter, the newest day first.

    `after` is the public day and reference of the last one on the page before.
    """
    query = (
        public()
        .where(*filter_conditions(criteria))
        .order_by(Observation.public_on.desc(), Observation.reference.desc())
    )
    if after is not None:
        query = query.where(tuple_(Observation.public_on, Observation.reference) < tuple_(*after))
    return [to_public_observation(row) for row in db.session.execute(query.limit(limit))]


def filter_conditions(criteria: ObservationFilter) -> Sequence[ColumnElement[bool]]:
    """Returns the conditions of a filter for the rows of `public()`."""
    conditions = (
        (criteria.kind, Observation.kind == criteria.kind),
        (criteria.category, Category.code == criteria.category),
        (criteria.sector, Sector.code == criteria.sector),
        (criteria.status, Observation.status == criteria.status),
    )
    return [
        Observation.public_on >= criteria.since,
        *(condition for value, condition in conditions if value is not None),
    ]


def by_client_id(client_id: UUID) -> Observation | None:
    """Returns the observation received under this client id, whatever code key there was then, or None."""
    hashes = [codes.client_hash(client_id, key) for key in current_settings().code_keys]
    return db.session.scalars(select(Observation).where(Observation.client_hash.in_(hashes))).one_or_none()


def received_client_ids(client_ids: Collection[UUID]) -> Sequence[UUID]:
    """Returns those of these client ids that an observation was received under."""
    keys = current_settings().code_keys
    ids_by_hash = {codes.client_hash(client_id, key): client_id for client_id in client_ids for key in keys}
    query = select(Observation.client_hash).where(Observation.client_hash.in_(ids_by_hash))
    return [ids_by_hash[client_hash] for client_hash in db.session.scalars(query)]


def by_code_hash(code_hashes: Collection[str]) -> Observation | None:
    """Returns the observation whose follow-up code has one of these keyed hashes, one a code key, or None."""
    return db.session.scalars(select(Observation).where(Observation.code_hash.in_(code_hashes))).one_or_none()


def recent_count_of_network(network_hash: str, *, at: datetime, window: timedelta, limit: int) -> int:
    """Counts the observations received from this network within the window before `at`, no further than `limit`."""
    newest = (
        select(Observation.id)
        .where(Observation.network_hash == network_hash, Observation.received_at > at - window)
        .limit(limit)
    )
    return db.session.scalar(select(func.count()).select_from(newest.subquery())) or 0


def erase_network_hashes_before(instant: datetime) -> int:
    """Erases the network hashes of observations received before the instant; returns of how many."""
    erasure = (
        update(Observation)
        .where(Observation.network_hash.is_not(None), Observation.received_at < instant)
        .values(network_hash=None)
    )
    return updated_rows(erasure)
