"""The stamps of caches begin empty and go again, and the city stays as it was."""

from cohab_report.db import db, transaction
from cohab_report.territory.models import Sector
from tests.migrations.conftest import Migration


def test_a_city_of_before_stays_and_its_first_edit_is_stamped(migration: Migration) -> None:
    sectors = migration.rows("sector")
    migration.insert("sector", **{**sectors[0], "id": 900, "code": "rive-est"})
    assert "cache_stamp" not in migration.tables()
    migration.upgrade()
    assert migration.rows("cache_stamp") == []
    with transaction():
        db.session.get_one(Sector, 900).is_retired = True
    assert [row["noun"] for row in migration.rows("cache_stamp")] == ["city"]
    db.session.remove()
    migration.downgrade()
    assert "cache_stamp" not in migration.tables()
    assert [row["code"] for row in migration.rows("sector")] == [row["code"] for row in sectors] + ["rive-est"]
