"""Accounts stay as they were when sessions become rows; only the count of password changes goes."""

from datetime import UTC, datetime

from tests.migrations.conftest import Migration


def test_accounts_stay_and_nobody_has_a_session_yet(migration: Migration) -> None:
    account = {"email": "lin@rivebelle.example", "name": "Lin", "role": "triager", "password_hash": "hash"}
    flags = {"is_active": True, "is_demo": False, "session_version": 3}
    migration.insert("person", **account, **flags)
    before = migration.rows("person")[-1]
    migration.upgrade()
    assert migration.rows("staff_session") == []
    after = migration.rows("person")[-1]
    assert after == {name: value for name, value in before.items() if name != "session_version"}
    migration.insert("staff_session", person_id=after["id"], token_hash="a" * 64, started_at=datetime.now(UTC))
    migration.downgrade()
    assert migration.rows("person")[-1] == {**after, "session_version": 1}
