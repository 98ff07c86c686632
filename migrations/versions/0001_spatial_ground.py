"""The database knows what a point is.

Revision ID: 0001
Revises:
"""

import click
import psycopg
from alembic import op
from sqlalchemy.exc import ProgrammingError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("SELECT InitSpatialMetaData(0, 'WGS84')")
    else:
        create_postgis()


def create_postgis() -> None:
    """Makes the extension unless it is there; says what to do when this role may not."""
    try:
        op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        raise click.ClickException(
            "PostGIS is missing in this database, and this role may not add it. Once, as the database's administrator:"
            ' psql DATABASE -c "CREATE EXTENSION postgis"; then the same command again.'
        ) from error


def downgrade() -> None:
    """The extension stays: other tables of the same database may need it, and SpatiaLite's own tables can't be dropped."""
