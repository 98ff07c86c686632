"""Events that waited before their attempts were counted still wait, and nothing is lost on the way back."""

from datetime import UTC, datetime
from typing import Any

from tests.migrations.conftest import Migration

RUNG_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)


def insert_event(migration: Migration, thread: str, **values: Any) -> None:
    event = {"happened_at": RUNG_AT, "name": "bell.rung", "actor": "system", "facts": {"bell": 7}, "is_public": False}
    migration.insert("event", thread=thread, **event, **values)


def waiting_threads(migration: Migration) -> list[str]:
    return [row["thread"] for row in migration.rows("event") if row["done_at"] is None and row["thread"].isupper()]


def test_what_waited_waits_untried_and_what_is_done_stays_done(migration: Migration) -> None:
    insert_event(migration, "DONE", done_at=RUNG_AT, claimed_at=RUNG_AT)
    insert_event(migration, "FRESH")
    insert_event(migration, "CLAIMED", claimed_at=RUNG_AT)
    before = migration.rows("event")
    migration.upgrade()
    rows = migration.rows("event")
    assert [{name: row[name] for name in before[0]} for row in rows] == before
    assert {(row["attempts"], row["retry_at"], row["set_aside_at"]) for row in rows} == {(0, None, None)}
    assert waiting_threads(migration) == ["FRESH", "CLAIMED"]
    insert_event(migration, "ASIDE", attempts=8, set_aside_at=RUNG_AT, last_error="KeyError")
    migration.downgrade()
    assert waiting_threads(migration) == ["FRESH", "CLAIMED", "ASIDE"]
    assert migration.rows("event")[: len(before)] == before
