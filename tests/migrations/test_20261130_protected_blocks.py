"""The table of protected blocks comes empty, takes rows, and leaves what there was as it was, on both databases."""

from tests.migrations.conftest import Migration


def test_a_block_can_be_saved_and_the_sites_stay(migration: Migration) -> None:
    site = {"code": "abri-2", "kind": "shelter", "name_fr": "Abri", "lon": -1.25, "lat": 47.15, "radius": 150}
    migration.insert("protected_site", **site, is_approximate=False, is_retired=False)
    sites = migration.rows("protected_site")
    migration.upgrade()
    assert migration.rows("protected_block") == []
    migration.insert("protected_block", west=33553804, south=33588114, east=33553809, north=33588118)
    (block,) = migration.rows("protected_block")
    assert (block["west"], block["south"], block["east"], block["north"]) == (33553804, 33588114, 33553809, 33588118)
    assert migration.rows("protected_site") == sites
    migration.downgrade()
    assert "protected_block" not in migration.tables() and migration.rows("protected_site") == sites
