"""Every rule of before came with the profile, stands in its first version, and comes through in both directions."""

from datetime import UTC, datetime

from tests.migrations.conftest import Migration

NEW_COLUMNS = ("origin", "edited_by_id", "edited_at", "version")


def test_rules_of_before_are_the_profile_s_and_nobody_edited_them(migration: Migration) -> None:
    partner = migration.rows("partner")[0]["id"]
    texts = {"because_fr": "Parce que", "because_en": "Because", "occupancy": "any", "hours": "closed"}
    lists = {"categories": ["SOUCI"], "queues": [], "places": ["quai"], "sectors": []}
    migration.insert("rule", id=900, code="nuit", position=5, partner_id=partner, is_retired=True, **texts, **lists)
    before = migration.rows("rule")
    assert len(before) == 7
    migration.upgrade()
    after = migration.rows("rule")
    assert [{name: row.pop(name) for name in NEW_COLUMNS} for row in after] == [
        {"origin": "profile", "edited_by_id": None, "edited_at": None, "version": 1}
    ] * 7
    assert after == before
    names = migration.constraint_names("rule")
    assert {"pk_rule", "uq_rule_code", "fk_rule_partner_id_partner", "fk_rule_edited_by_id_person"} <= names
    person = migration.rows("person")
    assert person == []
    migration.insert(
        "rule",
        **{**before[-1], "id": 901, "code": "jour", "origin": "person"},
        edited_at=datetime(2026, 11, 30, tzinfo=UTC),
        version=3,
    )
    migration.downgrade()
    assert [row["code"] for row in migration.rows("rule")] == [*(row["code"] for row in before), "jour"]
    assert migration.rows("rule")[:7] == before
