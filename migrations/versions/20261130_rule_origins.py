"""A routing rule says where it came from, who edited it when, and which version of it somebody read.

All rules of before came with the city's profile.

Revision ID: 20261130_rule_origins Revises: 20261130_merges
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_rule_origins"
down_revision = "20261130_merges"
branch_labels = None
depends_on = None

FOREIGN_KEY = "fk_rule_edited_by_id_person"


def upgrade() -> None:
    origin = sa.Enum("profile", "person", name="ruleorigin", native_enum=False, length=24)
    with op.batch_alter_table("rule") as rule:
        rule.add_column(sa.Column("origin", origin, nullable=False, server_default="profile"))
        rule.add_column(sa.Column("edited_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        rule.add_column(sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True))
        rule.add_column(sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
        rule.create_foreign_key(op.f(FOREIGN_KEY), "person", ["edited_by_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("rule") as rule:
        rule.drop_constraint(op.f(FOREIGN_KEY), type_="foreignkey")
        for column in ("version", "edited_at", "edited_by_id", "origin"):
            rule.drop_column(column)
