"""The fixed periods that figures are published for: quarters of the calendar year, and their months.

Nobody chooses other dates: two overlapping periods would give back the days between them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cohab_report.errors import NotFound

PUBLIC_AFTER = timedelta(days=14)
"""How long after its end a quarter stays inside before the public reads its figures."""
_CODE = re.compile(r"(20\d\d)-T([1-4])")


@dataclass(frozen=True, order=True)
class Quarter:
    """Three months of a calendar year; `number` is 1 to 4."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """Returns the quarter that this day lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def from_code(cls, code: str) -> "Quarter":
        """Parses a code such as `2026-T3`; raises NotFound."""
        match = _CODE.fullmatch(code)
        if match is None:
            raise NotFound
        return cls(int(match[1]), int(match[2]))

    @property
    def code(self) -> str:
        """The quarter as addresses and files write it: `2026-T3`."""
        return f"{self.year}-T{self.number}"

    @property
    def months(self) -> tuple[date, date, date]:
        """The first days of its months."""
        first = 3 * self.number - 2
        return date(self.year, first, 1), date(self.year, first + 1, 1), date(self.year, first + 2, 1)

    @property
    def first_day(self) -> date:
        """The day it begins."""
        return self.months[0]

    @property
    def next(self) -> "Quarter":
        """The quarter after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> "Quarter":
        """The quarter before it."""
        return Quarter(self.year - (self.number == 1), (self.number + 2) % 4 + 1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.next.first_day - self.first_day).days

    @property
    def public_on(self) -> date:
        """The first day on which its figures may be published."""
        return self.next.first_day + PUBLIC_AFTER

    def with_previous(self, count: int) -> list["Quarter"]:
        """Returns `count` quarters, this one first and then back in time."""
        return [self, *self.previous.with_previous(count - 1)] if count else []

    def is_over(self, today: date) -> bool:
        """Says whether its last day has passed."""
        return self.next.first_day <= today

    def is_public(self, today: date) -> bool:
        """Says whether its figures may be published: over for fourteen days."""
        return self.public_on <= today


def next_public_quarter(today: date) -> Quarter:
    """Returns the first quarter whose figures may not be published yet."""
    quarter = Quarter.of(today)
    return quarter if quarter.previous.is_public(today) else quarter.previous


def month_after(month: date) -> date:
    """Returns the first day of the month that follows this one."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def month_bounds(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Returns when the month begins and ends in this zone, in UTC, the end excluded."""
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (month, month_after(month)))
    return begin, end
