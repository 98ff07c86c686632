"""Transfers to the police of before are counted as those of now, in both directions and on both databases."""

from datetime import UTC, datetime
from typing import Any

from tests.migrations.conftest import Migration

AT = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def insert_event(migration: Migration, number: int, name: str, **facts: Any) -> None:
    migration.insert(
        "event", id=number, happened_at=AT, name=name, thread="REF1", actor="person:7", facts=facts, is_public=False
    )


def events(migration: Migration) -> list[tuple[str, dict[str, Any]]]:
    return [(row["name"], row["facts"]) for row in migration.rows("event")]


def test_a_transfer_of_before_becomes_an_event_of_its_own_and_nothing_else_changes(migration: Migration) -> None:
    before = migration.rows("event")
    shared = {"case": 1, "version": 2, "handover": 3, "partner": 4}
    insert_event(migration, 900, "handover.offered", **shared, followed=False, police=True)
    insert_event(migration, 901, "handover.offered", **shared, followed=True, police=False)
    insert_event(migration, 902, "handover.declined", **shared)
    inserted = migration.rows("event")
    migration.upgrade()
    assert events(migration)[len(before) :] == [
        ("police.transferred", {**shared, "ground": ""}),
        ("handover.offered", {**shared, "followed": True}),
        ("handover.declined", shared),
    ]
    assert "legal_ground" in migration.tables() and migration.rows("legal_ground") == []
    assert "fk_handover_legal_ground_id_legal_ground" in migration.constraint_names("handover")
    migration.downgrade()
    assert migration.rows("event") == inserted and "legal_ground" not in migration.tables()
