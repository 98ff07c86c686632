"""What processes keep in memory is as the tables are at the next request, whichever process changed them and how."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from cohab_report import cache_stamps, create_app
from cohab_report.cache_stamps import CacheStamp, StampedCache
from cohab_report.catalogue import queries as catalogue
from cohab_report.catalogue.models import Category, EmergencyNumber, Priority
from cohab_report.db import db, transaction
from cohab_report.partners.models import Partner
from cohab_report.territory import queries as territory
from cohab_report.triage import queries as triage
from cohab_report.triage.waiting.models import Queue, QueueKind
from tests.conftest import settings_for

CACHES: list[StampedCache[Any]] = [
    territory._city_facts_cache,
    catalogue._category_facts_cache,
    triage._queue_facts_cache,
]


@pytest.fixture(params=["sqlite", "postgres"])
def two_apps(request: pytest.FixtureRequest, new_database: Callable[[str, str], str]) -> Iterator[tuple[Flask, Flask]]:
    """Two processes' applications on one database of their own, each with its memory filled."""
    url = new_database(request.param, "stamps")
    apps = create_app(settings_for(url)), create_app(settings_for(url))
    for app in apps:
        with app.app_context():
            for cache in CACHES:
                cache.value()
    yield apps
    for app in apps:
        with app.app_context():
            db.engine.dispose()


def edit(app: Flask, change: Callable[[], object]) -> None:
    """One request of this app that changes something."""
    with app.app_context(), transaction():
        change()


def read_in(app: Flask, read: Callable[[], Any]) -> Any:
    """What one request of this app reads."""
    with app.app_context():
        return read()


def set_priority(priority: Priority) -> None:
    db.session.scalars(select(Category).where(Category.code == "DECHET-1")).one().priority = priority


def litter_priority() -> Priority:
    return catalogue.category_facts("DECHET-1").priority


def queue_codes() -> list[str]:
    return [facts.code for facts in triage._queue_facts_cache.value()]


def sector_names() -> set[str]:
    return {sector.name.fr for sector in territory.city_facts().sectors}


def test_a_row_edited_in_one_process_is_read_by_the_other_at_its_next_request(two_apps: tuple[Flask, Flask]) -> None:
    one, other = two_apps
    assert read_in(other, litter_priority) is Priority.P3
    edit(one, lambda: set_priority(Priority.P2))
    assert (read_in(one, litter_priority), read_in(other, litter_priority)) == (Priority.P2, Priority.P2)


def retire_queue() -> object:
    return db.session.execute(update(Queue).where(Queue.code == "calme").values(is_retired=True))


def rename_sector() -> object:
    return db.session.execute(text("UPDATE sector SET name_fr = 'La rive' WHERE code = 'rive-nord'"))


def add_queue() -> object:
    row = {"code": "nuit", "position": 99, "name_fr": "Nuit", "name_en": "Night", "purpose": "wellbeing"}
    return db.session.execute(Queue.__table__.insert().values(**row, kind=QueueKind.NORMAL, is_retired=False))  # type: ignore[attr-defined]


def forget_actions() -> object:
    category = db.session.scalars(select(Category).where(Category.code == "DECHET-1")).one()
    category.actions = []
    return category


def drop_questions() -> object:
    return db.session.execute(text('DELETE FROM "question"'))


@pytest.mark.parametrize(
    ("change", "reads"),
    [
        (retire_queue, lambda: "calme" in queue_codes()),
        (rename_sector, lambda: "La rive" not in sector_names()),
        (add_queue, lambda: "nuit" not in queue_codes()),
        (forget_actions, lambda: bool(catalogue.category_facts("DECHET-1").action_ids)),
        (drop_questions, lambda: bool(catalogue.category_facts("DECHET-1").questions)),
    ],
    ids=["a bulk update", "plain SQL", "an insert without the ORM", "a relation", "a quoted delete"],
)
def test_no_way_of_writing_forgets_the_stamp(
    two_apps: tuple[Flask, Flask], change: Callable[[], object], reads: Callable[[], bool]
) -> None:
    one, other = two_apps
    assert read_in(other, reads)
    edit(one, change)
    assert not read_in(other, reads)


def stamp_count() -> int:
    return db.session.scalar(select(func.count()).select_from(CacheStamp)) or 0


class Regret(Exception):
    """Rolls a transaction back."""


def edit_and_regret() -> None:
    """An edit whose author reads it, and which is rolled back."""
    set_priority(Priority.P1)
    db.session.flush()
    assert litter_priority() is Priority.P1, "who edits reads the own edit"
    raise Regret


def test_an_edit_that_is_rolled_back_leaves_no_stamp_and_nothing_in_memory(two_apps: tuple[Flask, Flask]) -> None:
    one, other = two_apps
    before = read_in(other, stamp_count)
    with one.app_context():
        with pytest.raises(Regret), transaction():
            edit_and_regret()
        assert litter_priority() is Priority.P3, "and not after it was rolled back, in the same request"
    assert read_in(other, stamp_count) == before
    assert (read_in(one, litter_priority), read_in(other, litter_priority)) == (Priority.P3, Priority.P3)


