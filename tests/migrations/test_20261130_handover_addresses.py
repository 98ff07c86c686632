"""Handovers of before stay open under the number that e-mails name; later ones never are; on both databases."""

from datetime import UTC, datetime
from typing import Any

from tests.migrations.conftest import Migration
from tests.migrations.test_20261130_merges import insert_case, insert_person

AT = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def insert_handover(migration: Migration, number: int, **changes: Any) -> None:
    partner = migration.rows("partner")[0]["id"]
    texts = {"rule_code": "", "reason": "", "answer": ""}
    state = {"state": "done", "ended_at": AT, "version": 2, "offered_at": AT}
    migration.insert("handover", id=number, case_id=1, partner_id=partner, offered_by_id=7, **texts, **state, **changes)


def test_only_handovers_of_before_have_an_address_with_their_number(migration: Migration) -> None:
    insert_person(migration, 7)
    insert_case(migration, 1)
    insert_handover(migration, 11)
    insert_handover(migration, 12)
    before = migration.rows("handover")
    migration.upgrade()
    after = migration.rows("handover")
    assert [row.pop("has_numbered_address") for row in after] == [True, True]
    assert after == before
    insert_handover(migration, 13)
    assert [bool(row["has_numbered_address"]) for row in migration.rows("handover")] == [True, True, False]
    migration.downgrade()
    assert migration.rows("handover")[:2] == before
