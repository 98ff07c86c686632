"""The stamps of caches begin empty and go again, and the city that processes keep in memory stays as it was."""

from cohab_report.db import db, transaction
from cohab_report.territory.models import Sector
from cohab_report.territory.queries import city_facts
from tests.migrations.conftest import Migration


def test_a_city_of_before_is_read_and_its_first_edit_is_stamped(migration: Migration) -> None:
    sectors = migration.rows("sector")
    migration.insert("sector", **{**sectors[0], "id": 900, "code": "rive-est"})
    assert "cache_stamp" not in migration.tables()
    migration.upgrade()
    assert migration.rows("cache_stamp") == []
    assert "rive-est" in {sector.code for sector in city_facts().sectors}
    with transaction():
        db.session.get_one(Sector, 900).is_retired = True
    assert [row["noun"] for row in migration.rows("cache_stamp")] == ["city"]
    assert "rive-est" not in {sector.code for sector in city_facts().sectors}
    db.session.remove()
    migration.downgrade()
    assert "cache_stamp" not in migration.tables()
    assert [row["code"] for row in migration.rows("sector")] == [row["code"] for row in sectors] + ["rive-est"]
