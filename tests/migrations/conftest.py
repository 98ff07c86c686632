"""A database that stands just below one revision, for the tests of that revision's migration with rows in it.

A test's file is named after the revision (`test_20261130_monthly_counts.py`); `tests/house/test_migrations.py` demands
one for each.
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, Table, inspect, select
from sqlalchemy.engine import Connection

from cohab_report import create_app
from cohab_report.cache_stamps import NO_STAMPS
from cohab_report.db import db
from tests.conftest import settings_for


class Migration:
    """One migration on a database with the made-up city: inserts rows, goes up and down, and reads the rows again."""

    def __init__(self, revision: str, down_revision: str) -> None:
        self.revision, self.down_revision = revision, down_revision
        self.has_rows = self.has_run = False

    def insert(self, table: str, **values: Any) -> None:
        """Inserts a row into a table as it is at present."""
        with db.engine.connect().execution_options(**NO_STAMPS) as connection, connection.begin():
            connection.execute(_reflected(table, connection).insert().values(**values))
        self.has_rows = True

    def update(self, table: str, *, reference: str, **values: Any) -> None:
        """Changes the row with this reference in a table as it is at present."""
        with db.engine.connect().execution_options(**NO_STAMPS) as connection, connection.begin():
            reflected = _reflected(table, connection)
            connection.execute(reflected.update().where(reflected.c.reference == reference).values(**values))

    @property
    def is_sqlite(self) -> bool:
        """Tells whether the database is the embedded one."""
        return db.engine.dialect.name == "sqlite"

    def rows(self, table: str, *, order: str = "id") -> list[dict[str, Any]]:
        """Returns all rows of a table as it is at present, by id or by another column."""
        with db.engine.connect() as connection:
            reflected = _reflected(table, connection)
            return [dict(row) for row in connection.execute(select(reflected).order_by(reflected.c[order])).mappings()]

    def tables(self) -> set[str]:
        """Returns the names of the present tables."""
        return set(inspect(db.engine).get_table_names())

    def columns(self, table: str) -> set[str]:
        """Returns the names of a table's present columns."""
        return {column["name"] for column in inspect(db.engine).get_columns(table)}

    def constraint_names(self, table: str) -> set[str | None]:
        """Returns the names of a table's keys, unique constraints and indexes."""
        inspector = inspect(db.engine)
        several = (
            inspector.get_foreign_keys(table),
            inspector.get_unique_constraints(table),
            inspector.get_indexes(table),
        )
        names = {constraint["name"] for constraints in several for constraint in constraints}
        return names | {inspector.get_pk_constraint(table)["name"]}

    def upgrade(self) -> None:
        """Runs the migration upward; refuses while no row was inserted, since an empty table survives everything."""
        assert self.has_rows, "insert a row before the upgrade"
        upgrade(revision=self.revision)
        self.has_run = True

    def downgrade(self) -> None:
        """Runs the migration downward."""
        downgrade(revision=self.down_revision)


def _reflected(table: str, connection: Connection) -> Table:
    return Table(table, MetaData(), autoload_with=connection, resolve_fks=False)


@pytest.fixture(params=["sqlite", "postgres"])
def migration(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[Migration]:
    """The migration that the test's file is named after, on a database just below it; the test must upgrade it."""
    app: Flask = create_app(settings_for(new_database(request.param, "migration")))
    with app.app_context():
        scripts = ScriptDirectory.from_config(current_app.extensions["migrate"].migrate.get_config())
        script = scripts.get_revision(request.path.stem.removeprefix("test_"))
        migration = Migration(script.revision, str(script.down_revision))
        migration.downgrade()
        yield migration
        db.engine.dispose()
    assert migration.has_run, "the test never upgraded"
