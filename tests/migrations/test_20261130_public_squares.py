"""Pins that were public to the metre move to their square; named places and what is coarser stay as they are."""

from typing import Any

from sqlalchemy import text

from cohab_report.db import db
from cohab_report.geo import Lattice, Point
from cohab_report.intake import rules
from tests.migrations.conftest import Migration
from tests.migrations.test_20261130_merges import insert_observation

DOOR = Point(-1.251234, 47.155678)
LATTICE = Lattice(0.002, 0.0014)


def insert(migration: Migration, number: int, **changes: Any) -> None:
    shared = {name: migration.rows(name.removesuffix("_id"))[0]["id"] for name in ("category_id", "sector_id")}
    insert_observation(migration, number, {**shared, "kind": "cleanliness"})
    values = {"precision": "point", "protection": 1, "public_lon": round(DOOR.lon, 5), "public_lat": round(DOOR.lat, 5)}
    values |= {"public_cell": LATTICE.cell(DOOR), **changes}
    place = "ST_GeomFromText(:sent, 4326)" if values.pop("has_point", True) else "NULL"
    columns = ", ".join(f"{name} = :{name}" for name in values)
    with db.engine.begin() as connection:
        statement = f"UPDATE observation SET {columns}, point = {place} WHERE id = :id"
        sent = {"sent": f"POINT({DOOR.lon} {DOOR.lat})"} if "sent" in place else {}
        connection.execute(text(statement), {**values, **sent, "id": number})


def public_points(migration: Migration) -> dict[int, tuple[float, float]]:
    return {row["id"]: (row["public_lon"], row["public_lat"]) for row in migration.rows("observation")}


def test_a_public_pin_moves_to_its_square_and_nothing_else_moves(migration: Migration) -> None:
    square = LATTICE.square_centre(DOOR, rules.SQUARE_METRES)
    middle = LATTICE.centre(LATTICE.cell(DOOR))
    insert(migration, 1)
    insert(migration, 2, precision="place")
    insert(migration, 3, precision="about")
    insert(migration, 4, protection=2, public_lon=middle.lon, public_lat=middle.lat)
    insert(migration, 5, protection=3, public_lon=None, public_lat=None, public_cell=None)
    insert(migration, 6, has_point=False)
    before, sent = public_points(migration), (round(DOOR.lon, 5), round(DOOR.lat, 5))
    migration.upgrade()
    after = public_points(migration)
    assert after[1] == after[6] == (square.lon, square.lat) != sent
    assert {number: after[number] for number in (2, 3, 4, 5)} == {number: before[number] for number in (2, 3, 4, 5)}
    migration.downgrade()
    assert public_points(migration)[1] == sent
    assert {number: public_points(migration)[number] for number in (2, 3, 4, 5)} == {
        number: before[number] for number in (2, 3, 4, 5)
    }
