"""The night's edition: what leaves the public list and map leaves them together, once a night, on both databases."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from cohab_report import journal
from cohab_report.catalogue.models import Protection
from cohab_report.intake import operations as intake
from cohab_report.intake.cells.models import CELL_LEVELS, CELL_SPANS, CellCount
from cohab_report.intake.editions import operations as editions
from cohab_report.intake.editions.rules import last_public_day
from cohab_report.intake.models import Observation
from cohab_report.intake.queries import ObservationFilter, recent_public_observations
from tests import factories
from tests.factories import MONDAY

A_DAY = timedelta(days=1)
EVERYTHING = ObservationFilter(since=date(2020, 1, 1))
MIDNIGHT = datetime(2026, 11, 17, 0, 5, tzinfo=UTC)
"""In the small hours of the test city, in whose zone it is an hour later."""


def published(**changes: object) -> Observation:
    seen = factories.observation("DECHET-1", **changes)  # type: ignore[arg-type]
    intake.publish(seen, at=MONDAY)
    return seen


def listed() -> set[str]:
    return {each.reference for each in recent_public_observations(EVERYTHING, limit=100)}


def counted(session: Session) -> int:
    finest = select(func.sum(CellCount.n)).where(CellCount.level == CELL_LEVELS[0], CellCount.days == CELL_SPANS[1])
    return session.scalar(finest) or 0


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """Records the statements that are sent inside it."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


@given(st.text(alphabet="CDFHJKMNRTVWX2346789", min_size=7, max_size=7), st.dates(), st.text(min_size=1))
def test_the_last_day_is_30_to_90_days_after_the_publication_and_always_the_same(reference, published_on, key):
    if published_on > date.max - timedelta(days=90):
        return
    day = last_public_day(reference, published_on, key)
    assert 30 <= (day - published_on).days <= 90
    assert last_public_day(reference, published_on, key) == day


def test_the_last_days_are_spread_and_nobody_knows_them_without_the_key():
    references = [f"C{number:06}" for number in range(2000)]
    days = Counter(last_public_day(each, MONDAY.date(), "k" * 40) for each in references)
    assert len(days) == 61 and max(days.values()) < 3 * 2000 / 61, "no night stands out"
    assert [last_public_day(each, MONDAY.date(), "k" * 40) for each in references] != [
        last_public_day(each, MONDAY.date(), "other") for each in references
    ]


def test_what_is_protected_leaves_list_and_counts_with_the_edition_and_not_before(session):
    stays, leaves = published(), published()
    intake.raise_protection(leaves, Protection.NEVER_PUBLIC, at=MONDAY)
    session.flush()
    assert (listed(), counted(session)) == ({stays.reference, leaves.reference}, 2)
    assert leaves.public_lon is not None, "everybody has read it already; nothing finer is computed"
    editions.make_edition(at=MIDNIGHT)
    assert (listed(), counted(session)) == ({stays.reference}, 1)
    session.refresh(leaves)
    assert [leaves.left_public_at, leaves.public_lon, leaves.public_cell] == [MIDNIGHT, None, None]
    assert leaves.exact_point is not None, "triage goes on seeing where it is"


def test_what_rises_from_the_exact_point_to_a_cell_leaves_too_and_is_never_shown_as_a_cell(session):
    leaves = published()
    before = list(recent_public_observations(EVERYTHING))
    intake.raise_protection(leaves, Protection.PUBLIC_CELL, at=MONDAY)
    session.flush()
    assert recent_public_observations(EVERYTHING) == before
    editions.make_edition(at=MIDNIGHT)
    assert listed() == set()


def test_an_observation_leaves_in_the_night_after_its_last_day(session):
    seen = published()
    last = seen.public_until
    assert last is not None
    for days, is_listed in ((0, True), (1, False)):
        at = datetime(last.year, last.month, last.day, 0, 5, tzinfo=UTC) + days * A_DAY
        editions.make_edition(at=at)
        assert (seen.reference in listed()) is is_listed


def test_what_has_left_does_not_come_back_when_it_is_published_or_protected_again(session):
    seen = published()
    intake.raise_protection(seen, Protection.PUBLIC_CELL, at=MONDAY)
    session.flush()
    editions.make_edition(at=MIDNIGHT)
    intake.publish(seen, at=MIDNIGHT)
    intake.raise_protection(seen, Protection.NEVER_PUBLIC, at=MIDNIGHT)
    session.flush()
    assert listed() == set() and seen.public_lon is None


def test_an_author_s_withdrawal_does_not_wait_for_the_night(session):
    seen = published()
    intake.withdraw(seen, at=MONDAY)
    session.flush()
    assert (listed(), counted(session)) == (set(), 0)


