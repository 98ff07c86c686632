"""Blocks of protected cells get a table; the program fills it from the protected sites, at the next `flask load-city`.

Until then the same blocks protect from memory.

Revision ID: 20261130_protected_blocks Revises: 20261130_client_hashes
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_protected_blocks"
down_revision = "20261130_client_hashes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "protected_block",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("west", "south", "east", "north")),
        sa.PrimaryKeyConstraint("id", name="pk_protected_block"),
    )


def downgrade() -> None:
    op.drop_table("protected_block")
