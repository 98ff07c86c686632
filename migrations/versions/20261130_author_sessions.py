"""A browser opens its own observation by a short-lived session on the server; its cookie has the token alone.

Revision ID: 20261130_author_sessions Revises: 20261130_shortcut_keys
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_author_sessions"
down_revision = "20261130_shortcut_keys"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "author_session",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("observation_id", NUMBER, nullable=False),
        sa.Column("page", sa.Enum("receipt", "follow", name="authorpage", native_enum=False, length=24), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["observation_id"],
            ["observation.id"],
            name=op.f("fk_author_session_observation_id_observation"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_author_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_author_session_token_hash")),
    )
    op.create_index(op.f("ix_author_session_observation_id"), "author_session", ["observation_id"])
    op.create_index(op.f("ix_author_session_ends_at"), "author_session", ["ends_at"])


def downgrade() -> None:
    op.drop_table("author_session")
