"""A transfer to the police has a ground in law, from a table of the city's, and an event of its own.

Transfers of before become such events, without a ground: none was asked then. No handover gains or loses anything.

Revision ID: 20261130_police_transfers Revises: 20261130_reopening_reason
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261130_police_transfers"
down_revision = "20261130_reopening_reason"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FOREIGN_KEY = "fk_handover_legal_ground_id_legal_ground"
OFFERED, TRANSFERRED = "handover.offered", "police.transferred"
EVENT = sa.table("event", sa.column("id"), sa.column("name"), sa.column("facts", sa.JSON()))


def upgrade() -> None:
    op.create_table(
        "legal_ground",
        sa.Column("id", ID, nullable=False),
        sa.Column("code", sa.String(length=24), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name_fr", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("source_id", ID, nullable=False),
        sa.Column("is_retired", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_legal_ground_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_ground")),
        sa.UniqueConstraint("code", name=op.f("uq_legal_ground_code")),
    )
    with op.batch_alter_table("handover") as handover:
        handover.add_column(sa.Column("legal_ground_id", ID, nullable=True))
        handover.create_foreign_key(op.f(FOREIGN_KEY), "legal_ground", ["legal_ground_id"], ["id"])
    for number, facts in _events(OFFERED):
        police = facts.pop("police", False)
        if police:
            facts.pop("followed", None)
        _rewrite(number, TRANSFERRED if police else OFFERED, {**facts, "ground": ""} if police else facts)


def downgrade() -> None:
    for name in (OFFERED, TRANSFERRED):
        for number, facts in _events(name):
            is_police = name == TRANSFERRED
            facts.pop("ground", None)
            _rewrite(number, OFFERED, {**facts, "followed": facts.get("followed", False), "police": is_police})
    with op.batch_alter_table("handover") as handover:
        handover.drop_constraint(op.f(FOREIGN_KEY), type_="foreignkey")
        handover.drop_column("legal_ground_id")
    op.drop_table("legal_ground")


def _events(name: str) -> list[tuple[int, dict[str, Any]]]:
    rows = op.get_bind().execute(sa.select(EVENT.c.id, EVENT.c.facts).where(EVENT.c.name == name))
    return [(number, dict(facts)) for number, facts in rows]


def _rewrite(number: int, name: str, facts: dict[str, Any]) -> None:
    op.get_bind().execute(sa.update(EVENT).where(EVENT.c.id == number).values(name=name, facts=facts))
