"""Counting anew: the monthly cube says what observations, cases and links say now. A worker asks for it; no page ever does."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from cohab_report.db import db
from cohab_report.insight import queries
from cohab_report.insight.models import ActionTally, Tally
from cohab_report.insight.quarters import instants_of, month_after
from cohab_report.territory import queries as territory


def recount(*, at: datetime) -> int:
    """Every month from the first observation's to the present one is counted anew; returns how many months. Doing it twice is harmless."""
    zone, first = territory.ground().zone, queries.first_received_at()
    queries.forget_counts()
    if first is None:
        return 0
    month, months = first.astimezone(zone).date().replace(day=1), 0
    while month <= at.astimezone(zone).date():
        _count(month, zone, at)
        month, months = month_after(month), months + 1
    db.session.flush()
    return months


def _count(month: date, zone: ZoneInfo, at: datetime) -> None:
    begin, end = instants_of(month, zone)
    observations, cases = queries.observations_between(begin, end), queries.cases_between(begin, end)
    for key in observations.keys() | cases.keys():
        kind, category_id, sector_id, outcome, is_out_of_plan = key
        db.session.add(
            Tally(
                month=month, kind=kind, category_id=category_id, sector_id=sector_id, outcome=outcome, is_out_of_plan=is_out_of_plan,
                observations=observations[key], cases=cases[key], counted_at=at,
            )
        )  # fmt: skip
    for (action_id, kind), (sent, grouped) in queries.links_between(begin, end).items():
        db.session.add(ActionTally(month=month, action_id=action_id, kind=kind, observations=sent, cases=grouped, counted_at=at))