def test_one_edition_a_night_however_often_it_is_asked_for(session):
    seen = published()
    assert editions.make_due_edition(at=MIDNIGHT)
    intake.raise_protection(seen, Protection.NEVER_PUBLIC, at=MIDNIGHT)
    session.flush()
    for minutes in (0, 10, 22 * 60):
        assert not editions.make_due_edition(at=MIDNIGHT + timedelta(minutes=minutes))
    assert listed() == {seen.reference}, "what rises by day waits for the next night"
    assert editions.make_due_edition(at=MIDNIGHT + A_DAY) and listed() == set()


def test_a_night_that_was_missed_is_made_up_for_at_the_first_run_after_it(session):
    seen = published()
    editions.make_due_edition(at=MONDAY)
    intake.raise_protection(seen, Protection.NEVER_PUBLIC, at=MONDAY)
    session.flush()
    assert editions.make_due_edition(at=MIDNIGHT + timedelta(days=3, hours=9)) and listed() == set()
    (made,) = journal.history("edition:2026-11-20")
    assert (made.facts, made.actor, made.is_public) == ({"left": 1}, journal.SYSTEM.journal_name, False)
    assert made.happened_at == MIDNIGHT + timedelta(days=3, hours=9)


def test_a_night_begins_at_the_citys_midnight(session):
    """Five past eleven at night in UTC is five past midnight in Rivebelle."""
    before, after = MIDNIGHT - timedelta(hours=2), MIDNIGHT - timedelta(hours=1)
    assert editions.make_due_edition(at=before) and editions.make_due_edition(at=after)
    assert [made.happened_at for made in journal.history("edition:2026-11-16")] == [before]
    assert [made.happened_at for made in journal.history("edition:2026-11-17")] == [after]
    assert not editions.make_due_edition(at=before + A_DAY), "it is the same day there"
    assert editions.make_due_edition(at=after + A_DAY)


def test_an_edition_counts_all_that_left_for_whatever_reason(session):
    over, risen, stays = published(), published(), published()
    over.public_until = MIDNIGHT.date() - A_DAY
    stays.public_until = MIDNIGHT.date()
    intake.raise_protection(risen, Protection.NEVER_PUBLIC, at=MONDAY)
    session.flush()
    editions.make_edition(at=MIDNIGHT)
    (made,) = journal.history("edition:2026-11-17")
    assert made.facts == {"left": 2} and listed() == {stays.reference}
    editions.make_edition(at=MIDNIGHT + timedelta(hours=1))
    again, _first = sorted(journal.history("edition:2026-11-17"), key=lambda each: each.id, reverse=True)
    assert again.facts == {"left": 0} and over.left_public_at == MIDNIGHT, "what has left leaves once"


@pytest.mark.parametrize("count", [1, 12])
def test_an_edition_asks_the_same_few_things_however_much_leaves(session, count):
    for _ in range(count):
        intake.raise_protection(published(), Protection.NEVER_PUBLIC, at=MONDAY)
    session.flush()
    with statements(session) as sent:
        editions.make_due_edition(at=MIDNIGHT)
        session.flush()
    assert listed() == set()
    assert len(sent) <= 14, "\n".join(sent)


def test_monitoring_is_told_when_nobody_makes_the_edition_while_something_waits(session):
    seen = published()
    editions.make_edition(at=MONDAY)
    intake.raise_protection(seen, Protection.NEVER_PUBLIC, at=MONDAY)
    session.flush()
    assert not editions.is_late(at=MONDAY + A_DAY)
    assert editions.is_late(at=MONDAY + 2 * A_DAY)
    editions.make_edition(at=MONDAY + 2 * A_DAY)
    assert not editions.is_late(at=MONDAY + 9 * A_DAY), "nothing waits"


def test_an_edition_is_late_a_day_and_a_half_after_the_last_one_or_after_what_should_have_left(session):
    seen, a_moment = published(), timedelta(seconds=1)
    last = seen.public_until
    assert last is not None
    over = datetime(last.year, last.month, last.day, tzinfo=UTC) + A_DAY
    late = over + timedelta(hours=36)
    assert (editions.is_late(at=late - a_moment), editions.is_late(at=late)) == (False, True)
    editions.make_edition(at=over - 2 * A_DAY)
    intake.raise_protection(seen, Protection.NEVER_PUBLIC, at=over)
    session.flush()
    late = over - 2 * A_DAY + timedelta(hours=36)
    assert (editions.is_late(at=late - a_moment), editions.is_late(at=late)) == (False, True)
