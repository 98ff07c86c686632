"""The queues are counted, and a person's own cases found, from indexes that hold nothing but open cases.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OPEN = "state IN ('new', 'occupancy_check', 'accepted', 'handed_over', 'in_progress', 'reopen_requested')"


def upgrade() -> None:
    op.drop_index("ix_case_open", table_name="case")
    _index("ix_case_open", ["queue_id", "priority", "opened_at", "id", "due_at", "claimed_by_id", "state"], OPEN)
    _index("ix_case_claimed", ["claimed_by_id", "priority", "opened_at"], f"claimed_by_id IS NOT NULL AND {OPEN}")


def downgrade() -> None:
    op.drop_index("ix_case_claimed", table_name="case")
    op.drop_index("ix_case_open", table_name="case")
    _index("ix_case_open", ["queue_id", "priority", "opened_at"], OPEN)


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "case", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
