"""Accounts of before press a key alone, as they did; on both databases and in both directions."""

from tests.migrations.conftest import Migration


def test_accounts_of_before_press_a_key_alone(migration: Migration) -> None:
    migration.insert(
        "person",
        id=7,
        email="ana@rivebelle.example",
        name="Ana",
        role="triager",
        password_hash="",
        session_version=1,
        is_active=True,
        is_demo=False,
    )
    before = migration.rows("person")
    migration.upgrade()
    (after,) = migration.rows("person")
    assert after.pop("shortcut_keys") == "plain" and [after] == before
    migration.insert("person", **{**before[0], "id": 8, "email": "bea@rivebelle.example", "shortcut_keys": "off"})
    migration.downgrade()
    assert [row["id"] for row in migration.rows("person")] == [7, 8] and migration.rows("person")[:1] == before
