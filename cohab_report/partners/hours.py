"""Opening hours of a partner, and the deadlines that count in them.

Hours are written as the city profile writes them: `mon-fri 08:30-16:30;sat 10:00-12:00`, `24/7`, or nothing for a team that nobody
staffs. Wall-clock times belong to the city's zone; every instant that goes in or comes out is aware, and comes out in UTC. It refuses to
know any partner or case: hours in, instants out.
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
WHOLE_DAY = 24 * 60
LOOK_AHEAD = 800
"""Days searched before a team counts as never open again: more than two years, so that hours for public holidays alone are found."""

_CLAUSE = re.compile(
    r"(?P<days>[a-z]{3}(?:[-,][a-z]{3})*)\s+(?P<spans>\d{1,2}:\d{2}-\d{1,2}:\d{2}(?:\s*,\s*\d{1,2}:\d{2}-\d{1,2}:\d{2})*)"
)
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")


@dataclass(frozen=True, order=True)
class Shift:
    """From one minute of the day to another; an end past 1,440 is the next morning."""

    start: int
    end: int


@dataclass(frozen=True)
class Opening:
    """One stretch of open time between two instants in UTC, the end excluded."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Hours:
    """When a team is staffed, week after week. A public holiday is closed, unless `hol` has hours or the team never closes."""

    week: tuple[tuple[Shift, ...], ...]
    on_holidays: tuple[Shift, ...]
    zone: ZoneInfo
    public_holidays: Container[date] = frozenset()
    never_closes: bool = False

    @classmethod
    def parse(cls, written: str, zone: ZoneInfo, public_holidays: Container[date] = frozenset()) -> "Hours":
        """The hours that the text means. Raises Invalid("hours", why) with why in: syntax, day, time, overlap."""
        text = written.strip().lower()
        if text == "24/7":
            around = (Shift(0, WHOLE_DAY),)
            return cls((around,) * 7, around, zone, public_holidays, never_closes=True)
        shifts: dict[str, list[Shift]] = {day: [] for day in (*DAYS, HOLIDAY)}
        for clause in filter(None, (part.strip() for part in text.split(";"))):
            days, spans = _read_clause(clause)
            for day in days:
                shifts[day].extend(spans)
        week = tuple(_in_order(shifts[day]) for day in DAYS)
        for today, tomorrow in zip(week, (*week[1:], week[0]), strict=True):
            _refuse_overlap(today, tomorrow)
        return cls(week, _in_order(shifts[HOLIDAY]), zone, public_holidays)

    def shifts_on(self, day: date) -> tuple[Shift, ...]:
        """The shifts that begin on this date."""
        if day in self.public_holidays and not self.never_closes:
            return self.on_holidays
        return self.week[day.weekday()]

    def is_open(self, at: datetime) -> bool:
        """Whether the team is staffed at this instant."""
        return any(opening.start <= at for opening in self._openings_from(at, days=1))

    def next_opening(self, at: datetime) -> datetime | None:
        """This instant when the team is open, else the next instant at which it opens; None when it never does."""
        return next((max(at, opening.start).astimezone(UTC) for opening in self._openings_from(at)), None)

    def add_open_time(self, start: datetime, span: timedelta) -> datetime | None:
        """The instant by which the team will have been open for that long since `start`; None when it never will.

        Minutes are real minutes: a night shift has one more hour in November and one less in March.
        """
        left = span
        since = start.astimezone(UTC)  # sums within one zone would count wall-clock hours
        for opening in self._openings_from(since):
            begin = max(since, opening.start)
            if opening.end - begin >= left:
                return begin + left
            left -= opening.end - begin
        return None

    def add_working_days(self, start: datetime, count: int) -> datetime | None:
        """The close of the `count`-th working day after the one on which the team could first look; None when it never opens.

        What comes in after closing, at night, on a weekend or on a holiday counts as received at the next opening of a working day.
        """
        left = count
        for opening in self._working_days_from(start):
            if left == 0:
                return opening.end
            left -= 1
        return None

    def is_working_day(self, day: date) -> bool:
        """A weekday on which the team opens and that is no public holiday; for a team of weekends only, each day on which it opens."""
        weekend_team = not any(self.week[:5])
        return bool(self.shifts_on(day)) and day not in self.public_holidays and (weekend_team or day.weekday() < 5)

    def _working_days_from(self, start: datetime) -> Iterator[Opening]:
        """Each working day as one stretch from its first opening to its last closing, from the first that ends after `start`."""
        for day in self._days_from(start):
            if self.is_working_day(day):
                openings = [self._opening(day, shift) for shift in self.shifts_on(day)]
                if openings[-1].end > start:
                    yield Opening(openings[0].start, openings[-1].end)

    def _openings_from(self, at: datetime, days: int = LOOK_AHEAD) -> Iterator[Opening]:
        """The openings that end after this instant, in order."""
        for day in self._days_from(at, days):
            for shift in self.shifts_on(day):
                opening = self._opening(day, shift)
                if opening.end > at:
                    yield opening

    def _days_from(self, at: datetime, days: int = LOOK_AHEAD) -> Iterator[date]:
        """Local dates from the day before this instant, whose night shift may still be on."""
        first = at.astimezone(self.zone).date() - timedelta(days=1)
        return (first + timedelta(days=number) for number in range(days + 1))

    def _opening(self, day: date, shift: Shift) -> Opening:
        """The shift of that date as instants. When a clock hour comes twice, open from the first and until the second."""
        return Opening(self._instant(day, shift.start, fold=0), self._instant(day, shift.end, fold=1))

    def _instant(self, day: date, minute: int, *, fold: int) -> datetime:
        days, minute = divmod(minute, WHOLE_DAY)
        wall = datetime.combine(day + timedelta(days=days), time(*divmod(minute, 60)), self.zone)
        skipped = wall.astimezone(UTC).astimezone(self.zone).replace(tzinfo=None) != wall.replace(tzinfo=None)
        return wall.replace(fold=0 if skipped else fold).astimezone(UTC)


