"""Reads the system clock; nothing else does: other code receives the time as an argument."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """Returns the present time, aware and in UTC."""
    return datetime.now(UTC)


def today(zone: ZoneInfo) -> date:
    """Returns the present date in this time zone."""
    return now().astimezone(zone).date()
