"""Shifts that begin or end inside the hour that the clocks change, against a clock that only knows UTC.

In Toronto they go from 2:00 to 3:00 on 8 March 2026 (7:00 UTC) and from 2:00 back to 1:00 on 1 November (6:00 UTC).
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.errors import Invalid
from cohab_report.partners.hours import Hours, deadline_for_target, public_holidays

ZONE = ZoneInfo("America/Toronto")
A_MINUTE = timedelta(minutes=1)
A_MOMENT = timedelta(microseconds=1)
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


def hours(written: str) -> Hours:
    return Hours.parse(written, ZONE)


def utc(day: date, clock: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), UTC)


# On this day, a shift written so opens at … and closes at … (UTC): one row, one story.
SHIFTS = {
    "begins in the skipped hour": (SPRING, "02:30-05:00", "07:30", "09:00"),
    "begins where the skipped hour begins": (SPRING, "02:00-05:00", "07:00", "09:00"),
    "begins where it ends": (SPRING, "03:00-05:00", "07:00", "09:00"),
    "ends in the skipped hour": (SPRING, "00:00-02:30", "05:00", "07:30"),
    "ends where the skipped hour begins": (SPRING, "00:00-02:00", "05:00", "07:00"),
    "ends where it ends": (SPRING, "00:00-03:00", "05:00", "07:00"),
    "ends a minute before it": (SPRING, "00:00-01:59", "05:00", "06:59"),
    "spans the spring night": (SPRING, "01:00-04:00", "06:00", "08:00"),
    "begins in the doubled hour": (AUTUMN, "01:30-05:00", "05:30", "10:00"),
    "begins where the doubled hour begins": (AUTUMN, "01:00-05:00", "05:00", "10:00"),
    "begins a minute before it": (AUTUMN, "00:59-05:00", "04:59", "10:00"),
    "begins where the doubled hour ends": (AUTUMN, "02:00-05:00", "07:00", "10:00"),
    "ends in the doubled hour": (AUTUMN, "00:00-01:30", "04:00", "06:30"),
    "ends where the doubled hour begins": (AUTUMN, "00:00-01:00", "04:00", "06:00"),
    "ends where the doubled hour ends": (AUTUMN, "00:00-02:00", "04:00", "07:00"),
    "begins and ends in it": (AUTUMN, "01:15-01:45", "05:15", "06:45"),
}


@pytest.mark.parametrize(("day", "written", "opens", "closes"), list(SHIFTS.values()), ids=list(SHIFTS))
def test_a_shift_opens_and_closes_once(day: date, written: str, opens: str, closes: str) -> None:
    team, start, end = hours(f"sun {written}"), utc(day, opens), utc(day, closes)
    found = team.next_opening(start - timedelta(hours=3))
    assert found == start and found.tzinfo is UTC
    assert [team.is_open(at) for at in (start - A_MOMENT, start, end - A_MOMENT, end)] == [False, True, True, False]
    assert team.add_open_time(start - timedelta(days=1), end - start) == end, "all of it counts, and nothing else"
    assert team.next_opening(end) == team.next_opening(end + timedelta(days=3)), "not again before next Sunday"


@pytest.mark.parametrize(("day", "opens", "closes"), [(SPRING, "03:00", "07:30"), (AUTUMN, "02:00", "06:30")])
def test_a_night_shift_ends_in_the_hour_that_changes(day: date, opens: str, closes: str) -> None:
    """From ten at night to half past two in spring, to half past one in autumn."""
    team = hours("sat 22:00-02:30" if day == SPRING else "sat 22:00-01:30")
    start, end = utc(day, opens), utc(day, closes)
    assert team.next_opening(start - timedelta(hours=5)) == start
    assert [team.is_open(at) for at in (start - A_MOMENT, start, end - A_MOMENT, end)] == [False, True, True, False]


def test_a_shift_inside_the_skipped_hour_is_as_long_as_ever_an_hour_later() -> None:
    assert hours("sun 02:10-02:50").next_opening(utc(SPRING, "05:00")) == utc(SPRING, "07:10")
    assert hours("sun 02:10-02:50").add_open_time(utc(SPRING, "05:00"), 40 * A_MINUTE) == utc(SPRING, "07:50")


@pytest.mark.parametrize("written", ["02:00-03:00", "02:30-03:00", "02:59-03:00", "02:30-03:30"])
def test_a_shift_that_the_skipped_hour_swallows_is_not_worked_and_takes_nothing_back(written: str) -> None:
    team, a_week_later = hours(f"sun {written}"), SPRING + timedelta(days=7)
    opens = datetime.combine(a_week_later, time.fromisoformat(written[:5]), ZONE)
    assert team.next_opening(utc(SPRING, "05:00")) == opens
    assert team.add_open_time(utc(SPRING, "05:00"), A_MINUTE) == opens + A_MINUTE
    both = hours(f"sun 00:00-01:00,{written}")
    midnight = opens.replace(hour=0, minute=0)
    assert both.add_open_time(utc(SPRING, "05:00"), 61 * A_MINUTE) == midnight + A_MINUTE, (
        "an hour now, the rest in a week"
    )


@given(day=st.sampled_from([SPRING, AUTUMN, date(2026, 6, 7)]), start=st.integers(0, 239), length=st.integers(1, 240))
def test_whatever_the_shift_it_is_open_at_exactly_the_minutes_of_its_clock(day: date, start: int, length: int) -> None:
    """Away from the skipped hour, a minute is open exactly when the wall clock shows a time of the shift."""
    end = min(start + length, 300)
    clock = f"sun {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02}"
    skipped = range(120, 180)
    if day == SPRING and (start in skipped or end in skipped):
        return  # such a shift has no clock to go by; the table above says what becomes of it
    team, at = hours(clock), datetime.combine(day, datetime.min.time(), ZONE).astimezone(UTC)
    shown = start
    while at < utc(day, "10:00"):
        wall = at.astimezone(ZONE)
        shown = wall.hour * 60 + wall.minute
        if day == AUTUMN and 60 <= start < 120 and wall.hour == 1 and wall.fold:
            expected = True if end > 120 else shown < end  # it opened an hour ago and hasn't closed
        elif day == AUTUMN and 60 < end <= 120 and wall.hour == 1 and not wall.fold:
            expected = shown >= start  # it closes when the clock shows its end for the second time
        else:
            expected = start <= shown < end
        assert team.is_open(at) is expected, (clock, wall, wall.fold)
        at += 7 * A_MINUTE
    assert shown


def test_deadlines_count_the_minutes_that_pass() -> None:
    """Two hours of a shift that is two hours long by the clock: three pass in autumn, one in spring."""
    team = hours("sun 01:00-03:00")
    assert deadline_for_target("2 h", utc(AUTUMN, "04:00"), team) == utc(AUTUMN, "07:00")
    assert deadline_for_target("3 h", utc(AUTUMN, "04:00"), team) == utc(AUTUMN, "08:00")
    assert deadline_for_target("1 h", utc(SPRING, "05:00"), team) == utc(SPRING, "07:00")
    assert deadline_for_target("2 h", utc(SPRING, "05:00"), team) == utc(SPRING + timedelta(days=7), "06:00")


# --- The edges of what may be written ---


def parsed(written: str) -> str | None:
    """Why it is refused, or None."""
    try:
        hours(written)
    except Invalid as refused:
        return f"{refused.field}: {refused.reason}"
    return None


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("mon 00:00-24:00", None),
        ("mon 00:00-24:01", "time"),
        ("mon 23:59-24:00", None),
        ("mon 24:00-01:00", "time"),
        ("mon 08:59-09:00", None),
        ("mon 08:60-09:10", "time"),
        ("mon 08:00-09:60", "time"),
        ("mon 08:00-08:00", "time"),
        ("mon 08:00-12:00,12:00-16:00", None),
        ("mon 08:00-12:01,12:00-16:00", "overlap"),
        ("mon 20:00-08:00;tue 08:00-09:00", None),
        ("mon 20:00-08:01;tue 08:00-09:00", "overlap"),
        ("sun 20:00-08:00;mon 08:00-09:00", None),
        ("sun 20:00-08:01;mon 08:00-09:00", "overlap"),
        ("mon 20:00-08:01;wed 08:00-09:00", None),
        ("mon 08:00-09:00;;tue 08:00-09:00;", None),
        ("hol 08:00-09:00", None),
        ("hol-mon 08:00-09:00", "day"),
        ("hol 08:00-10:00,09:00-11:00", "overlap"),
        ("MON 8:00-9:00", None),
        ("  ", None),
        ("mon-fri 24/7", "syntax"),
        ("mon 08:00-09:00 tue 08:00-09:00", "syntax"),
        ("mon 08:00–09:00", "syntax"),
    ],
)
def test_hours_are_read_up_to_their_limits(written: str, why: str | None) -> None:
    assert parsed(written) == (why and f"hours: {why}")


@pytest.mark.parametrize(
    ("written", "days"),
    [
        ("mon-fri", "01234"),
        ("fri-mon", "0456"),
        ("sun-mon", "06"),
        ("mon-sun", "0123456"),
        ("tue,thu", "13"),
        ("wed-wed", "2"),
        ("mon-tue,sat", "015"),
    ],
)
def test_days_are_those_that_the_words_name(written: str, days: str) -> None:
    team = hours(f"{written} 09:00-10:00")
    assert "".join(str(number) for number, shifts in enumerate(team.week) if shifts) == days
    assert team.on_holidays == ()


def test_a_public_holiday_has_its_own_hours_and_a_team_that_never_closes_has_none() -> None:
    holiday = date(2026, 6, 24)
    days_off = public_holidays("CA", "QC")
    written = Hours.parse("mon-sun 09:00-10:00;hol 11:00-12:00", ZONE, days_off)
    always = Hours.parse(" 24/7 ", ZONE, days_off)
    at = datetime(2026, 6, 24, 11, 30, tzinfo=ZONE)
    assert (written.is_open(at), written.is_open(at - timedelta(hours=2)), always.is_open(at)) == (True, False, True)
    assert written.shifts_on(holiday) == written.on_holidays != written.shifts_on(holiday + timedelta(days=1))
    assert not written.is_working_day(holiday) and not always.is_working_day(holiday)


def test_working_days_begin_when_the_last_shift_of_the_day_is_over() -> None:
    """Received in the lunch break, it is still that day; at closing time it is the next."""
    team = hours("mon-fri 08:00-12:00,13:00-16:00")
    monday = datetime(2026, 11, 16, tzinfo=ZONE)
    lunch, before, closing = (
        monday.replace(hour=hour, minute=minute) for hour, minute in ((12, 30), (15, 59), (16, 0))
    )
    first, second = monday.replace(hour=16), monday.replace(day=17, hour=16)
    assert [team.add_working_days(at, 0) for at in (lunch, before, closing)] == [first, first, second]
    assert team.add_working_days(closing, 1) == monday.replace(day=18, hour=16)


def test_a_weekend_counts_only_for_who_never_works_in_the_week() -> None:
    saturday, sunday, monday = date(2026, 11, 14), date(2026, 11, 15), date(2026, 11, 16)
    weekend, both = hours("sat-sun 09:00-10:00"), hours("fri-mon 09:00-10:00")
    assert [weekend.is_working_day(day) for day in (saturday, sunday, monday)] == [True, True, False]
    assert [both.is_working_day(day) for day in (saturday, sunday, monday)] == [False, False, True]


def test_who_opens_on_one_day_in_two_years_is_found_and_who_never_does_is_not() -> None:
    at = datetime(2026, 1, 1, 12, tzinfo=UTC)
    far = date(2026, 1, 1) + timedelta(days=799)
    team = Hours((hours("").week), hours("hol 10:00-11:00").on_holidays, ZONE, frozenset({far}))
    assert team.next_opening(at) == datetime(far.year, far.month, far.day, 10, tzinfo=ZONE)
    too_far = Hours(hours("").week, team.on_holidays, ZONE, frozenset({far + timedelta(days=1)}))
    assert too_far.next_opening(at) is None and too_far.add_open_time(at, A_MINUTE) is None
    assert too_far.add_working_days(at, 1) is None


def test_holidays_nobody_knows_are_refused_when_the_profile_is_read() -> None:
    with pytest.raises(NotImplementedError):
        public_holidays("CA", "XX")
    assert "2026-06-24" not in public_holidays("CA", "QC")
    family_day = date(2026, 2, 16)
    assert family_day in public_holidays("CA", "ON") and family_day not in public_holidays("CA", "QC"), "each its own"
    assert family_day not in public_holidays("CA"), "nor has the whole country"
    assert date(2027, 6, 24) in public_holidays("CA", "QC"), "any year"


def test_a_team_that_never_closes_is_there_at_every_midnight() -> None:
    always, midnight = hours("24/7"), datetime(2026, 11, 24, tzinfo=ZONE)
    assert [always.is_open(midnight + offset) for offset in (-A_MOMENT, timedelta(0), A_MOMENT)] == [True, True, True]


def test_the_day_is_the_citys_east_of_greenwich_too() -> None:
    """Half past midnight on Monday in Paris is still Sunday in UTC."""
    paris = ZoneInfo("Europe/Paris")
    team = Hours.parse("mon 00:00-02:00", paris)
    assert team.is_open(datetime(2026, 11, 16, 0, 30, tzinfo=paris))
    assert not team.is_open(datetime(2026, 11, 15, 0, 30, tzinfo=paris))
