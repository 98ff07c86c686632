"""Generates observations in bulk, as unevenly distributed as real ones, for benchmarks.

A few places have most reports and most places have few; some categories are common and others rare; recent months have
more than old ones; most cases are closed, some wait, a few are merged. The rows are inserted directly into the tables:
nothing here proves that receiving works.
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
from cohab_report.intake.editions.rules import LONGEST_PUBLIC_DAYS
from cohab_report.intake.models import Belongings, Channel, Observation, Precision, Status
from cohab_report.intake.rules import public_part
from cohab_report.journal import Event
from cohab_report.territory.queries import CityFacts, city_facts
from cohab_report.triage.models import Case, CaseObservation, CaseState, ClosingReason, Link, LinkState, Occupancy
from cohab_report.triage.waiting.models import Queue

BATCH_SIZE = 5_000
SEED = 20_250
HOTSPOT_COUNT = 40
MEAN_AGE = 150.0  # days
MAX_AGE = 540.0
REFERENCE_CHARACTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
STATE_WEIGHTS = (
    (CaseState.CLOSED, 0.84),
    (CaseState.MERGED, 0.05),
    (CaseState.NEW, 0.05),
    (CaseState.ACCEPTED, 0.03),
    (CaseState.HANDED_OVER, 0.01),
    (CaseState.IN_PROGRESS, 0.01),
    (CaseState.OCCUPANCY_CHECK, 0.01),
)
PUBLIC_STATUS_OF_STATE = {CaseState.CLOSED: Status.DONE, CaseState.NEW: Status.RECEIVED}


@dataclass(frozen=True)
class Hotspot:
    """A point in the city from which reports come, with its sector and its weight."""

    point: Point
    sector_id: int
    weight: float


@dataclass
class RowBatch:
    """Rows to insert, by table."""

    observations: list[dict[str, Any]] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)
    case_observations: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def write(self) -> None:
        """Inserts all rows."""
        for table, rows in (
            (Observation, self.observations),
            (Case, self.cases),
            (CaseObservation, self.case_observations),
            (Link, self.links),
            (Event, self.events),
        ):
            if rows:
                db.session.execute(insert(table), rows)


class ObservationGenerator:
    """Generates the same random observations on both databases, from a fixed seed."""

    def __init__(self, *, at: datetime) -> None:
        self.at, self.chance = at, random.Random(SEED)
        self.city = city_facts()
        self.hotspots = hotspots_of(self.city, self.chance)
        self.categories: Sequence[Category] = db.session.scalars(
            select(Category).where(~Category.is_retired).order_by(Category.id)
        ).all()
        self.by_rank = list(accumulate(1 / (rank + 1) for rank in range(len(self.categories))))
        self.by_weight = list(accumulate(hotspot.weight for hotspot in self.hotspots))
        self.queues = {queue.code: queue.id for queue in db.session.scalars(select(Queue))}
        self.actions = {category.id: [action.id for action in category.actions] for category in self.categories}

    def grow_to(self, total: int) -> None:
        """Inserts observations, with their cases, links and events, until there are `total`."""
        present = db.session.scalar(select(func.max(Observation.id))) or 0
        for first in range(present + 1, total + 1, BATCH_SIZE):
            rows = RowBatch()
            for number in range(first, min(first + BATCH_SIZE, total + 1)):
                self.add_observation(number, rows)
            with transaction():
                rows.write()
        analyze_tables()

    def add_observation(self, number: int, rows: RowBatch) -> None:
        """Adds one observation and its case to the rows."""
        chance = self.chance
        (category,) = chance.choices(self.categories, cum_weights=self.by_rank)
        (hotspot,) = chance.choices(self.hotspots, cum_weights=self.by_weight)
        point = random_point_near(hotspot.point, chance)
        received = self.at - timedelta(
            days=min(chance.expovariate(1 / MEAN_AGE), MAX_AGE), seconds=chance.random() * 3600
        )
        (state,) = chance.choices([state for state, _ in STATE_WEIGHTS], [weight for _, weight in STATE_WEIGHTS])
        protection = max(
            category.protection, Protection.NEVER_PUBLIC if chance.random() < 0.08 else Protection.PUBLIC_EXACT
        )
        reference = "".join(chance.choices(REFERENCE_CHARACTERS, k=8))
        shared = {"reference": reference, "kind": category.kind, "category_id": category.id, "protection": protection}
        shared |= {"sector_id": hotspot.sector_id, "place_id": None}
        rows.observations.append(self.observation(number, shared, point, received, state))
        rows.cases.append(self.case(number, shared, category, received, state))
        rows.case_observations.append({"case_id": number, "observation_id": number, "joined_at": received})
        rows.links += self.links(number, category, state, received)
        rows.events += event_rows(number, reference, received, state)

    def observation(
        self, number: int, shared: dict[str, Any], point: Point, received: datetime, state: CaseState
    ) -> dict[str, Any]:
        """Returns the observation's row."""
        part = public_part(shared["protection"], point, self.city.lattice)
        day = received.date()
        return shared | {
            "id": number,
            "client_hash": UUID(int=self.chance.getrandbits(128), version=4),
            "code_hash": f"{self.chance.getrandbits(256):064x}",
            "precision": Precision.POINT,
            "point": point.ewkt,
            "is_near_protected": False,
            "text": "Texte d’essai pour la mesure.",
            "text_flags": [],
            "answers": {},
            "belongings": Belongings.NO,
            "observed_on": day,
            "received_at": received,
            "channel": Channel.DEMO,
            "language": "fr",
            "network_hash": None,
            "status": PUBLIC_STATUS_OF_STATE.get(state, Status.TAKEN_UP),
            "received_protection": shared["protection"],
            "public_protection": shared["protection"],
            "public_until": day + timedelta(days=LONGEST_PUBLIC_DAYS),
            "left_public_at": None,
            "published_at": received
            if shared["protection"] < Protection.NEVER_PUBLIC and state is not CaseState.NEW
            else None,
            "public_lon": part.point.lon if part.point else None,
            "public_lat": part.point.lat if part.point else None,
            "public_cell": part.cell,
            "public_on": day,
            "withdrawn_at": None,
            "redacted_at": None,
            "satisfaction": None,
        }

    def case(
        self, number: int, shared: dict[str, Any], category: Category, received: datetime, state: CaseState
    ) -> dict[str, Any]:
        """Returns the case's row."""
        closed_at = received + timedelta(days=self.chance.expovariate(1 / 6)) if state is CaseState.CLOSED else None
        return shared | {
            "id": number,
            "queue_id": self.queues.get(category.queue_code) or min(self.queues.values()),
            "state": state,
            "priority": category.priority,
            "opened_at": received,
            "due_at": received + timedelta(days=3),
            "accepted_at": None,
            "closed_at": closed_at,
            "closing_reason": self.chance.choice(list(ClosingReason)) if closed_at else None,
            "closing_note": "",
            "recode_reason": "",
            "is_out_of_plan": self.chance.random() < 0.1,
            "occupancy": Occupancy.NONE,
            "occupancy_on": None,
            "occupancy_note": "",
            "claimed_by_id": None,
            "claimed_at": None,
            "holder_id": None,
            "changed_at": closed_at or received,
            "merged_into_id": max(number - 1, 1) if state is CaseState.MERGED else None,
            "version": 1,
        }

    def links(self, number: int, category: Category, state: CaseState, received: datetime) -> list[dict[str, Any]]:
        """Returns the rows of the case's links: confirmed for most closed cases, suggested for others."""
        decided = state is CaseState.CLOSED and self.chance.random() < 0.9
        state_of_link = LinkState.CONFIRMED if decided else LinkState.SUGGESTED
        return [
            {
                "case_id": number,
                "action_id": action,
                "state": state_of_link,
                "suggested_by": "category",
                "decided_by_id": None,
                "decided_at": received if decided else None,
            }
            for action in self.actions[category.id]
        ]


