"""Counting anew, and publishing what was counted. A worker asks for both; no page ever does."""

import logging
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from cohab_report.db import db
from cohab_report.insight import queries
from cohab_report.insight.models import ActionTally, Tally
from cohab_report.insight.publishing import publish, publish_again
from cohab_report.insight.quarters import Quarter, instants_of, month_after
from cohab_report.insight.queries import Counted, LinkCell
from cohab_report.territory import queries as territory

log = logging.getLogger(__name__)
__all__ = ["forget_publications", "publish", "publish_again", "recount"]


def recount(*, at: datetime) -> int:
    """Every month from the first observation's to the present one is counted anew; returns how many months. Doing it twice is harmless.

    A quarter whose counts are the same keeps its cells, so that what was published of them need not be made again.
    """
    zone, first = territory.ground().zone, queries.first_received_at()
    today = at.astimezone(zone).date()
    begin = (first.astimezone(zone).date() if first else month_after(today)).replace(day=1)
    quarter, months = Quarter.of(begin), 0
    queries.forget_counts_outside(quarter.first_day, Quarter.of(today).next.first_day if first else quarter.first_day)
    while first and quarter.first_day <= today:
        _count(quarter, zone, at)
        months += sum(begin <= month <= today for month in quarter.months)
        quarter = quarter.next
    return months


def forget_publications() -> None:
    """Nothing is published until `publish` is asked for: what was published was made of rows that are no more, as after a trial."""
    queries.forget_publications()


def _count(quarter: Quarter, zone: ZoneInfo, at: datetime) -> None:
    cells, links = _cells(quarter, zone), _links(quarter, zone)
    span = quarter.first_day, quarter.next.first_day
    if set(cells) == set(queries.counted(*span)) and set(links) == set(queries.link_cells(*span)):
        queries.stamp_counts(quarter, at)
        return
    try:
        with db.session.begin_nested():
            queries.forget_counts(*span)
            db.session.add_all([Tally(counted_at=at, **vars(cell)) for cell in cells])
            db.session.add_all([ActionTally(counted_at=at, **vars(link)) for link in links])
    except IntegrityError:
        log.info("another worker counted this quarter at the same time", extra={"quarter": quarter.code})


def _cells(quarter: Quarter, zone: ZoneInfo) -> list[Counted]:
    found = []
    for month in quarter.months:
        span = instants_of(month, zone)
        observations, cases = queries.observations_between(*span), queries.cases_between(*span)
        found += [Counted(month, *key, observations[key], cases[key]) for key in observations.keys() | cases.keys()]
    return found


def _links(quarter: Quarter, zone: ZoneInfo) -> list[LinkCell]:
    return [
        LinkCell(month, action_id, kind, *counts)
        for month in quarter.months
        for (action_id, kind), counts in queries.links_between(*instants_of(month, zone)).items()
    ]
