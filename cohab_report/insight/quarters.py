"""The fixed buckets of time that figures are given for: whole quarters of the calendar, and their months.

Nobody chooses other dates: two overlapping periods would give back the days between them.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from cohab_report.errors import NotThere

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
        """The quarter that this day lies in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def read(cls, code: str) -> "Quarter":
        """The quarter of a code such as `2026-T3`; raises NotThere."""
        match = _CODE.fullmatch(code)
        if match is None:
            raise NotThere
        return cls(int(match[1]), int(match[2]))

    @property
    def code(self) -> str:
        """As addresses and files write it: `2026-T3`."""
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
    def before(self) -> "Quarter":
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

    def with_those_before(self, count: int) -> list["Quarter"]:
        """So many quarters, this one first and then back in time."""
        return [self, *self.before.with_those_before(count - 1)] if count else []

    def is_over(self, today: date) -> bool:
        """Whether all its months are whole."""
        return self.next.first_day <= today

    def is_public(self, today: date) -> bool:
        """Whether its figures may be published: over for fourteen days."""
        return self.public_on <= today


def coming(today: date) -> Quarter:
    """The first quarter whose figures may not be published yet."""
    quarter = Quarter.of(today)
    return quarter if quarter.before.is_public(today) else quarter.before


def month_after(month: date) -> date:
    """The first day of the month that follows this one."""
    return (month.replace(day=1) + timedelta(days=32)).replace(day=1)


def instants_of(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """When the month begins and ends in this zone, in UTC, the end excluded."""
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (month, month_after(month)))
    return begin, end
