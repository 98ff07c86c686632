"""Runs the Alembic migrations on the app's database, SQLite or PostgreSQL."""

import logging
import re
from collections.abc import Iterable
from datetime import UTC
from typing import Any

from alembic import context
from flask import current_app
from geoalchemy2 import alembic_helpers

from cohab_report.cache_stamps import NO_STAMPS
from cohab_report.clock import now
from cohab_report.db import OrderedEnum, UtcDateTime
from cohab_report.engines import is_spatialite_table

logging.getLogger("alembic").setLevel(logging.WARNING)
database = current_app.extensions["migrate"].db


def include_object(thing: Any, name: str, kind: str, reflected: bool, compare_to: Any) -> bool:
    """Returns False for the tables and indexes that belong to the spatial extensions."""
    owner = name if kind == "table" else getattr(getattr(thing, "table", None), "name", "")
    if reflected and is_spatialite_table(owner):
        return False
    if kind == "index" and reflected and name.startswith("idx_") and name.endswith("_point"):
        return False
    return bool(alembic_helpers.include_object(thing, name, kind, reflected, compare_to))


def render_item(kind: str, thing: Any, autogen_context: Any) -> Any:
    """Returns a column type's source text, without our own types, so that old scripts never need today's code."""
    if kind == "type" and isinstance(thing, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, OrderedEnum):
        return "sa.SmallInteger()"
    return alembic_helpers.render_item(kind, thing, autogen_context)


def process_new_scripts(migration_context: Any, revision: Any, scripts: Iterable[Any]) -> None:
    """Names each new script YYYYMMDD_slug, after its day (UTC) and its message.

    The name is the revision's id and its file's name, so that scripts sort by day and two branches never give the same
    number. Without a message (`flask db check` has none) Alembic's random id stays; a house test refuses such a file.
    """
    alembic_helpers.writer(migration_context, revision, scripts)
    for script in scripts:
        slug = "_".join(re.findall(r"[a-z0-9]+", (script.message or "").lower()))
        if slug:
            script.rev_id = f"{now().astimezone(UTC):%Y%m%d}_{slug}"


def run() -> None:
    """Migrates the database, each migration in its own transaction, so that a failed one changes nothing."""
    with database.engine.connect().execution_options(**NO_STAMPS) as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            include_object=include_object,
            process_revision_directives=process_new_scripts,
            render_item=render_item,
            transaction_per_migration=True,
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()


run()
