"""A person's account says how they press keyboard shortcuts: a key alone, as until now, with Alt, or not at all.

Revision ID: 20261130_shortcut_keys Revises: 20261130_editions
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_shortcut_keys"
down_revision = "20261130_editions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    keys = sa.Enum("plain", "alt", "off", name="shortcutkeys", native_enum=False, length=24)
    with op.batch_alter_table("person") as person:
        person.add_column(sa.Column("shortcut_keys", keys, nullable=False, server_default="plain"))


def downgrade() -> None:
    with op.batch_alter_table("person") as person:
        person.drop_column("shortcut_keys")
