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
JOINED = "observation.joined"
LEADS_ON = ("case.merged", JOINED)
"""Events after which an observation is followed on another thread, named by their fact `into`."""
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
    return and_(
        Observation.published_at.is_not(None),
        Observation.protection < Protection.NEVER_PUBLIC,
        Observation.withdrawn_at.is_(None),
    )


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


def told(row: Any) -> PublicObservation:
    """A row of `public()` as what everybody may read."""
    exact = row.protection == Protection.PUBLIC_EXACT
    place = Words(row.place_fr, row.place_en) if exact and row.place_fr else None
    return PublicObservation(
        row.reference, row.kind, row.code, Words(row.name_fr, row.name_en), row.public_on, row.status,
        Words(row.sector_fr, row.sector_en), place, row.public_lon, row.public_lat, not exact,
    )  # fmt: skip


def lately(wanted: Wanted, *, after: tuple[date, str] | None = None, limit: int = PAGE) -> Sequence[PublicObservation]:
    """Public observations that fit, the newest day first; `after` names the last one already read (its day and reference)."""
    query = public().where(*fitting(wanted)).order_by(Observation.public_on.desc(), Observation.reference.desc())
    if after is not None:
        query = query.where(tuple_(Observation.public_on, Observation.reference) < tuple_(*after))
    return [told(row) for row in db.session.execute(query.limit(limit))]


def fitting(wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    """What the reader of the list asks of the rows of `public()`."""
    asked = (
        (wanted.kind, Observation.kind == wanted.kind), (wanted.category, Category.code == wanted.category),
        (wanted.sector, Sector.code == wanted.sector), (wanted.status, Observation.status == wanted.status),
    )  # fmt: skip
    return [Observation.public_on >= wanted.since, *(condition for value, condition in asked if value is not None)]


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
    few = (
        select(Observation.id)
        .where(Observation.network_hash == network_hash, Observation.received_at > at - window)
        .limit(limit)
    )
    return db.session.scalar(select(func.count()).select_from(few.subquery())) or 0


def erase_networks_before(instant: datetime) -> int:
    """Network hashes of observations received before the instant are gone; returns how many."""
    old = (
        update(Observation)
        .where(Observation.network_hash.is_not(None), Observation.received_at < instant)
        .values(network_hash=None)
    )
    return int(db.session.execute(old, execution_options={"synchronize_session": False}).rowcount)  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Story:
    """What a resident may read of what became of an observation."""

    events: Sequence[Event]
    """Public events, the newest first: its own, and those of the case it was joined to since it was. Never what others did with theirs."""
    holder: Partner | None
    """The partner that has it in hand; None means the triage team."""
    actions: Sequence[Action]
    """The actions of the plan it counts toward, with their milestones."""


def is_joined(observation: Observation) -> bool:
    """Whether the observation is followed with what others had told before."""
    return any(event.name == JOINED for event in journal.history(observation.reference, public_only=True))


def story(observation: Observation) -> Story:
    """The resident's history of an observation, told from public events alone: nothing here knows of cases."""
    followed = _threads(observation)
    every = journal.history(*followed, public_only=True)
    events = [event for event in every if event.thread == observation.reference or _is_of_the_case(event)]
    holder = next((event.facts.get("holder") for event in events if "holder" in event.facts), None)
    linked = _counts_toward([event for event in events if event.thread == list(followed)[-1]])
    query = select(Action).where(Action.id.in_(linked)).options(selectinload(Action.milestones)).order_by(Action.code)
    actions = db.session.scalars(query).all() if linked else []
    since = [event for event in events if event.happened_at >= followed[event.thread]]
    return Story(since, db.session.get(Partner, holder) if holder else None, actions)


def _counts_toward(events: Sequence[Event]) -> set[int]:
    """The actions (their numbers) that a case counts toward by its events, the newest first: what was decided last holds."""
    decided: dict[int, bool] = {}
    for event in events:
        if event.name in ("link.confirmed", "link.rejected"):
            decided.setdefault(event.facts["action"], event.name == "link.confirmed")
    return {action for action, counts in decided.items() if counts}


def _is_of_the_case(event: Event) -> bool:
    """Whether it tells of the case, and not of what one resident did or was asked about their own observation."""
    return not event.name.startswith(OF_ONE_AUTHOR)


def _threads(observation: Observation) -> dict[str, datetime]:
    """The observation's own thread and those of the cases that it was joined to or merged into, each with the moment since when."""
    threads, last = {observation.reference: observation.received_at}, observation.reference
    while len(threads) < MOST_MERGES:
        moves = (event for event in journal.history(last, public_only=True) if event.name in LEADS_ON)
        move = next(moves, None)
        if move is None or move.facts["into"] in threads:
            break
        last = str(move.facts["into"])
        threads[last] = move.happened_at
    return threads
