"""Publishes counted quarters: builds and stores their suppressed tables, so that pages have nothing to compute.

The public reads a quarter once it is over for fourteen days, and what it reads then stays: later changes of a few cases
can't be seen in the difference of two versions. The committee reads what was counted last. Suppression is hard work and
is done outside of any write.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from cohab_report import journal
from cohab_report.catalogue.models import Kind
from cohab_report.db import db, transaction
from cohab_report.errors import NotFound
from cohab_report.insight import queries as monthly
from cohab_report.insight.intervals import compare_rates
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.publishing import queries
from cohab_report.insight.publishing.events import FiguresCorrected
from cohab_report.insight.publishing.quarter_tables import QuarterTables, from_json, to_json
from cohab_report.insight.publishing.table_builder import RowCodes, committee_tables, public_tables
from cohab_report.insight.quarters import Quarter, month_bounds
from cohab_report.territory import queries as territory
from cohab_report.triage.models import ClosingReason


def publish_quarters(*, at: datetime) -> int:
    """Publishes every quarter that is due, each in a transaction of its own; returns how many publications were stored.

    A public quarter is published once and never again; the committee's again when its count changed. Two workers at
    once are harmless.
    """
    codes, times, stored = _row_codes(), monthly.counting_times(), 0
    for audience, quarter in [*_due_for_public(times, at), *_due_for_committee(times, codes, at)]:
        stored += _store_publication(_build_publication(audience, quarter, times[quarter], codes, at))
    with transaction():
        queries.delete_committee_publications_except(times)
    return stored


def publish_again(quarter: Quarter, *, by: journal.Actor, at: datetime) -> None:
    """Corrects a published quarter for the public and records `figures.corrected`.

    Raises NotFound when it was never published.

    Whoever stored the earlier figures can compare: it is for a mistake that weighs more than that.
    """
    times = monthly.counting_times()
    if quarter not in times or quarter not in queries.published_quarters(Audience.PUBLIC):
        raise NotFound
    corrected = _build_publication(Audience.PUBLIC, quarter, times[quarter], _row_codes(), at)
    with transaction():
        queries.replace_publication(corrected)
        event = FiguresCorrected(thread=f"quarter:{quarter.code}", quarter=quarter.code)
        journal.record(event, by=by, at=at)


def forget_publications() -> None:
    """Deletes every publication, for all audiences.

    For a database whose observations were deleted, as after a trial.
    """
    queries.delete_publications()


def _due_for_public(times: dict[Quarter, datetime], at: datetime) -> Iterator[tuple[Audience, Quarter]]:
    """Yields the quarters that the public may read and that were never published."""
    today = at.astimezone(territory.city_facts().zone).date()
    published = set(queries.published_quarters(Audience.PUBLIC))
    return ((Audience.PUBLIC, quarter) for quarter in times if quarter.is_public(today) and quarter not in published)


def _due_for_committee(
    times: dict[Quarter, datetime], codes: RowCodes, at: datetime
) -> Iterator[tuple[Audience, Quarter]]:
    """Yields the whole quarters whose publication is missing or older than their count, and the quarters after these.

    Each quarter is compared with the one before.
    """
    today = at.astimezone(territory.city_facts().zone).date()
    published = queries.publications(Audience.COMMITTEE, times)
    stale = {
        quarter
        for quarter, counted_at in times.items()
        if quarter not in published
        or published[quarter].counted_at != counted_at
        or not _has_present_rows(published[quarter], codes)
    }
    due = [quarter for quarter in times if quarter.is_over(today) and {quarter, quarter.previous} & stale]
    return ((Audience.COMMITTEE, quarter) for quarter in due)


def _has_present_rows(publication: Publication, codes: RowCodes) -> bool:
    """Says whether its rows are those of the present city and plan."""
    tables = from_json(Quarter.of(publication.quarter), publication.content)
    rows = [tuple(row.code for row in table.rows) for table in (tables.actions, tables.sectors)]
    return rows == [tuple(codes.field_of), codes.sectors]


def _build_publication(
    audience: Audience, quarter: Quarter, counted_at: datetime, codes: RowCodes, at: datetime
) -> Publication:
    """Builds and suppresses the tables, which takes seconds; nothing is stored."""
    counts = monthly.monthly_counts(quarter.first_day, quarter.next.first_day)
    action_counts = monthly.action_quarter_counts(quarter)
    if audience is Audience.PUBLIC:
        tables = public_tables(quarter, counts, action_counts, codes)
    else:
        tables = _with_comparison_and_transfers(committee_tables(quarter, counts, action_counts, codes))
    return Publication(
        audience=audience, quarter=quarter.first_day, made_at=at, counted_at=counted_at, content=to_json(tables)
    )


def _with_comparison_and_transfers(tables: QuarterTables) -> QuarterTables:
    """Adds the comparison with the quarter before, and the number of transfers to the police."""
    quarter, zone = tables.quarter, territory.city_facts().zone
    begin, end = month_bounds(quarter.first_day, zone)[0], month_bounds(quarter.next.first_day, zone)[0]
    previous = queries.publications(Audience.COMMITTEE, [quarter.previous]).get(quarter.previous)
    total = tables.total.value
    previous_total = from_json(quarter.previous, previous.content).total.value if previous else None
    comparison = (
        None
        if total is None or previous_total is None
        else compare_rates(total, quarter.days, previous_total, quarter.previous.days)
    )
    return replace(tables, comparison=comparison, transfers=queries.police_transfers(begin, end))


def _store_publication(publication: Publication) -> bool:
    """Stores the publication and returns whether it is new.

    An earlier one stays for the public, and is replaced for the committee.
    """
    with transaction():
        if publication.audience is Audience.COMMITTEE and queries.publications(
            Audience.COMMITTEE, [Quarter.of(publication.quarter)]
        ):
            queries.replace_publication(publication)
            return True
        try:
            with db.session.begin_nested():
                db.session.add(publication)
        except IntegrityError:  # another worker was quicker
            return False
        return True


def _row_codes() -> RowCodes:
    """Returns the codes of all rows, in the order of the city's profile and of the plan."""
    kinds, fields = list(Kind), queries.fields_with_action_titles()
    categories = sorted(
        queries.categories_with_retired(), key=lambda category: (kinds.index(category.kind), category.position)
    )
    sectors = queries.sectors_with_retired()
    actions = [(action, field) for field in fields for action in field.actions]
    return RowCodes(
        sectors=tuple(sector.code for sector in sectors),
        sector_codes={sector.id: sector.code for sector in sectors},
        kind_of={category.code: category.kind for category in categories},
        category_codes={category.id: category.code for category in categories},
        outcomes=(monthly.OPEN, *(reason.value for reason in ClosingReason)),
        field_of={action.code: field.code for action, field in actions},
        action_codes={action.id: action.code for action, _field in actions},
    )
