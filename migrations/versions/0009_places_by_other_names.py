"""Places have other names that they are found by, and an observation keeps what its author added to say where.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("place", sa.Column("also", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("observation", sa.Column("landmark", sa.String(length=80), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("observation", "landmark")
    op.drop_column("place", "also")
