"""What is public stays so until a day of its own, what had ceased to be public has left, and nothing comes back."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.migrations.conftest import Migration

SENT = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def insert_observation(migration: Migration, name: str, **changes: Any) -> None:
    """Inserts an observation whose reference is this name."""
    category = next(row for row in migration.rows("category") if row["protection"] == 1)
    values: dict[str, Any] = {
        "kind": "cleanliness",
        "category_id": category["id"],
        "sector_id": migration.rows("sector")[0]["id"],
        "reference": name,
        "client_hash": uuid4().hex if migration.is_sqlite else uuid4(),
        "code_hash": f"hash {name}",
        "precision": "point",
        "is_near_protected": False,
        "landmark": "",
        "text": "Un texte.",
        "text_flags": [],
        "answers": {},
        "belongings": "no",
        "observed_on": SENT.date(),
        "received_at": SENT,
        "channel": "web",
        "language": "fr",
        "protection": 1,
        "status": "taken_up",
        "published_at": SENT,
        "public_lon": -1.25,
        "public_lat": 47.15,
        "public_cell": 7,
        "public_on": SENT.date(),
    }
    migration.insert("observation", **(values | changes))


def test_each_gets_its_protections_and_its_last_day(migration: Migration) -> None:
    nowhere = {"public_lon": None, "public_lat": None, "public_cell": None}
    insert_observation(migration, "PUBLIC")
    insert_observation(migration, "NEAR", protection=2, is_near_protected=True)
    insert_observation(migration, "RECODED", protection=2)
    insert_observation(migration, "HIDDEN", protection=3, **nowhere)
    insert_observation(migration, "IN_USE", protection=3, belongings="unknown", published_at=None, **nowhere)
    insert_observation(migration, "WAITING", published_at=None)
    before = migration.rows("observation")
    migration.upgrade()
    rows = {row["reference"]: row for row in migration.rows("observation")}
    assert [{name: row[name] for name in before[0]} for row in rows.values()] == before
    protections = {name: (row["received_protection"], row["public_protection"]) for name, row in rows.items()}
    assert protections == {
        "PUBLIC": (1, 1),
        "NEAR": (2, 2),
        "RECODED": (1, 2),
        "HIDDEN": (1, 3),
        "IN_USE": (3, 3),
        "WAITING": (1, 1),
    }
    assert {name for name, row in rows.items() if row["left_public_at"]} == {"HIDDEN"}
    assert {name for name, row in rows.items() if row["public_until"] is None} == {"IN_USE", "WAITING"}
    days = [(row["public_until"] - date(2026, 10, 1)).days for row in rows.values() if row["public_until"]]
    assert all(30 <= each <= 90 for each in days)


def test_the_days_are_drawn_one_by_one(migration: Migration) -> None:
    for number in range(40):
        insert_observation(migration, f"N{number}")
    migration.upgrade()
    assert len({row["public_until"] for row in migration.rows("observation")}) > 5


def test_on_the_way_back_what_has_left_or_waits_to_leave_is_not_public_again(migration: Migration) -> None:
    for name in ("STAYS", "LEFT", "LEAVING"):
        insert_observation(migration, name)
    migration.upgrade()
    changes: dict[str, dict[str, Any]] = {
        "LEFT": {"left_public_at": SENT + timedelta(days=1)},
        "LEAVING": {"protection": 2},
    }
    for name, values in changes.items():
        migration.update("observation", reference=name, **values)
    migration.downgrade()
    rows = {row["reference"]: (row["published_at"] is None, row["public_lon"]) for row in migration.rows("observation")}
    assert rows == {"STAYS": (False, -1.25), "LEFT": (True, None), "LEAVING": (True, None)}