@dataclass(frozen=True)
class PublicHolidays:
    """The public holidays of a country's subdivision, any year: a date is in it or not."""

    country: str
    subdivision: str | None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _holidays_of(self.country, self.subdivision, day.year)


@cache
def public_holidays(country: str, subdivision: str | None = None) -> PublicHolidays:
    """Those of the country's subdivision; ("CA", "QC") has 24 June and the Monday that replaces a Sunday.

    Raises NotImplementedError for a country or a subdivision of which no holidays are known.
    """
    holidays.country_holidays(country, subdiv=subdivision)
    return PublicHolidays(country, subdivision)


@cache
def _holidays_of(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    # A year is read once: the library's own calendar grows while it is asked, which two threads at once would see half grown.
    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year, expand=False))


def due_at(target: str, received_at: datetime, team: Hours) -> datetime | None:
    """When what came at this instant should be taken up, in UTC, by a target like `4 h` (staffed hours) or `3 d` (working days).

    None for an empty target and for a team that never opens: nothing can be promised then.
    """
    if not target:
        return None
    amount, unit = target.split(" ")
    if unit == "h":
        return team.add_open_time(received_at, timedelta(hours=int(amount)))
    return team.add_working_days(received_at, int(amount))


def _read_clause(clause: str) -> tuple[list[str], list[Shift]]:
    match = _CLAUSE.fullmatch(clause)
    if match is None:
        raise Invalid("hours", "syntax")
    days = [day for part in match["days"].split(",") for day in _days_of(part)]
    return days, [_shift(*map(int, span)) for span in _SPAN.findall(match["spans"])]


def _days_of(part: str) -> list[str]:
    """`mon-fri` as five days, `fri-mon` as four, `sat` or `hol` as itself."""
    ends = part.split("-")
    if ends == [HOLIDAY]:
        return ends
    if len(ends) > 2 or any(day not in DAYS for day in ends):
        raise Invalid("hours", "day")
    first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
    return [DAYS[(first + step) % 7] for step in range((last - first) % 7 + 1)]


def _shift(start_hour: int, start_minute: int, end_hour: int, end_minute: int) -> Shift:
    """The shift between two clock times; one that ends before it begins ends the next morning."""
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start_minute, end_minute) > 59 or start >= WHOLE_DAY or end > WHOLE_DAY or start == end:
        raise Invalid("hours", "time")
    return Shift(start, end if end > start else end + WHOLE_DAY)


def _in_order(shifts: list[Shift]) -> tuple[Shift, ...]:
    ordered = tuple(sorted(shifts))
    if any(earlier.end > later.start for earlier, later in pairwise(ordered)):
        raise Invalid("hours", "overlap")
    return ordered


def _refuse_overlap(today: tuple[Shift, ...], tomorrow: tuple[Shift, ...]) -> None:
    if today and tomorrow and today[-1].end - WHOLE_DAY > tomorrow[0].start:
        raise Invalid("hours", "overlap")
