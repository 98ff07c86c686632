"""A case says on which day somebody last had reason to think that somebody may live there.

Cases whose works are locked get that day from what can still be known: reports of belongings and when they joined,
visits that found some, and acts that the journal holds. Where several days are possible it is the latest, so that no
visit of before it frees a place.

Revision ID: 20261130_occupancy_doubts Revises: 20261130_event_attempts
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "20261130_occupancy_doubts"
down_revision = "20261130_event_attempts"
branch_labels = None
depends_on = None

COLUMN = "occupancy_doubted_on"
TABLES = ("case", "case_before_merge")
LOCKED = ("possible", "in_use")
DOUBTING_EVENTS = ("occupancy.doubted", "case.recoded", "case.joined")
TIME = sa.DateTime(timezone=True)
CASE = sa.table(
    "case",
    *(sa.column(name) for name in ("id", "reference", "occupancy")),
    *(sa.column(name, sa.Date()) for name in (COLUMN, "occupancy_on")),
    *(sa.column(name, TIME) for name in ("opened_at", "changed_at")),
)
MEMBERSHIP = sa.table(
    "case_observation", sa.column("case_id"), sa.column("observation_id"), sa.column("joined_at", TIME)
)
OBSERVATION = sa.table("observation", sa.column("id"), sa.column("belongings"), sa.column("observed_on", sa.Date()))
EVENT = sa.table("event", sa.column("name"), sa.column("thread"), sa.column("happened_at", TIME))
MERGE = sa.table("merge", sa.column("id"), sa.column("merged_at", TIME))
BEFORE = sa.table(
    "case_before_merge", *(sa.column(name) for name in ("merge_id", "case_id", "occupancy")), sa.column(COLUMN)
)


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column(COLUMN, sa.Date(), nullable=True))
    connection = op.get_bind()
    zone = _zone(connection)
    cases = connection.execute(sa.select(CASE).where(CASE.c.occupancy.in_(LOCKED))).mappings().all()
    for case in cases:
        doubted_on = max(_days_of_doubt(connection, dict(case), zone))
        connection.execute(sa.update(CASE).where(CASE.c.id == case["id"]).values({COLUMN: doubted_on}))
    _fill_in_cases_before_merges(connection, zone)


def downgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as altered:
            altered.drop_column(COLUMN)


def _zone(connection: sa.Connection) -> ZoneInfo:
    name = connection.execute(sa.text("SELECT time_zone FROM city")).scalar()
    return ZoneInfo(name or "UTC")


def _local_day(at: datetime, zone: ZoneInfo) -> date:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone).date()


def _days_of_doubt(connection: sa.Connection, case: dict[str, object], zone: ZoneInfo) -> list[date]:
    reports = connection.execute(
        sa.select(OBSERVATION.c.observed_on, MEMBERSHIP.c.joined_at)
        .join(MEMBERSHIP, MEMBERSHIP.c.observation_id == OBSERVATION.c.id)
        .where(MEMBERSHIP.c.case_id == case["id"], OBSERVATION.c.belongings.in_(("yes", "unknown")))
    )
    acts = connection.execute(
        sa.select(EVENT.c.happened_at).where(
            EVENT.c.thread == case["reference"], EVENT.c.name.in_(DOUBTING_EVENTS)
        )
    ).scalars()
    found_in_use = case["occupancy_on"] if case["occupancy"] == "in_use" else None
    days = [max(observed_on, _local_day(joined_at, zone)) for observed_on, joined_at in reports]
    days += [_local_day(at, zone) for at in acts]
    days += [found_in_use] if isinstance(found_in_use, date) else []
    opened_at = case["opened_at"]
    return [*days, _local_day(opened_at, zone)] if isinstance(opened_at, datetime) else days


def _fill_in_cases_before_merges(connection: sa.Connection, zone: ZoneInfo) -> None:
    """Gives what two cases were before a merge the day of the merge: no doubt of before was younger."""
    rows = connection.execute(
        sa.select(BEFORE.c.merge_id, BEFORE.c.case_id, MERGE.c.merged_at, CASE.c.changed_at)
        .join(MERGE, MERGE.c.id == BEFORE.c.merge_id)
        .join(CASE, CASE.c.id == BEFORE.c.case_id)
        .where(BEFORE.c.occupancy.in_(LOCKED))
    ).all()
    for merge_id, case_id, merged_at, changed_at in rows:
        connection.execute(
            sa.update(BEFORE)
            .where(BEFORE.c.merge_id == merge_id, BEFORE.c.case_id == case_id)
            .values({COLUMN: _local_day(merged_at or changed_at, zone)})
        )
