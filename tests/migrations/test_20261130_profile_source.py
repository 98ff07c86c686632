"""The source of a city's profile comes empty, can be written, and takes nothing with it, on both databases."""

from datetime import UTC, datetime

from tests.migrations.conftest import Migration


def test_a_city_that_was_loaded_before_keeps_its_row_and_has_no_source_yet(migration: Migration) -> None:
    migration.insert(
        "city",
        code="port",
        name_fr="Port",
        name_en="Port",
        time_zone="Europe/Paris",
        holiday_country="FR",
        holiday_subdivision="",
        cell_dlon=0.002,
        cell_dlat=0.0014,
        lon=-1.25,
        lat=47.15,
        accept_box=[-1.34, 47.09, -1.16, 47.21],
        about={"team": {}},
        loaded_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    )
    before = migration.rows("city")
    migration.upgrade()
    cities = migration.rows("city")
    assert [city.pop("profile_source") for city in cities] == [""] * len(before)
    assert cities == before
    migration.downgrade()
    assert migration.rows("city") == before
