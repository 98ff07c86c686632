"""Opening hours of a team, and deadlines counted in them.

Hours are text as in the city profile: `mon-fri 08:30-16:30;sat 10:00-12:00`, `24/7`, or empty for a team that is never
staffed. Wall-clock times are in the city's zone; datetimes are aware, results are in UTC. Pure: knows no partner, case
or database.
"""

import re
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import holidays

from cohab_report.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOLIDAY = "hol"
MINUTES_PER_DAY = 24 * 60
LOOK_AHEAD_DAYS = 800
"""Days searched before a team counts as never open again: more than two years, so that hours on public holidays alone
are found.
"""

_CLAUSE = re.compile(
    r"(?P<days>[a-z]{3}(?:[-,][a-z]{3})*)\s+(?P<spans>\d{1,2}:\d{2}-\d{1,2}:\d{2}(?:\s*,\s*\d{1,2}:\d{2}-\d{1,2}:\d{2})*)"
)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@dataclass(frozen=True, order=True)
class Shift:
    """A stretch of staffed time within a day, in minutes since midnight; an end past 1,440 is on the next morning."""

    start: int
    end: int


@dataclass(frozen=True)
class Opening:
    """A stretch of open time between two UTC datetimes, the end excluded."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Hours:
    """A team's weekly opening hours. It is closed on public holidays, unless `hol` has hours or the team never
    closes.
    """

    week: tuple[tuple[Shift, ...], ...]
    on_holidays: tuple[Shift, ...]
    zone: ZoneInfo
    public_holidays: Container[date] = frozenset()
    never_closes: bool = False

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo, public_holidays: Container[date] = frozenset()) -> "Hours":
        """Parses opening hours; raises Invalid("hours", reason) with one of the reasons syntax, day, time, overlap."""
        text = text.strip().lower()
        if text == "24/7":
            all_day = (Shift(0, MINUTES_PER_DAY),)
            return cls((all_day,) * 7, all_day, zone, public_holidays, never_closes=True)
        shifts: dict[str, list[Shift]] = {day: [] for day in (*DAYS, HOLIDAY)}
        for clause in filter(None, (part.strip() for part in text.split(";"))):
            days, spans = _parse_clause(clause)
            for day in days:
                shifts[day].extend(spans)
        week = tuple(_sorted_shifts(shifts[day]) for day in DAYS)
        for today, tomorrow in zip(week, (*week[1:], week[0]), strict=True):
            _refuse_overlap(today, tomorrow)
        return cls(week, _sorted_shifts(shifts[HOLIDAY]), zone, public_holidays)

    def shifts_on(self, day: date) -> tuple[Shift, ...]:
        """Returns the shifts that begin on this date."""
        if day in self.public_holidays and not self.never_closes:
            return self.on_holidays
        return self.week[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Returns whether the team is staffed at this time."""
        return any(opening.start <= at for opening in self._openings_from(at, days=1))

    def next_opening(self, at: datetime) -> datetime | None:
        """Returns this time if the team is open, else the next time at which it opens, in UTC; None if it never
        does.
        """
        return next((max(at, opening.start).astimezone(UTC) for opening in self._openings_from(at)), None)

    def add_open_time(self, start: datetime, span: timedelta) -> datetime | None:
        """Returns when the team will have been open for that long since `start`, in UTC; None if it never will.

        Counts elapsed time: a night shift has one more hour in November and one less in March.
        """
        remaining = span
        since = start.astimezone(UTC)  # sums within one zone would count wall-clock hours
        for opening in self._openings_from(since):
            begin = max(since, opening.start)
            if opening.end - begin >= remaining:
                return begin + remaining
            remaining -= opening.end - begin
        return None

    def add_working_days(self, start: datetime, count: int) -> datetime | None:
        """Returns the closing time, in UTC, of the `count`-th working day after the one that `start` counts for; None
        if never open.

        A start after closing, at night, on a weekend or on a holiday counts for the next working day.
        """
        remaining = count
        for opening in self._working_days_from(start):
            if remaining == 0:
                return opening.end
            remaining -= 1
        return None

    def is_working_day(self, day: date) -> bool:
        """Returns whether the team opens on this weekday and it is no public holiday; a weekend team works on
        weekends.
        """
        weekend_team = not any(self.week[:5])
        return bool(self.shifts_on(day)) and day not in self.public_holidays and (weekend_team or day.weekday() < 5)

    def _working_days_from(self, start: datetime) -> Iterator[Opening]:
        """Yields each working day from its first opening to its last closing, beginning with the first that ends after
        `start`.
        """
        for day in self._days_from(start):
            if self.is_working_day(day):
                openings = [self._opening(day, shift) for shift in self.shifts_on(day)]
                if openings[-1].end > start:
                    yield Opening(openings[0].start, openings[-1].end)

    def _openings_from(self, at: datetime, days: int = LOOK_AHEAD_DAYS) -> Iterator[Opening]:
        """Yields the openings that end after this time, in order."""
        for day in self._days_from(at, days):
            for shift in self.shifts_on(day):
                opening = self._opening(day, shift)
                # A shift that the skipped hour of spring swallows ends before it begins: nobody works it.
                if opening.end > max(at, opening.start):
                    yield opening

    def _days_from(self, at: datetime, days: int = LOOK_AHEAD_DAYS) -> Iterator[date]:
        """Yields local dates from the day before this time, whose night shift may still be on."""
        first = at.astimezone(self.zone).date() - timedelta(days=1)
        return (first + timedelta(days=number) for number in range(days + 1))

    def _opening(self, day: date, shift: Shift) -> Opening:
        """Returns the shift of that date in UTC; when a clock hour comes twice, open from the first until the
        second.
        """
        return Opening(self._instant(day, shift.start, fold=0), self._instant(day, shift.end, fold=1))

    def _instant(self, day: date, minute: int, *, fold: int) -> datetime:
        days, minute = divmod(minute, MINUTES_PER_DAY)
        wall = datetime.combine(day + timedelta(days=days), time(*divmod(minute, 60)), self.zone)
        skipped = wall.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != wall.replace(tzinfo=None)
        return wall.replace(fold=0 if skipped else fold).astimezone(UTC)


