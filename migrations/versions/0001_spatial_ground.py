"""The database knows what a point is.

Revision ID: 0001
Revises:
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("SELECT InitSpatialMetaData(0, 'WGS84')")
    else:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")


def downgrade() -> None:
    """The extension stays: other tables of the same database may need it, and SpatiaLite's own tables can't be dropped."""
