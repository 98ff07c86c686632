"""A merge remembers: what both cases, their links and their observations were before, in four tables.

Merges of before get a row each, with what is still known: from the journal, who merged them and when, and which
observations were in which of the two cases; from the merged case, which nothing changes after its merge, all but its
state and who worked on it. Of the other case nothing else is known.

Revision ID: 20261130_merges Revises: 20261130_cache_stamps
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "20261130_merges"
down_revision = "20261130_cache_stamps"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
CODE = sa.String(length=24)
CASE_COLUMNS: dict[str, Any] = {
    "protection": sa.SmallInteger(),
    "priority": sa.SmallInteger(),
    "due_at": TIME,
    "queue_id": ID,
    "occupancy": CODE,
    "accepted_at": TIME,
    "is_out_of_plan": sa.Boolean(),
    "claimed_at": TIME,
}
"""The columns of a merged case that are still as they were when it was merged."""
LINK_COLUMNS: dict[str, Any] = {
    "case_id": ID,
    "action_id": ID,
    "state": CODE,
    "suggested_by": sa.String(length=12),
    "decided_by_id": ID,
    "decided_at": TIME,
}


def upgrade() -> None:
    _create_tables()
    _reconstruct(op.get_bind())


def downgrade() -> None:
    for table in ("observation_before_merge", "link_before_merge", "case_before_merge", "merge"):
        op.drop_table(table)


def _create_tables() -> None:
    op.create_table(
        "merge",
        sa.Column("id", ID, nullable=False),
        _id("case_id"),
        _id("into_id"),
        sa.Column("merged_by_id", ID, nullable=True),
        sa.Column("merged_at", TIME, nullable=True),
        sa.Column("is_reconstructed", sa.Boolean(), nullable=False),
        *_keys("merge", primary=["id"], case_id="case", into_id="case", merged_by_id="person"),
    )
    op.create_table(
        "case_before_merge",
        _id("merge_id"),
        _id("case_id"),
        sa.Column("state", CODE, nullable=True),
        sa.Column("protection", sa.SmallInteger(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("queue_id", ID, nullable=False),
        sa.Column("occupancy", CODE, nullable=False),
        sa.Column("accepted_at", TIME, nullable=True),
        sa.Column("is_out_of_plan", sa.Boolean(), nullable=False),
        sa.Column("claimed_by_id", ID, nullable=True),
        sa.Column("claimed_at", TIME, nullable=True),
        *_keys(
            "case_before_merge",
            primary=["merge_id", "case_id"],
            merge_id="merge",
            case_id="case",
            queue_id="queue",
            claimed_by_id="person",
        ),
    )
    op.create_table(
        "link_before_merge",
        _id("merge_id"),
        _id("case_id"),
        _id("action_id"),
        sa.Column("state", CODE, nullable=False),
        sa.Column("suggested_by", sa.String(length=12), nullable=False),
        sa.Column("decided_by_id", ID, nullable=True),
        sa.Column("decided_at", TIME, nullable=True),
        *_keys(
            "link_before_merge",
            primary=["merge_id", "case_id", "action_id"],
            merge_id="merge",
            case_id="case",
            action_id="action",
            decided_by_id="person",
        ),
    )
    op.create_table(
        "observation_before_merge",
        _id("merge_id"),
        _id("observation_id"),
        _id("case_id"),
        sa.Column("joined_at", TIME, nullable=False),
        sa.Column("protection", sa.SmallInteger(), nullable=True),
        sa.Column("status", CODE, nullable=True),
        sa.Column("published_at", TIME, nullable=True),
        *_keys(
            "observation_before_merge",
            primary=["merge_id", "observation_id"],
            merge_id="merge",
            observation_id="observation",
            case_id="case",
        ),
    )
    for table, column in (
        ("merge", "case_id"),
        ("merge", "into_id"),
        ("case_before_merge", "case_id"),
        ("link_before_merge", "case_id"),
        ("observation_before_merge", "case_id"),
        ("observation_before_merge", "observation_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])


def _id(column: str) -> sa.Column[Any]:
    return sa.Column(column, ID, nullable=False)


def _keys(table: str, *, primary: list[str], **referred: str) -> Iterator[sa.Constraint]:
    """Yields the table's constraints; rows of a merge go with the merge, its cases and its observations."""
    for column, other in referred.items():
        goes_along = "CASCADE" if other in ("merge", "case", "observation") else None
        yield sa.ForeignKeyConstraint(
            [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete=goes_along
        )
    yield sa.PrimaryKeyConstraint(*primary, name=op.f(f"pk_{table}"))


def _table(table: str, **columns: Any) -> sa.TableClause:
    return sa.table(table, *(sa.column(each, kind) for each, kind in columns.items()))


CASE = _table("case", id=ID, reference=sa.String(), merged_into_id=ID, opened_at=TIME, changed_at=TIME, **CASE_COLUMNS)
LINK = _table("link", **LINK_COLUMNS)
OBSERVATION = _table("observation", id=ID, reference=sa.String())
MEMBERSHIP = _table("case_observation", case_id=ID, observation_id=ID)
PERSON = _table("person", id=ID)
EVENT = _table(
    "event", id=ID, name=sa.String(), thread=sa.String(), actor=sa.String(), happened_at=TIME, facts=sa.JSON()
)
MERGE = _table("merge", id=ID, case_id=ID, into_id=ID, merged_by_id=ID, merged_at=TIME, is_reconstructed=sa.Boolean())
CASE_BEFORE = _table("case_before_merge", merge_id=ID, case_id=ID, **CASE_COLUMNS)
LINK_BEFORE = _table("link_before_merge", merge_id=ID, **LINK_COLUMNS)
OBSERVATION_BEFORE = _table("observation_before_merge", merge_id=ID, observation_id=ID, case_id=ID, joined_at=TIME)


def _reconstruct(connection: sa.Connection) -> None:
    """Inserts a row for each merge of before, and replays the journal to tell where each observation was."""
    merged_cases = connection.execute(sa.select(CASE).where(CASE.c.merged_into_id.is_not(None))).mappings().all()
    if not merged_cases:
        return
    events = {event["thread"]: event for event in _events(connection, "case.merged")}
    people = set(connection.scalars(sa.select(PERSON.c.id)))
    steps: list[tuple[datetime, int, str, Any]] = list(_arrivals(connection, merged_cases))
    for number, case in enumerate(merged_cases, start=1):
        event = events.get(case["reference"])
        _insert_merge(connection, number, case, event, people)
        moment = (event["happened_at"], event["id"]) if event else (case["changed_at"], 0)
        steps.append((*moment, "merge", (number, case)))
    _replay(connection, sorted(steps, key=lambda step: (step[0], step[1], step[2] == "merge")))
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('merge', 'id'), (SELECT max(id) FROM merge))"))