@dataclass(frozen=True)
class PublicHolidays:
    """The public holidays of a country's subdivision in any year, as a container of dates."""

    country: str
    subdivision: str | None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _holidays_of(self.country, self.subdivision, day.year)


@cache
def public_holidays(country: str, subdivision: str | None = None) -> PublicHolidays:
    """Returns the public holidays of a country (ISO 3166-1 alpha-2) and subdivision, with the days that replace a
    Sunday.

    ("CA", "QC") has 24 June. Raises NotImplementedError for a country or a subdivision that the `holidays` library
    lacks.
    """
    holidays.country_holidays(country, subdiv=subdivision)
    return PublicHolidays(country, subdivision)


@cache
def _holidays_of(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    # One fixed calendar a year: the library's own grows while it is read, and a second thread would see it half filled.
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False))


def deadline_for_target(target: str, received_at: datetime, team: Hours) -> datetime | None:
    """Returns the deadline, in UTC, for a target like `4 h` (staffed hours) or `3 d` (working days) after
    `received_at`.

    None for an empty target and for a team that never opens: nothing can be promised then.
    """
    if not target:
        return None
    amount, unit = target.split(" ")
    if unit == "h":
        return team.add_open_time(received_at, timedelta(hours=int(amount)))
    return team.add_working_days(received_at, int(amount))


def _parse_clause(clause: str) -> tuple[list[str], list[Shift]]:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        raise Invalid("hours", "syntax")
    days = [day for part in match["days"].split(",") for day in _parse_days(part)]
    return days, [_parse_shift(*map(int, span)) for span in _SPAN.findall(match["spans"])]


def _parse_days(part: str) -> list[str]:
    """Returns the days of a range: `mon-fri` as five days, `fri-mon` as four, `sat` or `hol` as itself."""
    ends = part.split("-")
    if ends == [HOLIDAY]:
        return ends
    if len(ends) > 2 or any(day not in DAYS for day in ends):
        raise Invalid("hours", "day")
    first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
    return [DAYS[(first + step) % 7] for step in range((last - first) % 7 + 1)]


def _parse_shift(start_hour: int, start_minute: int, end_hour: int, end_minute: int) -> Shift:
    """Returns the shift between two clock times; one that ends before it begins ends the next morning."""
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start_minute, end_minute) > 59 or start >= MINUTES_PER_DAY or end > MINUTES_PER_DAY or start == end:
        raise Invalid("hours", "time")
    return Shift(start, end if end > start else end + MINUTES_PER_DAY)


def _sorted_shifts(shifts: list[Shift]) -> tuple[Shift, ...]:
    ordered = tuple(sorted(shifts))
    if any(earlier.end > later.start for earlier, later in pairwise(ordered)):
        raise Invalid("hours", "overlap")
    return ordered


def _refuse_overlap(today: tuple[Shift, ...], tomorrow: tuple[Shift, ...]) -> None:
    if today and tomorrow and today[-1].end - MINUTES_PER_DAY > tomorrow[0].start:
        raise Invalid("hours", "overlap")
