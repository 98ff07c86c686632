"""A city remembers where its profile was loaded from: a shipped one's name, or a folder.

Empty for what was loaded before, so the next `flask load-city` compares rows only.

Revision ID: 20261130_profile_source Revises: 20261130_untold_outreach
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_profile_source"
down_revision = "20261130_untold_outreach"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("city", sa.Column("profile_source", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("city", "profile_source")
