"""Answers about what everybody may read near a point. Read through the public cell alone: nobody's exact point is asked for."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import bindparam, select

from cohab_report.db import db
from cohab_report.geo import Lattice, Point
from cohab_report.intake.models import OPEN_STATUSES, Observation
from cohab_report.intake.nearby.distance import Nearby, cells_around, how_far, nearest_first
from cohab_report.intake.queries import public, told

MOST_READ = 60
SHOWN = 4


def open_near(category_id: int, point: Point, lattice: Lattice, *, since: date, limit: int = SHOWN) -> Sequence[Nearby]:
    """Public observations of this category that somebody still has in hand, near the point (WGS84), the nearest first."""
    # Written into the statement, not bound to it: SQLite takes the partial index only for the very words it was made with.
    in_hand = Observation.status.in_(bindparam("open_statuses", OPEN_STATUSES, expanding=True, literal_execute=True))
    query = public().where(
        in_hand, Observation.category_id == category_id, Observation.public_cell.in_(cells_around(point, lattice))
    )
    newest = query.where(Observation.public_on >= since).order_by(
        Observation.public_on.desc(), Observation.reference.desc()
    )
    found = [how_far(told(row), point, lattice) for row in db.session.execute(newest.limit(MOST_READ))]
    return sorted((each for each in found if each is not None), key=nearest_first)[:limit]


def id_of(seen: Nearby) -> int:
    """The number of an observation that is public."""
    return db.session.scalars(select(Observation.id).where(Observation.reference == seen.seen.reference)).one()
