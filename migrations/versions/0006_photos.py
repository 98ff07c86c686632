"""Photos that came with observations.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

STATES = ("received", "waiting", "approved", "rejected", "refused", "removed", "dropped")
REASONS = (
    "not_a_picture", "unreadable", "too_large", "too_slow", "lost", "person", "belongings", "plate_or_address", "nothing_to_see", "other",
    "occupancy", "protected", "by_author", "withdrawn",
)  # fmt: skip
STANDING = sa.text("state IN ('received', 'waiting', 'approved')")
RECEIVED = sa.text("state = 'received'")


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "photo",
        sa.Column("id", key, nullable=False),
        sa.Column("reference", sa.String(32), nullable=False),
        sa.Column("observation_id", key, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="photostate", native_enum=False, length=24), nullable=False),
        sa.Column("reason", sa.Enum(*REASONS, name="photoreason", native_enum=False, length=24), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("incoming_name", sa.String(64), nullable=True),
        sa.Column("incoming_key", sa.String(64), nullable=True),
        sa.Column("full_name", sa.String(64), nullable=True),
        sa.Column("small_name", sa.String(64), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", key, nullable=True),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_photo_decided_by_id_person")),
        sa.ForeignKeyConstraint(["observation_id"], ["observation.id"], name=op.f("fk_photo_observation_id_observation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
        sa.UniqueConstraint("reference", name=op.f("uq_photo_reference")),
        sa.UniqueConstraint("observation_id", "digest", name=op.f("uq_photo_observation_id_digest")),
        sa.UniqueConstraint("incoming_name", name=op.f("uq_photo_incoming_name")),
        sa.UniqueConstraint("full_name", name=op.f("uq_photo_full_name")),
        sa.UniqueConstraint("small_name", name=op.f("uq_photo_small_name")),
    )
    op.create_index(
        "ix_photo_place", "photo", ["observation_id", "position"], unique=True, sqlite_where=STANDING, postgresql_where=STANDING,
    )
    op.create_index("ix_photo_received", "photo", ["id"], sqlite_where=RECEIVED, postgresql_where=RECEIVED)


def downgrade() -> None:
    op.drop_index("ix_photo_received", table_name="photo")
    op.drop_index("ix_photo_place", table_name="photo")
    op.drop_table("photo")
