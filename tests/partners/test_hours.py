"""Opening hours and deadlines over nights, weekends, holidays and the two clock changes of the year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.errors import Invalid
from cohab_report.partners.hours import Hours, deadline_for_target, public_holidays

ZONE = ZoneInfo("America/Toronto")
QUEBEC = public_holidays("CA", "QC")
OFFICE = "mon-fri 08:30-16:30"
SHELTER = "mon-sun 20:00-08:00"


def local(text: str, fold: int = 0) -> datetime:
    """Returns a time of the city's wall clock as an aware datetime."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE, fold=fold)


def hours(text: str) -> Hours:
    return Hours.parse(text, ZONE, QUEBEC)


# Target, received at, opening hours, due at.
DEADLINES = {
    "an hour into a plain day": ("4 h", "2026-11-24T09:30", OFFICE, "2026-11-24T13:30"),
    "late in the day, the rest tomorrow": ("4 h", "2026-11-24T15:00", OFFICE, "2026-11-25T11:00"),
    "Friday evening waits for Monday": ("4 h", "2026-11-20T20:00", OFFICE, "2026-11-23T12:30"),
    "exactly at closing": ("4 h", "2026-11-24T16:30", OFFICE, "2026-11-25T12:30"),
    "exactly four hours before closing": ("4 h", "2026-11-24T12:30", OFFICE, "2026-11-24T16:30"),
    "Friday evening with Saturday hours": (
        "4 h",
        "2026-11-20T20:00",
        "mon-fri 08:30-16:30;sat 10:00-12:00",
        "2026-11-23T10:30",
    ),
    "the eve of 24 June": ("4 h", "2026-06-23T15:30", OFFICE, "2026-06-25T11:30"),
    "on 24 June": ("4 h", "2026-06-24T10:00", OFFICE, "2026-06-25T12:30"),
    "24 June on a Sunday is kept on Monday": ("4 h", "2029-06-22T16:00", OFFICE, "2029-06-26T12:00"),
    "1 July": ("4 h", "2026-07-01T09:00", OFFICE, "2026-07-02T12:30"),
    "around the clock on 24 June": ("4 h", "2026-06-24T10:00", "24/7", "2026-06-24T14:00"),
    "around the clock, spring night": ("4 h", "2026-03-08T00:30", "24/7", "2026-03-08T05:30"),
    "around the clock, autumn night": ("4 h", "2026-11-01T00:30", "24/7", "2026-11-01T03:30"),
    "night shift of the spring night": ("4 h", "2026-03-07T23:00", SHELTER, "2026-03-08T04:00"),
    "night shift of the autumn night": ("4 h", "2026-10-31T23:00", SHELTER, "2026-11-01T02:00"),
    "night shift, received in the morning": ("4 h", "2026-11-24T07:00", SHELTER, "2026-11-24T23:00"),
    "lunch break": ("4 h", "2026-11-24T10:00", "mon-fri 08:00-12:00,13:00-16:00", "2026-11-24T15:00"),
    "never open": ("4 h", "2026-11-24T10:00", "", None),
    "one working day": ("1 d", "2026-11-24T09:30", OFFICE, "2026-11-25T16:30"),
    "one working day from Friday": ("1 d", "2026-11-20T10:00", OFFICE, "2026-11-23T16:30"),
    "one working day from Friday evening": ("1 d", "2026-11-20T20:00", OFFICE, "2026-11-24T16:30"),
    "one working day from the eve of 24 June": ("1 d", "2026-06-23T10:00", OFFICE, "2026-06-25T16:30"),
    "three working days over a weekend": ("3 d", "2026-11-19T10:00", OFFICE, "2026-11-24T16:30"),
    "ten working days over the holidays": ("10 d", "2026-12-18T10:00", OFFICE, "2027-01-05T16:30"),
    "a Saturday desk is no working day": (
        "1 d",
        "2026-11-20T10:00",
        "mon-fri 08:30-16:30;sat 10:00-12:00",
        "2026-11-23T16:30",
    ),
    "a team of weekends": ("1 d", "2026-11-21T10:30", "sat-sun 10:00-16:00", "2026-11-22T16:00"),
    "around the clock, one working day": ("1 d", "2026-11-20T10:00", "24/7", "2026-11-24T00:00"),
    "never open, one working day": ("1 d", "2026-11-24T10:00", "", None),
    "nothing is promised": ("", "2026-11-24T10:00", OFFICE, None),
}


@pytest.mark.parametrize(("target", "received", "hours_text", "due"), list(DEADLINES.values()), ids=list(DEADLINES))
def test_deadline(target: str, received: str, hours_text: str, due: str | None) -> None:
    deadline = deadline_for_target(target, local(received), hours(hours_text))
    assert deadline == (None if due is None else local(due))
    assert deadline is None or deadline.tzinfo is UTC


