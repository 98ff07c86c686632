"""A case that the team took up again after it was closed says why.

Revision ID: 20261130_reopening_reason Revises: 20261130_handover_addresses
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_reopening_reason"
down_revision = "20261130_handover_addresses"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case", sa.Column("reopening_reason", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    # Why a case was taken up again is lost; that it was stays in the journal.
    op.drop_column("case", "reopening_reason")
