"""The tables `tally` and `action_tally` become `monthly_count` and `action_monthly_count`, with their rows.

The rows are copied into new tables on both databases: SQLite can't rename a constraint, and the names of all
constraints follow the table's.

Revision ID: 20261130_monthly_counts Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "20261130_monthly_counts"
down_revision = "0010"
branch_labels = None
depends_on = None

COUNT_COLUMNS = "id, month, kind, category_id, sector_id, outcome, is_out_of_plan, observations, cases, counted_at"
ACTION_COUNT_COLUMNS = "id, month, action_id, kind, observations, cases, counted_at"


def upgrade() -> None:
    _move("tally", "monthly_count", unique="uq_monthly_count_key")
    _move_actions("action_tally", "action_monthly_count", unique="uq_action_monthly_count_key")


def downgrade() -> None:
    _move_actions("action_monthly_count", "action_tally", unique="uq_action_tally_cell")
    _move("monthly_count", "tally", unique="uq_tally_cell")


def _move(old: str, new: str, *, unique: str) -> None:
    op.create_table(
        new,
        sa.Column("id", _id(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column("category_id", _id(), nullable=False),
        sa.Column("sector_id", _id(), nullable=False),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("is_out_of_plan", sa.Boolean(), nullable=False),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["category_id"], ["category.id"], name=op.f(f"fk_{new}_category_id_category")),
        sa.ForeignKeyConstraint(["sector_id"], ["sector.id"], name=op.f(f"fk_{new}_sector_id_sector")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{new}")),
        sa.UniqueConstraint("month", "category_id", "sector_id", "outcome", "is_out_of_plan", name=unique),
    )
    _move_rows(old, new, COUNT_COLUMNS)
    op.create_index(f"ix_{new}_counted_at", new, ["counted_at"])


def _move_actions(old: str, new: str, *, unique: str) -> None:
    op.create_table(
        new,
        sa.Column("id", _id(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("action_id", _id(), nullable=False),
        sa.Column("kind", _kind(), nullable=False),
        sa.Column("observations", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["action_id"], ["action.id"], name=op.f(f"fk_{new}_action_id_action")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{new}")),
        sa.UniqueConstraint("month", "action_id", "kind", name=unique),
    )
    _move_rows(old, new, ACTION_COUNT_COLUMNS)


def _move_rows(old: str, new: str, columns: str) -> None:
    """Copies every row with its id, then drops the old table and, with it, its indexes."""
    op.execute(f"INSERT INTO {new} ({columns}) SELECT {columns} FROM {old}")  # noqa: S608 (names of this file)
    if op.get_bind().dialect.name == "postgresql":  # a new table's sequence begins at 1, and those ids are taken
        ids = f"SELECT coalesce(max(id), 0) + 1 FROM {new}"  # noqa: S608 (names of this file)
        op.execute(f"SELECT setval(pg_get_serial_sequence('{new}', 'id'), ({ids}), false)")
    op.drop_table(old)


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _kind() -> sa.Enum:
    return sa.Enum("cleanliness", "safety", "positive", "concern", name="kind", native_enum=False, length=24)