def hotspots_of(city: CityFacts, chance: random.Random) -> list[Hotspot]:
    """Returns points inside the city, a few of which have most of the weight."""
    west, south, east, north = city.accept_box
    hotspots: list[Hotspot] = []
    while len(hotspots) < HOTSPOT_COUNT + 400:
        about = chance.choice(city.sectors).point if len(hotspots) < HOTSPOT_COUNT else None
        point = (
            random_point_near(about, chance, metres=600)
            if about
            else Point(chance.uniform(west, east), chance.uniform(south, north))
        )
        if city.contains(point):
            weight = 1 / (len(hotspots) + 1) if len(hotspots) < HOTSPOT_COUNT else 0.002
            hotspots.append(Hotspot(point, city.sector_of(point).id, weight))
    return hotspots


def random_point_near(centre: Point, chance: random.Random, *, metres: float = 120) -> Point:
    """Returns a random point near the centre; its mean distance is `metres`."""
    distance, angle = chance.expovariate(1 / metres), chance.random() * tau
    north = distance * sin(angle) / METRES_PER_DEGREE
    east = distance * cos(angle) / METRES_PER_DEGREE / cos(radians(centre.lat))
    return Point(round(centre.lon + east, 7), round(centre.lat + north, 7))


def event_rows(number: int, reference: str, received: datetime, state: CaseState) -> list[dict[str, Any]]:
    """Returns the rows of the events of an observation and its case."""
    names = [("observation.received", received)]
    if state is CaseState.CLOSED:
        names += [("case.accepted", received + timedelta(hours=5)), ("case.closed", received + timedelta(days=2))]
    return [
        {
            "happened_at": at,
            "name": name,
            "thread": reference,
            "actor": "system",
            "facts": {"observation": number},
            "is_public": True,
            "done_at": at,
        }
        for name, at in names
    ]


def analyze_tables() -> None:
    """Updates the planner's statistics, and PostgreSQL's sequences after the inserted rows."""
    connection = db.session.connection()
    if connection.dialect.name == "postgresql":
        for table in ("observation", '"case"'):
            db.session.execute(
                text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            )
    db.session.execute(text("ANALYZE"))
    db.session.commit()
