"""Events of before that tell of people are hidden from residents; all others stay as they were, on both databases."""

from datetime import UTC, datetime

from tests.migrations.conftest import Migration

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
NAMES = ("handover.accepted", "handover.started", "handover.done", "handover.given_back", "handover.stopped")


def insert_event(migration: Migration, thread: str, name: str, *, is_public: bool = True, **facts: int) -> None:
    migration.insert(
        "event", happened_at=AT, name=name, thread=thread, actor="system", facts=facts, is_public=is_public
    )


def public_events(migration: Migration) -> set[tuple[str, str]]:
    rows = migration.rows("event")
    return {(row["thread"], row["name"]) for row in rows if row["thread"] in ("WORKS", "HELP") and row["is_public"]}


def test_stops_and_what_outreach_partners_did_are_told_to_no_resident(migration: Migration) -> None:
    partners = {bool(row["does_outreach"]): row["id"] for row in migration.rows("partner")}
    for thread, does_outreach in (("WORKS", False), ("HELP", True)):
        for name in NAMES:
            insert_event(migration, thread, name, partner=partners[does_outreach])
        insert_event(migration, thread, "handover.offered", is_public=False, partner=partners[does_outreach])
        insert_event(migration, thread, "case.accepted")
    before = public_events(migration)
    migration.upgrade()
    told = {("WORKS", name) for name in NAMES if name != "handover.stopped"}
    assert public_events(migration) == {*told, ("WORKS", "case.accepted"), ("HELP", "case.accepted")}
    migration.downgrade()
    assert public_events(migration) == before
