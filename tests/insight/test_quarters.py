"""Fixed buckets of time: nobody gets half a month, nobody gets it early."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.errors import NotFound
from cohab_report.insight.quarters import Quarter, month_after, month_bounds

SUMMER = Quarter(2026, 3)


def test_a_quarter_by_hand() -> None:
    assert SUMMER.months == (date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1))
    assert (SUMMER.code, SUMMER.days) == ("2026-T3", 92)
    assert (SUMMER.previous, SUMMER.next) == (Quarter(2026, 2), Quarter(2026, 4))
    assert (Quarter(2026, 1).previous, Quarter(2026, 4).next) == (Quarter(2025, 4), Quarter(2027, 1))


def test_it_is_over_on_the_first_day_after_and_public_fourteen_days_later() -> None:
    days = [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 14), date(2026, 10, 15)]
    assert [SUMMER.is_over(day) for day in days] == [False, True, True, True]
    assert [SUMMER.is_public(day) for day in days] == [False, False, False, True]


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)))
def test_each_day_lies_in_exactly_its_quarter(day: date) -> None:
    quarter = Quarter.of(day)
    assert quarter.first_day <= day < quarter.next.first_day
    assert quarter.next.previous == quarter == quarter.previous.next
    assert Quarter.from_code(quarter.code) == quarter
    assert month_after(quarter.months[2]) == quarter.next.first_day


@pytest.mark.parametrize("code", ["", "2026", "2026-T0", "2026-T5", "1999-T1", "2026-t3", "2026-T3 ", "٢٠٢٦-T3"])
def test_other_codes_are_not_there(code: str) -> None:
    with pytest.raises(NotFound):
        Quarter.from_code(code)


def test_a_month_begins_and_ends_at_midnight_in_the_city_even_when_clocks_change() -> None:
    begin, end = month_bounds(date(2026, 11, 1), ZoneInfo("America/Toronto"))
    assert (begin, end) == (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 12, 1, 5, tzinfo=UTC))
    assert end - begin == timedelta(days=30, hours=1)
