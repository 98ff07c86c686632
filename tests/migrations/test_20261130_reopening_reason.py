"""Cases of before say no reason for being taken up again, and going back loses nothing else of them."""

from datetime import UTC, datetime

from tests.migrations.conftest import Migration

CLOSED_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def test_cases_of_before_have_no_reason(migration: Migration) -> None:
    category, sector, queue = (migration.rows(name)[0]["id"] for name in ("category", "sector", "queue"))
    migration.insert(
        "case",
        reference="CLOSED1",
        kind="cleanliness",
        category_id=category,
        sector_id=sector,
        queue_id=queue,
        state="closed",
        protection=1,
        priority=3,
        opened_at=CLOSED_AT,
        closed_at=CLOSED_AT,
        closing_reason="done",
        closing_note="Vidé",
        recode_reason="",
        is_out_of_plan=True,
        occupancy="none",
        occupancy_note="",
        changed_at=CLOSED_AT,
        version=3,
    )
    (before,) = migration.rows("case")
    migration.upgrade()
    (row,) = migration.rows("case")
    assert row == {**before, "reopening_reason": ""}
    migration.downgrade()
    assert migration.rows("case") == [before]
