"""A position or a pin that is public as a point moves to the centre of its fixed square of about 25 m.

A named place keeps its own point, and a corner too. Going back gives the sent point, rounded to about a metre.

Revision ID: 20261130_public_squares Revises: 20261130_occupancy_doubts
"""

from collections.abc import Callable
from math import cos, floor, radians
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261130_public_squares"
down_revision = "20261130_occupancy_doubts"
branch_labels = None
depends_on = None

BATCH = 1000
SQUARE_METRES = 25
METRES_PER_DEGREE = 111_320.0
PUBLIC_EXACT = 1
READ = sa.text(
    "SELECT observation.id, COALESCE(ST_X(observation.point), observation.public_lon) AS lon,"
    " COALESCE(ST_Y(observation.point), observation.public_lat) AS lat, city.cell_dlon, city.cell_dlat"
    " FROM observation CROSS JOIN city WHERE observation.protection = :protection AND observation.precision = 'point'"
    " AND observation.public_lon IS NOT NULL AND observation.id > :after ORDER BY observation.id LIMIT :batch"
)
WRITE = sa.text("UPDATE observation SET public_lon = :lon, public_lat = :lat WHERE id = :id")


def upgrade() -> None:
    _move(lambda row: _square_centre(row.lon, row.lat, row.cell_dlon, row.cell_dlat))


def downgrade() -> None:
    _move(lambda row: (round(row.lon, 5), round(row.lat, 5)))


def _move(new_point: Callable[[Any], tuple[float, float]]) -> None:
    connection, after = op.get_bind(), 0
    while rows := connection.execute(READ, {"protection": PUBLIC_EXACT, "after": after, "batch": BATCH}).all():
        moves = [{"id": row.id, **dict(zip(("lon", "lat"), new_point(row), strict=True))} for row in rows]
        connection.execute(WRITE, moves)
        after = rows[-1].id


def _square_centre(lon: float, lat: float, dlon: float, dlat: float) -> tuple[float, float]:
    """Returns the centre of the square: each cell of the city's lattice is cut evenly into squares of about 25 m."""
    middle = round((floor(lat / dlat) + 0.5) * dlat, 6)
    parallel = METRES_PER_DEGREE * cos(radians(middle))
    return (
        _part_centre(lon, dlon, parallel / SQUARE_METRES),
        _part_centre(lat, dlat, METRES_PER_DEGREE / SQUARE_METRES),
    )


def _part_centre(degrees: float, step: float, parts_per_degree: float) -> float:
    parts = max(1, round(step * parts_per_degree))
    whole = floor(degrees / step)
    part = min(floor((degrees / step - whole) * parts), parts - 1)
    return float(round((whole + (part + 0.5) / parts) * step, 6))
