"""Queries of backups: when the last one was made, what the tables hold, and at which migration they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, Table, func, inspect, select

from cohab_report import journal
from cohab_report.backup.events import BackupMade
from cohab_report.db import db
from cohab_report.engines import is_spatialite_table
from cohab_report.settings import current_settings

OVERDUE_AFTER = timedelta(hours=36)
"""How old the last backup may be, where nightly ones are configured, before monitoring and admins are told."""
REVISION_TABLE = "alembic_version"


@dataclass(frozen=True)
class BackupState:
    """When the last backup was made, whether nightly ones are configured, and whether the next one is overdue."""

    last_at: datetime | None
    is_configured: bool
    is_overdue: bool


def last_backup_at() -> datetime | None:
    """Returns when the last backup was made, by the schedule or by hand (UTC); None before the first."""
    return journal.latest_at(BackupMade)


def backup_age(*, at: datetime) -> float | None:
    """Returns the seconds since the last backup; None before the first."""
    last_at = last_backup_at()
    return None if last_at is None else (at - last_at).total_seconds()


def backup_state(*, at: datetime) -> BackupState:
    """Returns how it stands with backups; without a folder for nightly ones nothing is overdue."""
    last_at, is_configured = last_backup_at(), bool(current_settings().backup_folder)
    is_old = last_at is None or at - last_at > OVERDUE_AFTER
    return BackupState(last_at, is_configured, is_configured and is_old)


def row_counts() -> Mapping[str, int]:
    """Returns the number of rows of each table of the product that the database has, by the table's name."""
    names = sorted({*db.metadata.tables, REVISION_TABLE} & set(inspect(db.session.connection()).get_table_names()))
    return {name: _count(name) for name in names}


def filled_tables(names: list[str]) -> list[str]:
    """Returns those of these tables that have rows; the one that names the migration is left out."""
    return [name for name in names if name != REVISION_TABLE and _count(name)]


def own_tables_of_sqlite() -> list[str]:
    """Returns the names of all tables in the embedded database that are not SpatiaLite's own."""
    names = inspect(db.session.connection()).get_table_names()
    return [name for name in names if not is_spatialite_table(name)]


def current_revision() -> str:
    """Returns the migration that the database stands at; empty before the first."""
    return MigrationContext.configure(db.session.connection()).get_current_revision() or ""


def _count(name: str) -> int:
    return db.session.scalar(select(func.count()).select_from(Table(name, MetaData()))) or 0
