"""The ledger of the public map counts exactly what is public at every moment, and knows nothing else."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from cohab_report.catalogue.models import Kind, Protection
from cohab_report.db import db
from cohab_report.geo import Point
from cohab_report.intake import operations as intake
from cohab_report.intake.cells import operations as cells
from cohab_report.intake.cells.models import LEVELS, SPANS, CellCount
from cohab_report.intake.cells.queries import Span, counts, points
from cohab_report.intake.models import Observation, Status
from cohab_report.intake.queries import Wanted, is_public
from tests import factories
from tests.factories import BANK, BY_THE_SCHOOL, MONDAY

LATER = MONDAY + timedelta(hours=1)
ALL = Wanted(since=MONDAY.date() - timedelta(days=90))
QUAY = Point(-1.2600, 47.1490)
DEEDS = ("publish", "take up", "finish", "protect to a cell", "hide", "withdraw")


def everywhere(level: int) -> Span:
    return Span(level, 0, 2**62)


def counted(wanted: Wanted = ALL, *, but_points: bool = False) -> int:
    return sum(count for _cell, count in counts(everywhere(0), wanted, days=90, but_points=but_points))


def live(level: int, days: int) -> list[tuple[int, int]]:
    """The same, counted from the observations themselves."""
    since = MONDAY.date() - timedelta(days=days)
    parent = Observation.public_cell // 4**level
    query = (
        select(parent, func.count())
        .where(is_public(), Observation.public_on >= since)
        .group_by(parent)
        .order_by(parent)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def told(category: str = "DECHET-1", **changes: object) -> Observation:
    observation = factories.observation(category, **changes)  # type: ignore[arg-type]
    intake.publish(observation, at=LATER)
    return observation


def do(deed: str, observation: Observation) -> None:
    match deed:
        case "publish":
            intake.publish(observation, at=LATER)
        case "take up" | "finish":
            intake.tell(observation, Status.TAKEN_UP if deed == "take up" else Status.DONE)
        case "protect to a cell" | "hide":
            intake.protect(
                observation,
                Protection.PUBLIC_CELL if deed == "protect to a cell" else Protection.NEVER_PUBLIC,
                at=LATER,
            )
        case "withdraw":
            intake.withdraw(observation, at=LATER)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    deeds=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(DEEDS)), max_size=14),
    recounted_after=st.integers(0, 14),
)
def test_whatever_is_done_the_ledger_says_what_the_observations_say(session, deeds, recounted_after):
    ages = [(BANK, 0), (QUAY, 31), (BY_THE_SCHOOL, 89)]
    those = [factories.observation(at=MONDAY - timedelta(days=age), point=point) for point, age in ages]
    for number, (which, deed) in enumerate(deeds):
        do(deed, those[which])
        session.flush()
        if number == recounted_after:
            cells.recount(at=LATER)
    session.flush()
    for level in LEVELS:
        for days in SPANS:
            assert list(counts(everywhere(level), ALL, days=days)) == live(level, days)
    assert counts(everywhere(0), ALL, days=90, but_points=True) == those_told_by_cell_only()


def those_told_by_cell_only() -> list[tuple[int, int]]:
    """Those that may not be told to the point; counted from the observations themselves."""
    query = select(Observation.public_cell, func.count()).where(
        is_public(), Observation.protection == Protection.PUBLIC_CELL
    )
    found = db.session.execute(query.group_by(Observation.public_cell).order_by(Observation.public_cell))
    return [(row[0], row[1]) for row in found if row[0] is not None]


def test_counts_keep_to_what_is_asked_and_to_where_it_is_asked(session):
    here = told()
    noise = [
        told("BIEN-1"),
        told(point=BY_THE_SCHOOL),
        factories.observation(),
        told("DECHET-2"),
        told(at=MONDAY - timedelta(days=45)),
    ]
    intake.tell(noise[0], Status.DONE)
    session.flush()
    assert here.public_cell is not None
    dirty = Wanted(since=ALL.since, kind=Kind.CLEANLINESS, sector="rive-nord", status=Status.RECEIVED)
    assert counts(Span(0, here.public_cell, here.public_cell), dirty, days=30) == [(here.public_cell, 1)]
    assert counts(Span(0, here.public_cell, here.public_cell), dirty, days=90) == [(here.public_cell, 2)]
    assert counted(dirty, but_points=True) == 0


def test_counting_anew_changes_no_answer_and_leaves_one_row_a_sort(session):
    for _ in range(3):
        told()
    intake.withdraw(told(), at=LATER)
    session.flush()
    before = counts(everywhere(2), ALL, days=90)
    cells.recount(at=LATER)
    assert counts(everywhere(2), ALL, days=90) == before
    assert session.scalar(select(func.count()).select_from(CellCount)) == len(LEVELS) * len(SPANS)


def test_a_day_that_has_passed_out_of_the_span_is_gone_once_it_is_counted_anew(session):
    told(at=MONDAY - timedelta(days=90))
    session.flush()
    assert counted() == 1
    cells.recount(at=MONDAY + timedelta(days=1))
    assert counted() == 0


def test_points_are_only_those_that_may_be_told_to_the_point(session):
    here = told()
    noise = [
        told("DECHET-3"),
        told("DECHET-2"),
        factories.observation(),
        told(point=BY_THE_SCHOOL),
        told(at=MONDAY - timedelta(days=100)),
    ]
    intake.withdraw(told(), at=LATER)
    session.flush()
    found = points([each.public_cell for each in [here, *noise] if each.public_cell], ALL, limit=10)
    assert [(each.reference, each.lon, each.lat) for each in found] == [(here.reference, BANK.lon, BANK.lat)]


@pytest.mark.parametrize("deed", ["hide", "withdraw"])
def test_what_ceases_to_be_public_is_uncounted_in_the_same_transaction(session, deed):
    observation = told()
    session.flush()
    assert counted() == 1
    do(deed, observation)
    assert counted() == 0
