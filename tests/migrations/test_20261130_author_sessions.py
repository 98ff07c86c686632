"""Observations come through in both directions while the table of author sessions comes and goes; on both databases."""

from datetime import UTC, datetime

from tests.migrations.conftest import Migration
from tests.migrations.test_20261130_merges import insert_observation


def test_sessions_come_and_go_with_their_observation(migration: Migration) -> None:
    category, sector = (migration.rows(name)[0]["id"] for name in ("category", "sector"))
    shared = {"kind": "cleanliness", "category_id": category, "sector_id": sector}
    insert_observation(migration, 1, shared)
    before = migration.rows("observation")
    migration.upgrade()
    session = {"token_hash": "a" * 64, "observation_id": 1, "page": "receipt", "sealed": "x"}
    migration.insert("author_session", id=1, **session, ends_at=datetime(2026, 12, 1, tzinfo=UTC))
    assert [row["page"] for row in migration.rows("author_session")] == ["receipt"]
    names = migration.constraint_names("author_session")
    assert {"uq_author_session_token_hash", "ix_author_session_observation_id", "ix_author_session_ends_at"} <= names
    migration.downgrade()
    assert "author_session" not in migration.tables() and migration.rows("observation") == before