def _events(connection: sa.Connection, name: str) -> Any:
    return connection.execute(sa.select(EVENT).where(EVENT.c.name == name).order_by(EVENT.c.id)).mappings()


def _insert_merge(connection: sa.Connection, number: int, case: Any, event: Any, people: set[int]) -> None:
    """Inserts the merge of a case, with its columns and links, which nothing changed since."""
    actor = event["actor"].removeprefix("person:") if event else ""
    person = int(actor) if actor.isdigit() and int(actor) in people else None
    row = {"id": number, "case_id": case["id"], "into_id": case["merged_into_id"], "is_reconstructed": True}
    connection.execute(MERGE.insert().values(**row, merged_by_id=person, merged_at=event and event["happened_at"]))
    columns = {name: case[name] for name in CASE_COLUMNS}
    connection.execute(CASE_BEFORE.insert().values(merge_id=number, case_id=case["id"], **columns))
    for link in connection.execute(sa.select(LINK).where(LINK.c.case_id == case["id"])).mappings().all():
        connection.execute(LINK_BEFORE.insert().values(merge_id=number, **link))


def _arrivals(connection: sa.Connection, merged_cases: Any) -> Iterator[tuple[datetime, int, str, Any]]:
    """Yields when each observation of cases that others were merged into came first to a case, and to which.

    A resident joined a case that others had opened, and the journal says which; any other observation opened its own.
    """
    joined = {event["thread"]: event for event in _events(connection, "observation.joined")}
    every_case = connection.execute(sa.select(CASE.c.id, CASE.c.reference, CASE.c.opened_at))
    cases = {case.reference: case for case in every_case}
    query = sa.select(OBSERVATION).join(MEMBERSHIP, MEMBERSHIP.c.observation_id == OBSERVATION.c.id)
    into = {case["merged_into_id"] for case in merged_cases}
    for observation in connection.execute(query.where(MEMBERSHIP.c.case_id.in_(into))):
        event = joined.get(observation.reference)
        case = cases.get(event["facts"]["into"] if event else observation.reference)
        if case is not None:
            moment = (event["happened_at"], event["id"]) if event else (case.opened_at, 0)
            yield (*moment, "arrival", (observation.id, case.id))


def _replay(connection: sa.Connection, steps: list[tuple[datetime, int, str, Any]]) -> None:
    """Follows each observation from case to case, and inserts at each merge what was in either of the two."""
    places: dict[int, tuple[int, datetime]] = {}
    for at, _, kind, facts in steps:
        if kind == "arrival":
            places[facts[0]] = (facts[1], at)
            continue
        number, case = facts
        for observation, (place, joined_at) in places.items():
            if place in (case["id"], case["merged_into_id"]):
                row = {"merge_id": number, "observation_id": observation, "case_id": place, "joined_at": joined_at}
                connection.execute(OBSERVATION_BEFORE.insert().values(**row))
            if place == case["id"]:
                places[observation] = (case["merged_into_id"], at)
