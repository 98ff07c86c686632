"""What is public leaves with a night's edition: each observation knows until when, and for which protection.

Observations of before keep what they were: what is public stays so, for 30 to 90 days from when it was published, drawn
by lot; what had already ceased to be public has left. The protection at receipt follows from the category, the answer
about belongings and the sites near by.

Revision ID: 20261130_editions Revises: 20261130_protected_blocks
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "20261130_editions"
down_revision = "20261130_protected_blocks"
branch_labels = None
depends_on = None

PUBLIC_BEFORE = "published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"
PUBLIC = "published_at IS NOT NULL AND left_public_at IS NULL AND withdrawn_at IS NULL"
IS_OPEN = "status IN ('received', 'taken_up')"
INDEXES = {
    "ix_observation_public": ["public_on", "reference"],
    "ix_observation_public_cell": ["public_cell", "public_on"],
    "ix_observation_public_open": ["category_id", "public_cell"],
}
SHORTEST, CHOICES = 30, 61
"""Days: from 30 to 90."""


def upgrade() -> None:
    for index in INDEXES:
        op.drop_index(index, table_name="observation")
    for column in ("received_protection", "public_protection"):
        op.add_column("observation", sa.Column(column, sa.SmallInteger(), server_default="3", nullable=False))
    op.add_column("observation", sa.Column("public_until", sa.Date(), nullable=True))
    op.add_column("observation", sa.Column("left_public_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("observation_before_merge", sa.Column("public_protection", sa.SmallInteger(), nullable=True))
    _fill_columns()
    _create_indexes(PUBLIC)
    _partial_index("ix_observation_public_until", ["public_until"], where=PUBLIC)
    _partial_index("ix_observation_leaving", ["id"], where=f"{PUBLIC} AND protection > public_protection")


def downgrade() -> None:
    # What waits to leave, or has left, must not come back: before, a stronger protection ended it at once.
    nowhere = "published_at = NULL, public_lon = NULL, public_lat = NULL, public_cell = NULL"
    op.execute(
        f"UPDATE observation SET {nowhere} "  # noqa: S608 (names of this file)
        "WHERE published_at IS NOT NULL AND (left_public_at IS NOT NULL OR protection > public_protection)"
    )
    for index in (*INDEXES, "ix_observation_public_until", "ix_observation_leaving"):
        op.drop_index(index, table_name="observation")
    op.drop_column("observation_before_merge", "public_protection")
    for column in ("left_public_at", "public_until", "public_protection", "received_protection"):
        op.drop_column("observation", column)
    _create_indexes(PUBLIC_BEFORE)


def _fill_columns() -> None:
    category = "(SELECT category.protection FROM category WHERE category.id = observation.category_id)"
    by_place = "CASE WHEN is_near_protected THEN 2 ELSE 1 END"
    greatest, least = ("max", "min") if op.get_bind().dialect.name == "sqlite" else ("greatest", "least")
    by_answers = f"CASE WHEN belongings IN ('yes', 'unknown') THEN 3 ELSE {greatest}({category}, {by_place}) END"
    op.execute(
        "UPDATE observation SET public_protection = protection, "  # noqa: S608 (names of this file)
        f"received_protection = {least}(protection, {by_answers})"
    )
    op.execute(f"UPDATE observation SET public_until = {_day_drawn_by_lot()} WHERE published_at IS NOT NULL")  # noqa: S608
    left = sa.text("UPDATE observation SET left_public_at = :at WHERE published_at IS NOT NULL AND protection = 3")
    op.execute(left.bindparams(sa.bindparam("at", datetime.now(UTC), sa.DateTime(timezone=True))))
    op.execute("UPDATE observation_before_merge SET public_protection = protection")


def _day_drawn_by_lot() -> str:
    """Returns the SQL of a day from 30 to 90 days after the publication."""
    if op.get_bind().dialect.name == "sqlite":
        return f"date(published_at, '+' || ({SHORTEST} + abs(random() % {CHOICES})) || ' days')"
    return f"CAST(published_at AS date) + {SHORTEST} + CAST(floor(random() * {CHOICES}) AS integer)"


def _create_indexes(public: str) -> None:
    for index, columns in INDEXES.items():
        where = f"{public} AND {IS_OPEN}" if index == "ix_observation_public_open" else public
        _partial_index(index, columns, where=where)


def _partial_index(name: str, columns: list[str], *, where: str) -> None:
    op.create_index(name, "observation", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
