"""Counting anew. A worker asks for it; no page ever does."""

import logging
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from cohab_report.db import db
from cohab_report.insight import queries
from cohab_report.insight.models import ActionTally, Tally
from cohab_report.insight.quarters import Quarter, instants_of
from cohab_report.insight.queries import Counted, LinkCell
from cohab_report.territory import queries as territory

log = logging.getLogger(__name__)


def recount(*, at: datetime) -> int:
    """Every month from the first observation's to the present one is counted anew; returns how many quarters. Twice is harmless.

    A quarter whose counts are the same keeps its cells, so that what was published of them need not be made again.
    """
    quarters = quarters_to_count(at=at)
    forget_counts_outside(quarters)
    for quarter in quarters:
        count(quarter, at=at)
    return len(quarters)


def quarters_to_count(*, at: datetime) -> list[Quarter]:
    """The quarters from the first observation's to the present one; none before anything was received."""
    zone, first = territory.ground().zone, queries.first_received_at()
    if first is None:
        return []
    quarters = [Quarter.of(first.astimezone(zone).date())]
    while quarters[-1].next.first_day <= at.astimezone(zone).date():
        quarters.append(quarters[-1].next)
    return quarters


def forget_counts_outside(quarters: Sequence[Quarter]) -> None:
    """The cube counts these quarters and no others."""
    if quarters:
        queries.forget_counts_outside(quarters[0].first_day, quarters[-1].next.first_day)
    else:
        queries.forget_counts_outside(date.max, date.max)


def count(quarter: Quarter, *, at: datetime) -> None:
    """One quarter is counted anew; when nothing changed its cells stay, and count until now."""
    zone = territory.ground().zone
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
