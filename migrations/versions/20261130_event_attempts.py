"""Events count the attempts to call their listeners, wait between them, and are set aside after too many.

Revision ID: 20261130_event_attempts Revises: 20261130_rule_origins
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_event_attempts"
down_revision = "20261130_rule_origins"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_event_unclaimed", table_name="event")
    op.add_column("event", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("event", sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event", sa.Column("set_aside_at", sa.DateTime(timezone=True), nullable=True))
    _partial_index("ix_event_waiting", ["attempts", "id"], where="done_at IS NULL AND set_aside_at IS NULL")
    _partial_index("ix_event_set_aside_at", ["set_aside_at"], where="set_aside_at IS NOT NULL")


def downgrade() -> None:
    # What was set aside is tried again: before, nothing ever was.
    op.drop_index("ix_event_set_aside_at", table_name="event")
    op.drop_index("ix_event_waiting", table_name="event")
    for column in ("set_aside_at", "retry_at", "attempts"):
        op.drop_column("event", column)
    _partial_index("ix_event_unclaimed", ["id"], where="done_at IS NULL")


def _partial_index(name: str, columns: list[str], *, where: str) -> None:
    op.create_index(name, "event", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
