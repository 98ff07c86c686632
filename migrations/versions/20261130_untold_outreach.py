"""That works were stopped, and that an outreach partner holds a case, is no part of any resident's story.

Revision ID: 20261130_untold_outreach Revises: 20261130_staff_sessions
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_untold_outreach"
down_revision = "20261130_staff_sessions"
branch_labels = None
depends_on = None

EVENT = sa.table("event", sa.column("name", sa.String()), sa.column("facts", sa.JSON()), sa.column("is_public", sa.Boolean()))
PARTNER = sa.table("partner", sa.column("id", sa.BigInteger()), sa.column("does_outreach", sa.Boolean()))
STOPPED = "handover.stopped"
TOLD = ("handover.accepted", "handover.started", "handover.done", "handover.given_back")


def upgrade() -> None:
    op.execute(EVENT.update().where(_tells_of_people()).values(is_public=False))


def downgrade() -> None:
    op.execute(EVENT.update().where(_tells_of_people()).values(is_public=True))


def _tells_of_people() -> sa.ColumnElement[bool]:
    outreach = sa.select(PARTNER.c.id).where(PARTNER.c.does_outreach)
    is_outreachs = EVENT.c.facts["partner"].as_integer().in_(outreach)
    return sa.or_(EVENT.c.name == STOPPED, sa.and_(EVENT.c.name.in_(TOLD), is_outreachs))
