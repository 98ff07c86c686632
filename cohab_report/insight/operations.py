"""Counts observations by month anew. A worker or a command asks for it; no page ever does."""

import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from cohab_report.db import db
from cohab_report.insight import queries
from cohab_report.insight.models import ActionMonthlyCount, MonthlyCount
from cohab_report.insight.quarters import Quarter, month_bounds
from cohab_report.insight.queries import ActionMonthlyCountValues, MonthlyCountValues
from cohab_report.territory import queries as territory

log = logging.getLogger(__name__)
LATE_AFTER = timedelta(hours=3)
"""Every quarter is counted each hour; one that was not for so long has a count that fails."""


def recount_months(*, at: datetime) -> int:
    """Counts every month anew, from the first observation's to the present one; returns how many quarters.

    Twice is harmless.

    A quarter whose counts are the same keeps its rows, so that its publications need not be made again.
    """
    quarters = quarters_to_count(at=at)
    keep_only_quarters(quarters)
    for quarter in quarters:
        count_quarter(quarter, at=at)
    return len(quarters)


def quarters_to_count(*, at: datetime) -> list[Quarter]:
    """Returns the quarters from the first observation's to the present one; none before anything was received."""
    zone, first = territory.city_facts().zone, queries.first_received_at()
    if first is None:
        return []
    quarters = [Quarter.of(first.astimezone(zone).date())]
    while quarters[-1].next.first_day <= at.astimezone(zone).date():
        quarters.append(quarters[-1].next)
    return quarters


def keep_only_quarters(quarters: Sequence[Quarter]) -> None:
    """Deletes the counts of all other quarters than these, which follow one another."""
    if quarters:
        queries.delete_counts_outside(quarters[0].first_day, quarters[-1].next.first_day)
    else:
        queries.delete_counts_outside(date.max, date.max)


def count_age(*, at: datetime) -> float | None:
    """Returns how many seconds ago the quarter that was counted longest ago was counted; None before any count."""
    times = queries.counting_times()
    return max(0.0, (at - min(times.values())).total_seconds()) if times else None


def is_late(*, at: datetime) -> bool:
    """Returns whether a quarter has not been counted for three hours, or none ever was: figures stand still."""
    times, first = queries.counting_times(), queries.first_received_at()
    oldest = min(times.values()) if times else first
    return oldest is not None and at - oldest > LATE_AFTER


def count_quarter(quarter: Quarter, *, at: datetime) -> None:
    """Counts one quarter anew; when nothing changed its rows stay, with a later counting time.

    Raises IntegrityError when the counts contradict each other, unless another worker counted the same meanwhile.
    """
    counted_before = queries.counting_times().get(quarter)
    zone = territory.city_facts().zone
    counts, action_counts = _count_observations(quarter, zone), _count_links(quarter, zone)
    months = quarter.first_day, quarter.next.first_day
    unchanged = set(counts) == set(queries.monthly_counts(*months))
    if unchanged and set(action_counts) == set(queries.action_monthly_counts(*months)):
        queries.confirm_counts(quarter, at)
        return
    try:
        with db.session.begin_nested():
            queries.delete_counts(*months)
            db.session.add_all([MonthlyCount(counted_at=at, **vars(count)) for count in counts])
            db.session.add_all([ActionMonthlyCount(counted_at=at, **vars(count)) for count in action_counts])
    except IntegrityError:
        if queries.counting_times().get(quarter) == counted_before:
            raise
        log.info("another worker counted this quarter at the same time", extra={"quarter": quarter.code})


def _count_observations(quarter: Quarter, zone: ZoneInfo) -> list[MonthlyCountValues]:
    counts = []
    for month in quarter.months:
        bounds = month_bounds(month, zone)
        observations, cases = queries.observations_between(*bounds), queries.cases_between(*bounds)
        keys = observations.keys() | cases.keys()
        counts += [MonthlyCountValues(month, *key, observations[key], cases[key]) for key in keys]
    return counts


def _count_links(quarter: Quarter, zone: ZoneInfo) -> list[ActionMonthlyCountValues]:
    return [
        ActionMonthlyCountValues(month, action_id, kind, *counts)
        for month in quarter.months
        for (action_id, kind), counts in queries.links_between(*month_bounds(month, zone)).items()
    ]
