"""Sessions of staff are rows that can be ended; whoever is signed in signs in again after this upgrade.

Revision ID: 20261130_staff_sessions Revises: 20261130_author_sessions
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_staff_sessions"
down_revision = "20261130_author_sessions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name="fk_staff_session_person_id_person", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_staff_session"),
        sa.UniqueConstraint("token_hash", name="uq_staff_session_token_hash"),
    )
    op.create_index("ix_staff_session_started_at", "staff_session", ["started_at"])
    op.create_index("ix_staff_session_person_id_started_at", "staff_session", ["person_id", "started_at"])
    op.drop_column("person", "session_version")


def downgrade() -> None:
    op.add_column("person", sa.Column("session_version", sa.Integer(), server_default="1", nullable=False))
    op.drop_table("staff_session")
