"""Runs the migrations on whichever database the app was given."""

import logging
from typing import Any

from alembic import context
from flask import current_app
from geoalchemy2 import alembic_helpers

from cohab_report.db import Ordered, UtcDateTime

logging.getLogger("alembic").setLevel(logging.WARNING)
database = current_app.extensions["migrate"].db
SPATIALITE_OWN = (
    "idx_", "spatial_ref_sys", "geometry_columns", "views_geometry", "virts_geometry", "spatialite_", "sql_statements", "data_licenses",
)  # fmt: skip
SPATIALITE_TABLES = ("ElementaryGeometries", "SpatialIndex", "KNN", "KNN2")


def include_object(thing: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
    """False for the tables and indexes that the spatial extensions keep for themselves."""
    owner = name if kind == "table" else getattr(getattr(thing, "table", None), "name", "")
    if reflected and (owner.startswith(SPATIALITE_OWN) or owner in SPATIALITE_TABLES):
        return False
    if kind == "index" and reflected and name.startswith("idx_") and name.endswith("_point"):
        return False
    return bool(alembic_helpers.include_object(thing, name, kind, reflected, compare_to))


def render_item(kind: str, thing: Any, autogen_context: Any) -> Any:
    """The text of a type in a script: the plain one beneath our own, so that old scripts never need today's code."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, Ordered):
        return "sa.SmallInteger()"
    return alembic_helpers.render_item(kind, thing, autogen_context)


def run() -> None:
    """The database is at the wanted revision, or as it was: one transaction a migration."""
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            include_object=include_object,
            process_revision_directives=alembic_helpers.writer,
            render_item=render_item,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
