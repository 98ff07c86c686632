"""The public map has its counts by cell, and what is open near a point is found through an index.

Revision ID: 0008
Revises: 0007
"""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PUBLIC = "published_at IS NOT NULL AND protection < 3 AND withdrawn_at IS NULL"
OPEN = f"{PUBLIC} AND status IN ('received', 'taken_up')"


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    kinds = sa.Enum("cleanliness", "safety", "positive", "concern", name="kind", native_enum=False, length=24)
    statuses = sa.Enum("received", "taken_up", "done", "redirected", "withdrawn", name="status", native_enum=False, length=24)
    op.create_table(
        "cell_count",
        sa.Column("id", number, nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("days", sa.SmallInteger(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("status", statuses, nullable=False),
        sa.Column("sector_id", number, nullable=False),
        sa.Column("is_exact", sa.Boolean(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f("fk_cell_count_sector_id_sector")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_count")),
    )
    op.create_index("ix_cell_count_level", "cell_count", ["level", "days", "cell"])
    op.create_index("ix_cell_count_days_since", "cell_count", ["days", "since"])
    op.drop_index("ix_observation_public_cell", table_name="observation")
    _index("ix_observation_public_cell", ["public_cell", "public_on"], PUBLIC)
    _index("ix_observation_public_open", ["category_id", "public_cell"], OPEN)
    for days in (30, 90):
        for level in (0, 2, 4, 6):
            _count(days, level)


def downgrade() -> None:
    op.drop_index("ix_observation_public_open", table_name="observation")
    op.drop_index("ix_observation_public_cell", table_name="observation")
    _index("ix_observation_public_cell", ["public_cell"], PUBLIC)
    op.drop_table("cell_count")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "observation", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _count(days: int, level: int) -> None:
    """What is public already is counted; the day is that of UTC until the first night sums it up for the city's own."""
    since = datetime.now(UTC).date() - timedelta(days=days)
    sort = f"public_cell / {4**level}, kind, status, sector_id, protection = 1"
    counted = sa.text(
        "INSERT INTO cell_count (level, days, since, cell, kind, status, sector_id, is_exact, n) "  # noqa: S608 (numbers of this file)
        f"SELECT {level}, {days}, :since, {sort}, count(*) FROM observation WHERE {PUBLIC} AND public_on >= :since GROUP BY {sort}"
    )
    op.execute(counted.bindparams(sa.bindparam("since", since, sa.Date())))
