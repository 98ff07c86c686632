"""Residents may leave an address, and be asked one thing; several changes are told in one letter.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("observation_id", NUMBER, nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("seed", sa.String(length=43), nullable=True),
        sa.Column("confirm_hash", sa.String(length=64), nullable=True),
        sa.Column("stop_hash", sa.String(length=64), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "ending",
            sa.Enum("stopped", "withdrawn", "undeliverable", "unconfirmed", "expired", name="ending", native_enum=False, length=24),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"], name=op.f("fk_contact_observation_id_observation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("observation_id", name=op.f("uq_contact_observation_id")),
        sa.UniqueConstraint("confirm_hash", name=op.f("uq_contact_confirm_hash")),
        sa.UniqueConstraint("stop_hash", name=op.f("uq_contact_stop_hash")),
    )
    kept = sa.text("sealed IS NOT NULL")
    op.create_index("ix_contact_kept", "contact", ["asked_at"], sqlite_where=kept, postgresql_where=kept)
    op.create_table(
        "inquiry",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("observation_id", NUMBER, nullable=False),
        sa.Column("state", sa.Enum("open", "answered", "declined", "dropped", name="inquirystate", native_enum=False, length=24), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_flags", sa.JSON(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"], name=op.f("fk_inquiry_observation_id_observation"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inquiry")),
    )
    op.create_index("ix_inquiry_observation_id", "inquiry", ["observation_id"])
    is_open = sa.text("state = 'open'")
    op.create_index("ix_inquiry_open", "inquiry", ["observation_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open)
    with op.batch_alter_table("delivery") as table:
        table.add_column(sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("told_with_id", NUMBER, nullable=True))
        table.create_foreign_key(op.f("fk_delivery_told_with_id_delivery"), "delivery", ["told_with_id"], ["id"], ondelete="SET NULL")
        table.create_index("ix_delivery_told_with_id", ["told_with_id"])
        table.create_index("ix_delivery_recipient", ["recipient", "state"])


def downgrade() -> None:
    op.execute("DELETE FROM delivery WHERE told_with_id IS NOT NULL OR recipient LIKE 'contact:%'")
    with op.batch_alter_table("delivery") as table:
        table.drop_index("ix_delivery_recipient")
        table.drop_index("ix_delivery_told_with_id")
        table.drop_constraint(op.f("fk_delivery_told_with_id_delivery"), type_="foreignkey")
        table.drop_column("told_with_id")
        table.drop_column("claimed_at")
    op.drop_table("inquiry")
    op.drop_table("contact")
