"""The client ids of before are hashed, and a phone that sends one of them again gets the same observation and code."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from flask import current_app

from cohab_report.intake import codes
from tests.migrations.conftest import Migration
from tests.migrations.test_20261130_merges import insert_observation

KEY = "c" * 40


def insert_received(migration: Migration, number: int) -> UUID:
    """Inserts an observation as it was received before; returns its client id."""
    category, sector = (migration.rows(name)[0]["id"] for name in ("category", "sector"))
    shared = {"kind": "cleanliness", "category_id": category, "sector_id": sector}
    client_id = uuid4()
    sent = {
        "client_id": client_id.hex if migration.is_sqlite else client_id,
        "code_hash": codes.code_hash(codes.code_for(client_id, KEY), KEY),
    }
    insert_observation(migration, number, shared, **sent)
    return client_id


def id_of_sender(migration: Migration, client_id: UUID) -> int | None:
    """Returns the id of the observation that is found when this client id is posted again."""
    wanted = codes.client_hash(client_id, KEY)
    return next((row["id"] for row in migration.rows("observation") if UUID(str(row["client_hash"])) == wanted), None)


def test_ids_of_before_are_hashed_and_still_recognised(migration: Migration) -> None:
    client_ids = [insert_received(migration, number) for number in (1, 2, 3)]
    before = migration.rows("observation")
    migration.upgrade()
    after = migration.rows("observation")
    assert not {str(UUID(str(row["client_hash"]))) for row in after} & set(map(str, client_ids))
    for rows, name in ((before, "client_id"), (after, "client_hash")):
        for row in rows:
            del row[name]
    assert after == before
    assert [id_of_sender(migration, client_id) for client_id in (*client_ids, uuid4())] == [1, 2, 3, None]
    migration.downgrade()
    migration.upgrade()
    ids = [id_of_sender(migration, client_id) for client_id in client_ids]
    assert ids == [1, 2, 3], "down and up again hashes nothing twice"


def test_another_code_key_is_refused_and_changes_nothing(migration: Migration, monkeypatch: pytest.MonkeyPatch) -> None:
    insert_received(migration, 1)
    before = migration.rows("observation")
    settings = current_app.config["SETTINGS"]
    monkeypatch.setitem(current_app.config, "SETTINGS", replace(settings, code_key="d" * 40))
    with pytest.raises(Exception, match="COHAB_CODE_KEY"):
        migration.upgrade()
    assert migration.rows("observation") == before
    monkeypatch.setitem(current_app.config, "SETTINGS", settings)
    migration.upgrade()