def test_an_edit_after_one_that_was_rolled_back_is_not_taken_for_it(two_apps: tuple[Flask, Flask]) -> None:
    """SQLite gives the id of a row that was rolled back to the next one: a stamp of ids would be the same twice."""
    one, other = two_apps
    with pytest.raises(Regret):
        edit(one, edit_and_regret)
    edit(other, lambda: set_priority(Priority.P2))
    assert read_in(one, litter_priority) is Priority.P2


def test_a_savepoint_takes_its_stamp_along_and_the_rest_keeps_its_own(two_apps: tuple[Flask, Flask]) -> None:
    one, other = two_apps
    with one.app_context(), transaction():
        retire_queue()
        with pytest.raises(Regret), db.session.begin_nested():
            edit_and_regret()
        assert litter_priority() is Priority.P3
    assert read_in(other, litter_priority) is Priority.P3
    assert "calme" not in read_in(other, queue_codes)


def test_two_edits_with_a_reading_between_them_are_both_read(two_apps: tuple[Flask, Flask]) -> None:
    one, _other = two_apps
    with one.app_context(), transaction():
        set_priority(Priority.P1)
        db.session.flush()
        assert litter_priority() is Priority.P1
        set_priority(Priority.P2)
        db.session.flush()
        assert litter_priority() is Priority.P2
    assert read_in(one, litter_priority) is Priority.P2


def test_what_no_cache_is_read_from_adds_no_stamp(two_apps: tuple[Flask, Flask]) -> None:
    one, other = two_apps
    before = read_in(other, stamp_count)
    edit(one, lambda: db.session.execute(update(Partner).values(phone="3010")))
    edit(one, lambda: db.session.execute(update(EmergencyNumber).values(level="help")))
    assert read_in(other, stamp_count) == before


@pytest.mark.postgres
@pytest.mark.parametrize("two_apps", ["postgres"], indirect=True)
def test_two_transactions_that_edit_two_nouns_crosswise_wait_for_nothing(two_apps: tuple[Flask, Flask]) -> None:
    """Each holds an edit of one noun while it edits the other: with one row a noun they would wait in a circle."""
    both_wrote = threading.Barrier(2, timeout=20)
    failures: list[Exception] = []

    def write(app: Flask, first: type[Any], second: type[Any], row: int) -> None:
        try:
            with app.app_context(), transaction():
                db.session.execute(text("SET LOCAL lock_timeout = '10s'"))
                for model in (first, second):
                    ids = select(model.id).order_by(model.id).offset(row).limit(1).scalar_subquery()
                    db.session.execute(
                        update(model).where(model.id == ids).values(position=90 + row),
                        execution_options={"synchronize_session": False},
                    )
                    both_wrote.wait()
        except Exception as error:  # noqa: BLE001 (whatever a thread meets is told to the test)
            failures.append(error)

    threads = [
        threading.Thread(target=write, args=(two_apps[0], Category, Queue, 0)),
        threading.Thread(target=write, args=(two_apps[1], Queue, Category, 1)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


@pytest.mark.postgres
@pytest.mark.parametrize("two_apps", ["postgres"], indirect=True)
def test_the_earlier_of_two_transactions_may_commit_last_and_is_read_all_the_same(
    two_apps: tuple[Flask, Flask],
) -> None:
    """Ids commit out of order: a stamp that were the greatest id would miss what commits behind it."""
    one, other = two_apps
    with one.app_context(), transaction():
        retire_queue()
        edit_in_thread = threading.Thread(
            target=edit,
            args=(
                other,
                lambda: db.session.execute(update(Queue).where(Queue.code == "mercis").values(is_retired=True)),
            ),
        )
        edit_in_thread.start()
        edit_in_thread.join()
        assert "mercis" not in read_in(other, queue_codes)
    assert "calme" not in read_in(other, queue_codes)


def test_summed_up_stamps_are_the_same_stamps_in_one_row_each(two_apps: tuple[Flask, Flask]) -> None:
    one, other = two_apps
    edit(one, lambda: set_priority(Priority.P2))
    before = read_in(other, lambda: dict(cache_stamps._stamps_of_request()))
    for _night in range(2):
        read_in(one, cache_stamps.sum_up_stamps)
    assert read_in(other, lambda: dict(cache_stamps._stamps_of_request())) == before
    assert read_in(other, stamp_count) == len(before) == 3
    edit(one, lambda: set_priority(Priority.P4))
    assert read_in(other, litter_priority) is Priority.P4


def statements_of(read: Callable[[], object]) -> list[str]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        read()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return statements


def test_a_request_asks_one_question_for_all_of_its_memory(two_apps: tuple[Flask, Flask]) -> None:
    with two_apps[0].app_context():
        (asked,) = statements_of(lambda: [cache.value() for cache in CACHES * 2])
    assert "cache_stamp" in asked


@pytest.mark.parametrize("cache", CACHES, ids=lambda cache: cache.noun)
def test_a_cache_reads_no_table_that_it_does_not_name(session: Session, cache: StampedCache[Any]) -> None:
    session.expire_all()
    statements = " ".join(statements_of(cache.read))
    tables = {name for name in db.metadata.tables if f" {name} " in statements or f'"{name}"' in statements}
    assert tables and tables <= set(cache.tables)
    assert set(cache.tables) <= set(db.metadata.tables), "a table of another name would never be stamped"
    assert all(cache.noun in cache_stamps._nouns_by_table[table] for table in cache.tables)
