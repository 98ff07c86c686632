"""Merges of before get what can still be known: who, when, and which observations came; on both databases."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.migrations.conftest import Migration

START = datetime(2026, 10, 1, 8, 0, tzinfo=UTC)
TABLES = {"merge", "case_before_merge", "link_before_merge", "observation_before_merge"}


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


def insert_case(migration: Migration, number: int, *, into: int | None = None, **changes: Any) -> None:
    """Inserts a case and the observation that opened it, both with this id; `into` is where the case was merged."""
    category, sector, queue = (migration.rows(name)[0]["id"] for name in ("category", "sector", "queue"))
    shared = {"kind": "cleanliness", "category_id": category, "sector_id": sector}
    migration.insert(
        "case",
        **shared,
        **{
            "id": number,
            "reference": f"REF{number}",
            "queue_id": queue,
            "state": "merged" if into else "accepted",
            "protection": 2,
            "priority": 3,
            "opened_at": hour(0),
            "due_at": hour(90),
            "accepted_at": hour(1),
            "closing_note": "",
            "recode_reason": "",
            "is_out_of_plan": False,
            "occupancy": "none",
            "occupancy_note": "",
            "changed_at": hour(50),
            "merged_into_id": into,
            "version": 3,
            **changes,
        },
    )
    insert_observation(migration, number, shared)


def insert_observation(migration: Migration, number: int, shared: dict[str, Any], **sent: Any) -> None:
    """Inserts an observation with this id, in no case yet."""
    client = "client_hash" if "client_hash" in migration.columns("observation") else "client_id"
    own = {client: uuid4().hex if migration.is_sqlite else uuid4(), "code_hash": f"hash {number}"}
    migration.insert(
        "observation",
        **shared,
        **{**own, **sent},
        id=number,
        reference=f"REF{number}",
        precision="point",
        is_near_protected=False,
        landmark="",
        text="Un texte.",
        text_flags=[],
        answers={},
        belongings="no",
        observed_on=date(2026, 10, 1),
        received_at=hour(0),
        channel="web",
        language="fr",
        protection=2,
        status="taken_up",
        public_on=date(2026, 10, 1),
    )


def insert_event(migration: Migration, name: str, thread: str, number: int, actor: str, **facts: Any) -> None:
    """Inserts an event that happened at this hour."""
    migration.insert(
        "event", happened_at=hour(number), name=name, thread=thread, actor=actor, facts=facts, is_public=True
    )


@pytest.fixture
def chain(migration: Migration) -> Migration:
    """Case 1 was merged into 2 and 2 into 3; a resident joined 1, another 2 after the first merge; 4 is noise.

    Case 6 was merged into 4 before the journal told of it, by nobody that it knows.
    """
    insert_person(migration, 7)
    insert_case(migration, 3)
    insert_case(migration, 2, into=3)
    insert_case(migration, 1, into=2, protection=3, occupancy="possible", due_at=None)
    insert_case(migration, 4)
    insert_case(migration, 6, into=4, changed_at=hour(20))
    shared = {name: migration.rows("case")[0][name] for name in ("kind", "category_id", "sector_id")}
    for number in (10, 11):
        insert_observation(migration, number, shared)
    memberships = {3: (3, 0), 2: (3, 30), 1: (3, 30), 10: (3, 30), 11: (3, 30), 4: (4, 0), 6: (4, 20)}
    for observation, (case, number) in memberships.items():
        migration.insert("case_observation", case_id=case, observation_id=observation, joined_at=hour(number))
    actions = [row["id"] for row in migration.rows("action")[:2]]
    migration.insert("link", case_id=1, action_id=actions[0], state="confirmed", suggested_by="person", decided_by_id=7)
    migration.insert("link", case_id=4, action_id=actions[1], state="suggested", suggested_by="queue")
    insert_event(migration, "observation.joined", "REF10", 5, "resident", into="REF1", case=1, version=2)
    insert_event(migration, "case.merged", "REF1", 10, "person:7", into="REF2", case=1, version=3)
    insert_event(migration, "case.joined", "REF2", 10, "person:7", case=2, version=3, **{"from": "REF1"})
    insert_event(migration, "observation.joined", "REF11", 20, "resident", into="REF2", case=2, version=4)
    insert_event(migration, "case.merged", "REF2", 30, "person:999", into="REF3", case=2, version=5)
    return migration


def insert_person(migration: Migration, number: int) -> None:
    migration.insert(
        "person",
        id=number,
        email="ana@rivebelle.example",
        name="Ana",
        role="triager",
        password_hash="",
        session_version=1,
        is_active=True,
        is_demo=False,
    )


def observations_before(migration: Migration, merge: int) -> dict[int, tuple[int, datetime]]:
    """Returns, by observation, the case that it was in before this merge, and since when."""
    rows = migration.rows("observation_before_merge", order="observation_id")
    assert {(row["protection"], row["status"], row["published_at"]) for row in rows} == {(None, None, None)}
    return {
        row["observation_id"]: (row["case_id"], aware(row["joined_at"])) for row in rows if row["merge_id"] == merge
    }


def aware(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def test_who_when_and_what_the_merged_case_was_are_filled_in(chain: Migration) -> None:
    chain.upgrade()
    merges = {row["case_id"]: row for row in chain.rows("merge")}
    assert sorted(merges) == [1, 2, 6] and all(row["is_reconstructed"] for row in merges.values())
    assert [(merges[case]["into_id"], merges[case]["merged_by_id"]) for case in (1, 2, 6)] == [
        (2, 7),
        (3, None),
        (4, None),
    ]
    assert (aware(merges[1]["merged_at"]), aware(merges[2]["merged_at"])) == (hour(10), hour(30))
    assert merges[6]["merged_at"] is None, "the journal holds no event of it"
    before = {row["case_id"]: row for row in chain.rows("case_before_merge", order="case_id")}
    assert sorted(before) == [1, 2, 6], "what the other case was is not known"
    assert (before[1]["protection"], before[1]["occupancy"], before[1]["due_at"]) == (3, "possible", None)
    assert (before[2]["protection"], before[2]["priority"], aware(before[2]["due_at"])) == (2, 3, hour(90))
    assert all(row["state"] is None and row["claimed_by_id"] is None for row in before.values())
    (link,) = chain.rows("link_before_merge", order="case_id")
    assert (link["merge_id"], link["case_id"], link["state"], link["decided_by_id"]) == (
        merges[1]["id"],
        1,
        "confirmed",
        7,
    )


def test_each_merge_of_a_chain_says_where_its_observations_were(chain: Migration) -> None:
    chain.upgrade()
    merges = {row["case_id"]: row["id"] for row in chain.rows("merge")}
    assert observations_before(chain, merges[1]) == {1: (1, hour(0)), 2: (2, hour(0)), 10: (1, hour(5))}
    assert observations_before(chain, merges[2]) == {
        1: (2, hour(10)),
        2: (2, hour(0)),
        3: (3, hour(0)),
        10: (2, hour(10)),
        11: (2, hour(20)),
    }
    assert observations_before(chain, merges[6]) == {4: (4, hour(0)), 6: (6, hour(0))}


def test_the_next_merge_gets_an_id_that_is_free(chain: Migration) -> None:
    chain.upgrade()
    chain.insert("merge", case_id=4, into_id=3, is_reconstructed=False)
    assert len({row["id"] for row in chain.rows("merge")}) == 4


def test_going_down_leaves_the_cases_as_they_were(chain: Migration) -> None:
    cases, memberships = chain.rows("case"), chain.rows("case_observation", order="observation_id")
    chain.upgrade()
    assert {"ix_merge_case_id", "ix_merge_into_id", "fk_merge_merged_by_id_person"} <= chain.constraint_names("merge")
    chain.downgrade()
    assert not chain.tables() & TABLES
    assert chain.rows("case") == cases
    assert chain.rows("case_observation", order="observation_id") == memberships


def test_without_merges_nothing_is_filled_in(migration: Migration) -> None:
    insert_case(migration, 4)
    migration.upgrade()
    assert migration.tables() >= TABLES and migration.rows("merge") == []
