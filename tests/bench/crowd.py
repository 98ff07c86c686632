"""A city's worth of observations, written fast: as many as one asks for, and as unevenly spread as real ones.

A few places draw most reports and most places draw few; some categories are common and others rare; recent months hold more than old ones;
most cases are over, some wait, a few were merged. The rows go straight into the tables: nothing here proves that receiving works.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate
from math import cos, radians, sin, tau
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text

from cohab_report.catalogue.models import Category, Protection
from cohab_report.db import db, transaction
from cohab_report.geo import METRES_PER_DEGREE, Point
from cohab_report.intake.models import Belongings, Channel, Observation, Precision, Status
from cohab_report.intake.rules import public_part
from cohab_report.journal import Event
from cohab_report.territory.queries import Ground, ground
from cohab_report.triage.models import (
    Case,
    CaseObservation,
    CaseState,
    ClosingReason,
    Link,
    LinkState,
    Occupancy,
    Queue,
)

BATCH = 5_000
SEED = 20_250
HOT_SPOTS = 40
MEAN_AGE = 150.0  # days
OLDEST = 540.0
LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
STATES = (
    (CaseState.CLOSED, 0.84), (CaseState.MERGED, 0.05), (CaseState.NEW, 0.05), (CaseState.ACCEPTED, 0.03),
    (CaseState.HANDED_OVER, 0.01), (CaseState.IN_PROGRESS, 0.01), (CaseState.OCCUPANCY_CHECK, 0.01),
)  # fmt: skip
TOLD = {CaseState.CLOSED: Status.DONE, CaseState.NEW: Status.RECEIVED}


@dataclass(frozen=True)
class Spot:
    """A point in the city that draws reports, with the sector that its observations belong to."""

    point: Point
    sector_id: int
    weight: float


@dataclass
class Rows:
    """What is about to be written, by table."""

    observations: list[dict[str, Any]] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    places: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def write(self) -> None:
        """All rows are in their tables."""
        for table, rows in (
            (Observation, self.observations), (Case, self.cases), (CaseObservation, self.places), (Link, self.links), (Event, self.events),
        ):  # fmt: skip
            if rows:
                db.session.execute(insert(table), rows)


class Crowd:
    """Whoever reports: the same people on both databases, because chance starts from the same seed."""

    def __init__(self, *, at: datetime) -> None:
        self.at, self.chance = at, random.Random(SEED)
        self.ground = ground()
        self.spots = spots_of(self.ground, self.chance)
        self.categories: Sequence[Category] = db.session.scalars(
            select(Category).where(~Category.is_retired).order_by(Category.id)
        ).all()
        self.by_rank = list(accumulate(1 / (rank + 1) for rank in range(len(self.categories))))
        self.by_weight = list(accumulate(spot.weight for spot in self.spots))
        self.queues = {queue.code: queue.id for queue in db.session.scalars(select(Queue))}
        self.actions = {category.id: [action.id for action in category.actions] for category in self.categories}

    def grow_to(self, total: int) -> None:
        """There are `total` observations, with their cases, links and events."""
        present = db.session.scalar(select(func.max(Observation.id))) or 0
        for first in range(present + 1, total + 1, BATCH):
            rows = Rows()
            for number in range(first, min(first + BATCH, total + 1)):
                self.one(number, rows)
            with transaction():
                rows.write()
        settle()

    def one(self, number: int, rows: Rows) -> None:
        """One more observation, and the case that it opened."""
        chance = self.chance
        (category,) = chance.choices(self.categories, cum_weights=self.by_rank)
        (spot,) = chance.choices(self.spots, cum_weights=self.by_weight)
        point = near(spot.point, chance)
        received = self.at - timedelta(
            days=min(chance.expovariate(1 / MEAN_AGE), OLDEST), seconds=chance.random() * 3600
        )
        (state,) = chance.choices([state for state, _ in STATES], [weight for _, weight in STATES])
        protection = max(
            category.protection, Protection.NEVER_PUBLIC if chance.random() < 0.08 else Protection.PUBLIC_EXACT
        )
        reference = "".join(chance.choices(LETTERS, k=8))
        shared = {"reference": reference, "kind": category.kind, "category_id": category.id, "protection": protection}
        shared |= {"sector_id": spot.sector_id, "place_id": None}
        rows.observations.append(self.observation(number, shared, point, received, state))
        rows.cases.append(self.case(number, shared, category, received, state))
        rows.places.append({"case_id": number, "observation_id": number, "joined_at": received})
        rows.links += self.links(number, category, state, received)
        rows.events += events(number, reference, received, state)

    def observation(
        self, number: int, shared: dict[str, Any], point: Point, received: datetime, state: CaseState
    ) -> dict[str, Any]:
        """The observation's row."""
        part = public_part(shared["protection"], point, self.ground.lattice)
        day = received.date()
        return shared | {
            "id": number, "client_id": UUID(int=self.chance.getrandbits(128), version=4),
            "code_hash": f"{self.chance.getrandbits(256):064x}",
            "precision": Precision.POINT, "point": point.ewkt, "is_near_protected": False, "text": "Texte d’essai pour la mesure.",
            "text_flags": [], "answers": {}, "belongings": Belongings.NO, "observed_on": day, "received_at": received,
            "channel": Channel.DEMO, "language": "fr", "network_hash": None, "status": TOLD.get(state, Status.TAKEN_UP),
            "published_at": received if shared["protection"] < Protection.NEVER_PUBLIC and state is not CaseState.NEW else None,
            "public_lon": part.point.lon if part.point else None, "public_lat": part.point.lat if part.point else None,
            "public_cell": part.cell, "public_on": day, "withdrawn_at": None, "redacted_at": None, "satisfaction": None,
        }  # fmt: skip

    def case(
        self, number: int, shared: dict[str, Any], category: Category, received: datetime, state: CaseState
    ) -> dict[str, Any]:
        """The case's row."""
        over = received + timedelta(days=self.chance.expovariate(1 / 6)) if state is CaseState.CLOSED else None
        return shared | {
            "id": number, "queue_id": self.queues.get(category.queue_code) or min(self.queues.values()), "state": state,
            "priority": category.priority, "opened_at": received, "due_at": received + timedelta(days=3), "accepted_at": None,
            "closed_at": over, "closing_reason": self.chance.choice(list(ClosingReason)) if over else None, "closing_note": "",
            "recode_reason": "", "is_out_of_plan": self.chance.random() < 0.1, "occupancy": Occupancy.NONE, "occupancy_on": None,
            "occupancy_note": "", "claimed_by_id": None, "claimed_at": None, "holder_id": None, "changed_at": over or received,
            "merged_into_id": max(number - 1, 1) if state is CaseState.MERGED else None, "version": 1,
        }  # fmt: skip

    def links(self, number: int, category: Category, state: CaseState, received: datetime) -> list[dict[str, Any]]:
        """The rows of the case's links: confirmed for most that are over, suggested for those that wait."""
        decided = state is CaseState.CLOSED and self.chance.random() < 0.9
        stands = LinkState.CONFIRMED if decided else LinkState.SUGGESTED
        return [
            {"case_id": number, "action_id": action, "state": stands, "suggested_by": "category", "decided_by_id": None,
             "decided_at": received if decided else None}
            for action in self.actions[category.id]
        ]  # fmt: skip


