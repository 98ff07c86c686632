"""The monthly counts survive their tables' new names with every row, up and down, on both databases."""

from datetime import UTC, date, datetime
from typing import Any

from tests.migrations.conftest import Migration

COUNTED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def insert_counts(migration: Migration, table: str, action_table: str, *, month: date) -> None:
    """Inserts one count and one count by action, without ids: the database gives them."""
    category, sector, action = (migration.rows(name)[0]["id"] for name in ("category", "sector", "action"))
    counts: dict[str, Any] = {"month": month, "kind": "safety", "observations": 7, "cases": 5, "counted_at": COUNTED_AT}
    migration.insert(
        table, category_id=category, sector_id=sector, outcome="nothing_found", is_out_of_plan=True, **counts
    )
    migration.insert(action_table, action_id=action, **counts)


def test_rows_survive_in_both_directions(migration: Migration) -> None:
    for month in (date(2026, 7, 1), date(2026, 8, 1)):
        insert_counts(migration, "tally", "action_tally", month=month)
    rows, action_rows = migration.rows("tally"), migration.rows("action_tally")
    assert len(rows) == len(action_rows) == 2
    migration.upgrade()
    assert migration.rows("monthly_count") == rows
    assert migration.rows("action_monthly_count") == action_rows
    assert not {"tally", "action_tally"} & migration.tables()
    migration.downgrade()
    assert migration.rows("tally") == rows
    assert migration.rows("action_tally") == action_rows
    assert not {"monthly_count", "action_monthly_count"} & migration.tables()


def test_the_next_row_gets_an_id_that_is_free(migration: Migration) -> None:
    insert_counts(migration, "tally", "action_tally", month=date(2026, 7, 1))
    migration.upgrade()
    insert_counts(migration, "monthly_count", "action_monthly_count", month=date(2026, 8, 1))
    assert len(migration.rows("monthly_count")) == len(migration.rows("action_monthly_count")) == 2
    migration.downgrade()
    insert_counts(migration, "tally", "action_tally", month=date(2026, 9, 1))
    assert len(migration.rows("tally")) == len(migration.rows("action_tally")) == 3


def test_every_key_constraint_and_index_is_named_after_its_table(migration: Migration) -> None:
    insert_counts(migration, "tally", "action_tally", month=date(2026, 7, 1))
    names, action_names = migration.constraint_names("tally"), migration.constraint_names("action_tally")
    migration.upgrade()
    assert migration.constraint_names("monthly_count") >= {
        "pk_monthly_count",
        "fk_monthly_count_category_id_category",
        "fk_monthly_count_sector_id_sector",
        "uq_monthly_count_key",
        "ix_monthly_count_counted_at",
    }
    assert migration.constraint_names("action_monthly_count") >= {
        "pk_action_monthly_count",
        "fk_action_monthly_count_action_id_action",
        "uq_action_monthly_count_key",
    }
    migration.downgrade()
    assert (migration.constraint_names("tally"), migration.constraint_names("action_tally")) == (names, action_names)
