"""Answers about observations; `public()` is the one place that decides what everybody may read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select, tuple_, update
from sqlalchemy.orm import selectinload

from cohab_report import journal
from cohab_report.catalogue.models import Category, Kind, Protection
from cohab_report.db import Words, db
from cohab_report.errors import NotThere
from cohab_report.intake.models import Observation, Status
from cohab_report.journal import Event
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action
from cohab_report.territory.models import Place, Sector

PUBLIC_DAYS = 90
PAGE = 25
MOST_MERGES = 6
OF_ONE_AUTHOR = ("observation.", "inquiry.")
"""Events that concern the author of one observation alone."""


@dataclass(frozen=True)
class PublicObservation:
    """All that anybody outside may ever read of an observation: page, map, API, feed, search and export render this and never the model."""

    reference: str
    kind: Kind
    category_code: str
    category: Words
    on: date
    status: Status
    sector: Words
    place: Words | None
    """The named place, only where the exact point may be told."""
    lon: float
    lat: float
    is_cell: bool
    """Whether lon and lat are the centre of a cell of about 150 m rather than the spot."""


@dataclass(frozen=True)
class Wanted:
    """What a reader of the public list asks for; None asks for everything."""

    since: date
    kind: Kind | None = None
    category: str | None = None
    sector: str | None = None
    status: Status | None = None


def is_public() -> ColumnElement[bool]:
    """THE visibility rule: triage let it be read, its protection allows it, and the resident has not taken it back."""
    return and_(Observation.published_at.is_not(None), Observation.protection < Protection.NEVER_PUBLIC, Observation.withdrawn_at.is_(None))


def public() -> Select[*tuple[Any, ...]]:
    """The public observations as rows of what may be told of each, and not one column more."""
    return (
        select(
            Observation.reference, Observation.kind, Category.code, Category.name_fr, Category.name_en, Observation.public_on,
            Observation.status, Sector.name_fr.label("sector_fr"), Sector.name_en.label("sector_en"), Place.name_fr.label("place_fr"),
            Place.name_en.label("place_en"), Observation.public_lon, Observation.public_lat, Observation.protection,
        )
        .join(Category, Category.id == Observation.category_id)
        .join(Sector, Sector.id == Observation.sector_id)
        .outerjoin(Place, Place.id == Observation.place_id)
        .where(is_public())
    )  # fmt: skip


def _told(row: Any) -> PublicObservation:
    exact = row.protection == Protection.PUBLIC_EXACT
    place = Words(row.place_fr, row.place_en) if exact and row.place_fr else None
    return PublicObservation(
        row.reference, row.kind, row.code, Words(row.name_fr, row.name_en), row.public_on, row.status,
        Words(row.sector_fr, row.sector_en), place, row.public_lon, row.public_lat, not exact,
    )  # fmt: skip


def lately(wanted: Wanted, *, after: tuple[date, str] | None = None, limit: int = PAGE) -> Sequence[PublicObservation]:
    """Public observations that fit, the newest day first; `after` names the last one already read (its day and reference)."""
    query = public().where(Observation.public_on >= wanted.since).order_by(Observation.public_on.desc(), Observation.reference.desc())
    if wanted.kind is not None:
        query = query.where(Observation.kind == wanted.kind)
    if wanted.category is not None:
        query = query.where(Category.code == wanted.category)
    if wanted.sector is not None:
        query = query.where(Sector.code == wanted.sector)
    if wanted.status is not None:
        query = query.where(Observation.status == wanted.status)
    if after is not None:
        query = query.where(tuple_(Observation.public_on, Observation.reference) < tuple_(*after))
    return [_told(row) for row in db.session.execute(query.limit(limit))]


def cells(zoom_out: int, *, since: date) -> Sequence[tuple[int, int]]:
    """How many public observations lie in each cell of the lattice whose side is 2**zoom_out small cells: (cell number, count)."""
    parent = (Observation.public_cell // 4**zoom_out).label("cell")
    query = select(parent, func.count()).where(is_public(), Observation.public_on >= since).group_by(parent).order_by(parent)
    return [(row[0], row[1]) for row in db.session.execute(query)]


def by_client_id(client_id: UUID) -> Observation | None:
    """The observation that this client already sent, or None."""
    return db.session.scalars(select(Observation).where(Observation.client_id == client_id)).one_or_none()


def known_client_ids(client_ids: Collection[UUID]) -> Sequence[UUID]:
    """Those of these client ids that an observation was already received under."""
    return db.session.scalars(select(Observation.client_id).where(Observation.client_id.in_(client_ids))).all()


def by_code_hash(code_hash: str) -> Observation | None:
    """The observation whose follow-up code has this keyed hash, or None."""
    return db.session.scalars(select(Observation).where(Observation.code_hash == code_hash)).one_or_none()


def observation_or_refuse(observation_id: int) -> Observation:
    """The observation of this number; raises NotThere."""
    observation = db.session.get(Observation, observation_id)
    if observation is None:
        raise NotThere
    return observation


def received_lately(network_hash: str, *, at: datetime, window: timedelta, limit: int) -> int:
    """How many observations came from this network within the window, counted no further than `limit`."""
    few = select(Observation.id).where(Observation.network_hash == network_hash, Observation.received_at > at - window).limit(limit)
    return db.session.scalar(select(func.count()).select_from(few.subquery())) or 0


def erase_networks_before(instant: datetime) -> int:
    """Network hashes of observations received before the instant are gone; returns how many."""
    old = update(Observation).where(Observation.network_hash.is_not(None), Observation.received_at < instant).values(network_hash=None)
    return int(db.session.execute(old, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Story:
    """What a resident may read of what became of an observation."""

    events: Sequence[Event]
    """Public events, the newest first, those of the case it was joined to included."""
    holder: Partner | None
    """The partner that has it in hand; None means the triage team."""
    actions: Sequence[Action]
    """The actions of the plan it counts toward, with their milestones."""


def story(observation: Observation) -> Story:
    """The resident's history of an observation, told from public events alone: nothing here knows of cases."""
    told = journal.history(*_threads(observation), public_only=True)
    # On the thread of a case that it was joined to stands also what another resident did and was asked: that is not this one's story.
    events = [event for event in told if event.thread == observation.reference or not event.name.startswith(OF_ONE_AUTHOR)]
    holder = next((event.facts.get("holder") for event in events if "holder" in event.facts), None)
    dropped = {event.facts.get("action") for event in events if event.name == "link.rejected"}
    linked = {event.facts["action"] for event in events if event.name == "link.confirmed"} - dropped
    query = select(Action).where(Action.id.in_(linked)).options(selectinload(Action.milestones)).order_by(Action.code)
    return Story(events, db.session.get(Partner, holder) if holder else None, db.session.scalars(query).all() if linked else [])


def _threads(observation: Observation) -> list[str]:
    """The observation's own thread and those of the cases that it was merged into, one after the other."""
    threads = [observation.reference]
    while len(threads) < MOST_MERGES:
        merged = (event for event in journal.history(threads[-1], public_only=True) if event.name == "case.merged")
        into = next((str(event.facts["into"]) for event in merged), None)
        if into is None or into in threads:
            break
        threads.append(into)
    return threads