OPEN = [
    (OFFICE, "2026-11-24T08:29", False),
    (OFFICE, "2026-11-24T08:30", True),
    (OFFICE, "2026-11-24T16:29", True),
    (OFFICE, "2026-11-24T16:30", False),
    (OFFICE, "2026-11-22T10:00", False),
    (OFFICE, "2026-06-24T10:00", False),
    ("mon-fri 08:30-16:30;hol 10:00-12:00", "2026-06-24T10:00", True),
    ("24/7", "2026-12-25T03:00", True),
    (SHELTER, "2026-11-24T07:59", True),
    (SHELTER, "2026-11-24T12:00", False),
    (SHELTER, "2026-12-26T03:00", False),  # the night that begins on 25 December is closed until its morning
    ("fri-mon 09:00-10:00", "2026-11-23T09:30", True),
    ("mon,wed 09:00-10:00", "2026-11-24T09:30", False),
    ("mon-sun 00:00-24:00", "2026-11-24T23:59", True),
    ("", "2026-11-24T12:00", False),
]


@pytest.mark.parametrize(("hours_text", "at", "is_open"), OPEN)
def test_open_or_closed(hours_text: str, at: str, is_open: bool) -> None:
    assert hours(hours_text).is_open(local(at)) is is_open


def test_the_hour_that_comes_twice_is_open_both_times() -> None:
    early = hours("mon-sun 01:00-02:00")
    assert early.is_open(local("2026-11-01T01:30", fold=0))
    assert early.is_open(local("2026-11-01T01:30", fold=1))
    assert early.add_open_time(local("2026-11-01T00:00"), timedelta(hours=2)) == local("2026-11-01T02:00")


def test_the_hour_that_is_skipped_does_not_break_the_shift() -> None:
    night = hours("mon-sun 02:30-05:00")
    assert night.next_opening(local("2026-03-08T00:00")) == local("2026-03-08T03:30")
    assert hours("mon-sun 02:00-03:00").add_open_time(local("2026-03-08T00:00"), timedelta(minutes=30)) == local(
        "2026-03-09T02:30"
    )


def test_the_next_opening_is_now_when_open_and_none_when_never() -> None:
    assert hours(OFFICE).next_opening(local("2026-11-24T09:00")) == local("2026-11-24T09:00")
    assert hours(OFFICE).next_opening(local("2026-12-24T18:00")) == local("2026-12-28T08:30")
    assert hours("").next_opening(local("2026-11-24T09:00")) is None
    assert hours("hol 10:00-12:00").next_opening(local("2026-11-24T09:00")) == local("2026-12-25T10:00")


@pytest.mark.parametrize(
    ("hours_text", "why"),
    [
        ("lundi 08:00-16:00", "syntax"),
        ("mon 8h-16h", "syntax"),
        ("mon", "syntax"),
        ("lun 08:00-16:00", "day"),
        ("mon-hol 08:00-16:00", "day"),
        ("mon-tue-wed 08:00-16:00", "day"),
        ("mon 08:60-16:00", "time"),
        ("mon 08:00-25:00", "time"),
        ("mon 08:00-08:00", "time"),
        ("mon 08:00-12:00,11:00-16:00", "overlap"),
        ("mon 20:00-09:00;tue 08:30-16:30", "overlap"),
        ("sun 20:00-09:00;mon 08:30-16:30", "overlap"),
    ],
)
def test_a_mistake_in_the_profile_is_named(hours_text: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        hours(hours_text)
    assert (refused.value.field, refused.value.reason) == ("hours", why)


def test_quebec_keeps_24_june_and_ontario_does_not() -> None:
    assert date(2026, 6, 24) in QUEBEC
    assert date(2026, 6, 24) not in public_holidays("CA", "ON")


INSTANTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))
WRITTEN = st.sampled_from(
    [OFFICE, SHELTER, "24/7", "mon-fri 08:00-12:00,13:00-16:00;sat 10:00-12:00", "sat-sun 22:00-02:30"]
)


@given(INSTANTS, WRITTEN, st.integers(1, 40 * 60))
def test_open_time_adds_up(start: datetime, hours_text: str, minutes: int) -> None:
    team, span = hours(hours_text), timedelta(minutes=minutes)
    due = team.add_open_time(start, span)
    assert due is not None
    assert due - start >= span
    assert team.is_open(due - timedelta(microseconds=1))
    half = team.add_open_time(start, span / 2)
    assert half is not None
    assert team.add_open_time(half, span / 2) == due


@given(INSTANTS, INSTANTS, WRITTEN, st.sampled_from(["4 h", "1 d", "3 d", "10 d"]))
def test_who_comes_first_is_never_due_later(one: datetime, other: datetime, hours_text: str, target: str) -> None:
    first, second = sorted([one, other])
    due_first, due_second = (deadline_for_target(target, at, hours(hours_text)) for at in (first, second))
    assert due_first is not None and due_second is not None
    assert due_first <= due_second
