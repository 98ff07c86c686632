"""The monthly counts say what the rows say, on both databases, whoever asks how often."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cohab_report.catalogue.models import Category, Kind
from cohab_report.insight import operations, queries
from cohab_report.insight.models import ActionMonthlyCount, MonthlyCount
from cohab_report.insight.publishing import operations as publishing
from cohab_report.insight.publishing import queries as published
from cohab_report.insight.quarters import Quarter
from cohab_report.intake.floods import FLOOD_LIMIT
from tests import factories
from tests.cast import Cast
from tests.insight.conftest import COUNTED, OCTOBER

SUMMER = Quarter(2026, 3)


def observations_by_kind() -> Counter[str]:
    """Observations of the summer by kind."""
    counts: Counter[str] = Counter()
    for count in queries.monthly_counts(SUMMER.first_day, SUMMER.next.first_day):
        counts[count.kind.value] += count.observations
    return counts


def test_recount_counts_each_kind_and_none_of_the_noise(summer: Cast) -> None:
    assert observations_by_kind() == {
        "cleanliness": 14 + 2 + 6 + 3,
        "safety": 7 + FLOOD_LIMIT,
        "positive": 12,
        "concern": 2,
    }


def test_recount_counts_a_case_once_and_each_of_its_observations(summer: Cast) -> None:
    out_of_plan = [
        count for count in queries.monthly_counts(SUMMER.first_day, SUMMER.next.first_day) if count.is_out_of_plan
    ]
    assert [(count.month, count.observations, count.cases) for count in out_of_plan] == [(date(2026, 9, 1), 3, 2)]


def test_recount_counts_by_outcome(summer: Cast) -> None:
    outcomes: Counter[str] = Counter()
    for count in queries.monthly_counts(SUMMER.first_day, SUMMER.next.first_day):
        outcomes[count.outcome] += count.observations
    assert outcomes == {"done": 5, "open": sum(observations_by_kind().values()) - 5}


def test_recount_counts_confirmed_links_only(summer: Cast, session: Session) -> None:
    (link,) = queries.action_quarter_counts(SUMMER)
    assert (link.kind.value, link.observations) == ("cleanliness", 6)


def test_recount_twice_changes_nothing(summer: Cast, session: Session) -> None:
    before = observations_by_kind()
    assert operations.recount_months(at=COUNTED) == 3  # the quarters of June to November
    assert observations_by_kind() == before
    assert len(session.scalars(select(ActionMonthlyCount)).all()) == 1


def test_recount_touches_only_the_quarter_that_changed(summer: Cast, session: Session) -> None:
    later = COUNTED + timedelta(hours=1)
    before = set(session.scalars(select(MonthlyCount.id).where(MonthlyCount.month < date(2026, 10, 1))))
    factories.observation("DECHET-1", at=OCTOBER)
    operations.recount_months(at=later)
    assert queries.counting_times() == dict.fromkeys([Quarter(2026, 2), SUMMER, Quarter(2026, 4)], later)
    assert before == set(session.scalars(select(MonthlyCount.id).where(MonthlyCount.month < date(2026, 10, 1))))


def test_recount_forgets_months_of_which_nothing_is_left(summer: Cast, session: Session) -> None:
    session.add(
        MonthlyCount(
            month=date(2019, 1, 1),
            kind=Kind.SAFETY,
            category_id=published.categories_with_retired()[0].id,
            sector_id=published.sectors_with_retired()[0].id,
            outcome="open",
            is_out_of_plan=False,
            observations=3,
            cases=3,
            counted_at=COUNTED,
        )
    )
    operations.recount_months(at=COUNTED)
    assert Quarter(2019, 1) not in queries.counting_times()


def test_recount_of_nothing_leaves_nothing(session: Session) -> None:
    assert operations.recount_months(at=COUNTED) == 0
    assert session.scalars(select(MonthlyCount)).all() == []
    assert queries.counting_times() == {}
    assert publishing.publish_quarters(at=COUNTED) == 0


def test_months_are_those_of_the_city(summer: Cast) -> None:
    june = queries.monthly_counts(date(2026, 6, 1), date(2026, 7, 1))
    assert sum(count.observations for count in june) == 1


def test_a_category_of_another_kind_is_counted_under_it_and_the_count_goes_on(summer: Cast, session: Session) -> None:
    category = session.scalars(select(Category).where(Category.code == "LIEU-1")).one()
    category.kind = Kind.CLEANLINESS
    session.flush()
    later = COUNTED + timedelta(hours=1)
    operations.recount_months(at=later)
    assert observations_by_kind()["safety"] == 0
    assert set(queries.counting_times().values()) == {later}


def test_a_count_that_contradicts_itself_is_an_error_and_not_another_worker_s(
    summer: Cast, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = operations._count_observations

    def contradicting_counts(quarter: Quarter, zone: ZoneInfo) -> list[queries.MonthlyCountValues]:
        counts = count(quarter, zone)
        return [*counts, replace(counts[0], observations=99)]

    monkeypatch.setattr(operations, "_count_observations", contradicting_counts)
    with pytest.raises(IntegrityError):
        operations.count_quarter(SUMMER, at=COUNTED + timedelta(hours=1))
    assert observations_by_kind()["positive"] == 12, "the count of before stays"


@pytest.mark.parametrize(("age", "late"), [(timedelta(hours=3), False), (timedelta(hours=3, seconds=1), True)])
def test_figures_that_stand_still_for_three_hours_are_late(summer: Cast, age: timedelta, *, late: bool) -> None:
    assert operations.is_late(at=COUNTED + age) is late


def test_one_quarter_that_is_not_counted_any_more_makes_all_figures_late(summer: Cast, session: Session) -> None:
    at = COUNTED + timedelta(hours=4)
    for quarter in operations.quarters_to_count(at=at)[1:]:
        operations.count_quarter(quarter, at=at)
    assert operations.is_late(at=at)
    operations.recount_months(at=at)
    assert not operations.is_late(at=at)


def test_figures_that_never_were_counted_are_late_and_none_are_wanted_before_anything_came(session: Session) -> None:
    assert not operations.is_late(at=COUNTED)
    factories.observation("DECHET-1", at=COUNTED)
    assert not operations.is_late(at=COUNTED + timedelta(hours=2))
    assert operations.is_late(at=COUNTED + timedelta(hours=4))
