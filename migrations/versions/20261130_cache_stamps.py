"""A table of stamps says to every process what of its memory is no longer as the tables are.

Revision ID: 20261130_cache_stamps Revises: 20261130_monthly_counts
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_cache_stamps"
down_revision = "20261130_monthly_counts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cache_stamp",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("noun", sa.String(length=24), nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cache_stamp")),
    )


def downgrade() -> None:
    op.drop_table("cache_stamp")
