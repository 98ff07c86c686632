"""The page of a handover has an address without its row's number; those of before stay open under the number too.

E-mails that were sent already name them by it.

Revision ID: 20261130_handover_addresses Revises: 20261130_public_squares
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_handover_addresses"
down_revision = "20261130_public_squares"
branch_labels = None
depends_on = None


def upgrade() -> None:
    numbered = sa.Column("has_numbered_address", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("handover", numbered)
    handover = sa.table("handover", sa.column("has_numbered_address", sa.Boolean()))
    op.execute(handover.update().values(has_numbered_address=True))


def downgrade() -> None:
    op.drop_column("handover", "has_numbered_address")