def spots_of(ground: Ground, chance: random.Random) -> list[Spot]:
    """Points inside the city, a few of which draw most of the reports."""
    west, south, east, north = ground.accept_box
    found: list[Spot] = []
    while len(found) < HOT_SPOTS + 400:
        about = chance.choice(ground.sectors).point if len(found) < HOT_SPOTS else None
        point = (
            near(about, chance, metres=600)
            if about
            else Point(chance.uniform(west, east), chance.uniform(south, north))
        )
        if ground.contains(point):
            weight = 1 / (len(found) + 1) if len(found) < HOT_SPOTS else 0.002
            found.append(Spot(point, ground.sector_of(point).id, weight))
    return found


def near(centre: Point, chance: random.Random, *, metres: float = 120) -> Point:
    """A point not far from the centre, most often quite close."""
    distance, angle = chance.expovariate(1 / metres), chance.random() * tau
    north = distance * sin(angle) / METRES_PER_DEGREE
    east = distance * cos(angle) / METRES_PER_DEGREE / cos(radians(centre.lat))
    return Point(round(centre.lon + east, 7), round(centre.lat + north, 7))


def events(number: int, reference: str, received: datetime, state: CaseState) -> list[dict[str, Any]]:
    """What the journal tells of it."""
    told = [("observation.received", received)]
    if state is CaseState.CLOSED:
        told += [("case.accepted", received + timedelta(hours=5)), ("case.closed", received + timedelta(days=2))]
    return [
        {"happened_at": at, "name": name, "thread": reference, "actor": "system", "facts": {"observation": number}, "is_public": True,
         "done_at": at}
        for name, at in told
    ]  # fmt: skip


def settle() -> None:
    """The database knows its new sizes, and its own numbering goes on after the rows written here."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        for table in ("observation", '"case"'):
            db.session.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            )
    db.session.execute(text("ANALYZE"))
    db.session.commit()
