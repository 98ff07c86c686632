"""Cases whose works are locked know the day of their last doubt, from what could still be known; on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.migrations.conftest import Migration

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


def insert_case(migration: Migration, number: int, *, occupancy: str, **changes: Any) -> None:
    """Inserts a case opened on the first day."""
    category, sector, queue = (migration.rows(name)[0]["id"] for name in ("category", "sector", "queue"))
    values = {
        "id": number,
        "reference": f"REF{number}",
        "kind": "cleanliness",
        "category_id": category,
        "sector_id": sector,
        "queue_id": queue,
        "state": "occupancy_check",
        "protection": 3,
        "priority": 3,
        "opened_at": day(0),
        "closing_note": "",
        "recode_reason": "",
        "is_out_of_plan": False,
        "occupancy": occupancy,
        "occupancy_note": "",
        "changed_at": day(20),
        "version": 3,
    }
    migration.insert("case", **{**values, **changes})


def insert_observation(migration: Migration, number: int, case: int, *, belongings: str, joined: int) -> None:
    """Inserts an observation of the first day that joined the case on another one."""
    category, sector = (migration.rows(name)[0]["id"] for name in ("category", "sector"))
    migration.insert(
        "observation",
        id=number,
        reference=f"OBS{number}",
        client_id=uuid4().hex if migration.is_sqlite else uuid4(),
        code_hash=f"hash {number}",
        kind="cleanliness",
        category_id=category,
        sector_id=sector,
        precision="point",
        is_near_protected=False,
        landmark="",
        text="",
        text_flags=[],
        answers={},
        belongings=belongings,
        observed_on=START.date(),
        received_at=day(joined),
        channel="web",
        language="fr",
        protection=3,
        status="received",
        public_on=START.date(),
    )
    migration.insert("case_observation", case_id=case, observation_id=number, joined_at=day(joined))


def doubts(migration: Migration) -> dict[int, date | None]:
    return {row["id"]: row["occupancy_doubted_on"] for row in migration.rows("case")}


def test_the_last_doubt_of_each_locked_case_is_filled_in(migration: Migration) -> None:
    for number, occupancy in enumerate(("possible", "possible", "in_use", "possible", "cleared", "none"), start=1):
        insert_case(migration, number, occupancy=occupancy)
    insert_observation(migration, 1, 1, belongings="yes", joined=0)
    insert_observation(migration, 2, 1, belongings="unknown", joined=4)
    insert_observation(migration, 3, 1, belongings="no", joined=9)
    at_seven = {"happened_at": day(7), "actor": "system", "is_public": False}
    migration.insert("event", name="occupancy.doubted", thread="REF2", facts={"case": 2}, **at_seven)
    migration.insert("event", name="case.claimed", thread="REF1", facts={"case": 1}, **at_seven)
    insert_case(migration, 7, occupancy="in_use", occupancy_on=day(6).date())
    migration.upgrade()
    assert doubts(migration) == {
        1: day(4).date(),
        2: day(7).date(),
        3: day(0).date(),
        4: day(0).date(),
        5: None,
        6: None,
        7: day(6).date(),
    }


def test_what_was_merged_was_doubted_no_later_than_the_merge(migration: Migration) -> None:
    insert_case(migration, 1, occupancy="possible", state="merged", merged_into_id=None)
    insert_case(migration, 2, occupancy="none", state="accepted")
    before = {"protection": 3, "priority": 3, "queue_id": migration.rows("queue")[0]["id"], "is_out_of_plan": False}
    for merge, merged_at in ((1, day(5)), (2, None)):
        migration.insert(
            "merge", id=merge, case_id=1, into_id=2, is_reconstructed=merged_at is None, merged_at=merged_at
        )
        migration.insert("case_before_merge", merge_id=merge, case_id=1, occupancy="possible", **before)
        migration.insert("case_before_merge", merge_id=merge, case_id=2, occupancy="none", **before)
    migration.upgrade()
    rows = {
        (row["merge_id"], row["case_id"]): row["occupancy_doubted_on"]
        for row in migration.rows("case_before_merge", order="case_id")
    }
    assert rows == {(1, 1): day(5).date(), (2, 1): day(20).date(), (1, 2): None, (2, 2): None}


def test_going_down_leaves_the_cases_as_they_were(migration: Migration) -> None:
    insert_case(migration, 1, occupancy="possible")
    before = migration.rows("case")
    migration.upgrade()
    migration.downgrade()
    assert migration.rows("case") == before
