"""Queries of public observations near a point, by their public cell alone: no exact point is read."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, select

from cohab_report.db import db
from cohab_report.geo import Lattice, Point
from cohab_report.intake.models import OPEN_STATUSES, Observation
from cohab_report.intake.nearby.distance import Nearby, cells_around, distance_key, nearby_or_none
from cohab_report.intake.queries import public, to_public_observation

MAX_CANDIDATES = 60
NEARBY_LIMIT = 4


def open_observations_near(
    category_id: int, point: Point, grid: Lattice, *, since: date, limit: int = NEARBY_LIMIT
) -> Sequence[Nearby]:
    """Returns open public observations of this category near the point (WGS84), the nearest first."""
    # A literal, not a bound value: SQLite uses a partial index only for the very expression it was created with.
    is_open = Observation.status.in_(bindparam("open_statuses", OPEN_STATUSES, expanding=True, literal_execute=True))
    query = public().where(
        is_open, Observation.category_id == category_id, Observation.public_cell.in_(cells_around(point, grid))
    )
    newest = query.where(Observation.public_on >= since).order_by(
        Observation.public_on.desc(), Observation.reference.desc()
    )
    candidates = [
        nearby_or_none(to_public_observation(row), point, grid)
        for row in db.session.execute(newest.limit(MAX_CANDIDATES))
    ]
    return sorted((nearby for nearby in candidates if nearby is not None), key=distance_key)[:limit]


def observation_id_of(nearby: Nearby) -> int:
    """Returns the internal number of a nearby public observation."""
    return db.session.scalars(select(Observation.id).where(Observation.reference == nearby.observation.reference)).one()
