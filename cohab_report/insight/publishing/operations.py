"""Publishing what was counted: what is missing is made, suppressed and kept, so that pages have nothing to compute.

The public reads a quarter once it is over for fourteen days, and what it reads then stays: later changes of a few cases can't be told from
the difference of two versions. The committee reads what was counted last. Suppression is hard work and is done outside of any write.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from sqlalchemy.exc import IntegrityError

from cohab_report import journal
from cohab_report.catalogue.models import Kind
from cohab_report.db import db, transaction
from cohab_report.errors import NotThere
from cohab_report.insight import queries as cube
from cohab_report.insight.figures import compared
from cohab_report.insight.models import Audience, Publication
from cohab_report.insight.publishing import queries
from cohab_report.insight.publishing.editions import Edition, read, written
from cohab_report.insight.publishing.making import Names, for_committee, for_public
from cohab_report.insight.quarters import Quarter, instants_of
from cohab_report.territory import queries as territory
from cohab_report.triage.models import ClosingReason


def publish(*, at: datetime) -> int:
    """What may be read and isn't there yet is published, each piece in a transaction of its own; returns how many were made.

    A public quarter is made once and never again; the committee's is made again when its count changed. Two workers at once are harmless.
    """
    names, counted, made = _names(), cube.quarters_counted(), 0
    for audience, quarter in [*_due_outside(counted, at), *_due_inside(counted, names, at)]:
        made += _keep(_made(audience, quarter, counted[quarter], names, at))
    with transaction():
        queries.forget_committees(counted)
    return made


def publish_again(quarter: Quarter, *, by: journal.Actor, at: datetime) -> None:
    """A published quarter is corrected for the public, and the journal says so. Raises NotThere when it was never published.

    Whoever kept the earlier figures can compare: it is for a mistake that weighs more than that.
    """
    counted = cube.quarters_counted()
    if quarter not in counted or quarter not in queries.published_quarters(Audience.PUBLIC):
        raise NotThere
    corrected = _made(Audience.PUBLIC, quarter, counted[quarter], _names(), at)
    with transaction():
        queries.renew(corrected)
        journal.record(
            "figures.corrected", thread=f"quarter:{quarter.code}", by=by, at=at, facts={"quarter": quarter.code}
        )


def forget_publications() -> None:
    """Nothing is published until `publish` is asked for: what was published was made of rows that are no more, as after a trial."""
    queries.forget_publications()


def _due_outside(counted: dict[Quarter, datetime], at: datetime) -> Iterator[tuple[Audience, Quarter]]:
    """The quarters that the public may read and that were never published."""
    today, there = at.astimezone(territory.ground().zone).date(), set(queries.published_quarters(Audience.PUBLIC))
    return ((Audience.PUBLIC, quarter) for quarter in counted if quarter.is_public(today) and quarter not in there)


def _due_inside(counted: dict[Quarter, datetime], names: Names, at: datetime) -> Iterator[tuple[Audience, Quarter]]:
    """The whole quarters that the committee doesn't read as they were counted last, and those compared with one of them."""
    today, there = at.astimezone(territory.ground().zone).date(), queries.publications(Audience.COMMITTEE, counted)
    stale = {
        quarter
        for quarter, counted_at in counted.items()
        if quarter not in there or there[quarter].counted_at != counted_at or not _names_all(there[quarter], names)
    }
    due = [quarter for quarter in counted if quarter.is_over(today) and {quarter, quarter.before} & stale]
    return ((Audience.COMMITTEE, quarter) for quarter in due)


def _names_all(publication: Publication, names: Names) -> bool:
    """Whether its rows are those of the present city and plan."""
    edition = read(Quarter.of(publication.quarter), publication.content)
    rows = [tuple(row.code for row in table.rows) for table in (edition.actions, edition.sectors)]
    return rows == [tuple(names.field_of), names.sectors]


def _made(audience: Audience, quarter: Quarter, counted_at: datetime, names: Names, at: datetime) -> Publication:
    """The publication, not kept yet: the hard work."""
    cells, links = cube.counted(quarter.first_day, quarter.next.first_day), cube.counted_links(quarter)
    if audience is Audience.PUBLIC:
        edition = for_public(quarter, cells, links, names)
    else:
        edition = _completed(for_committee(quarter, cells, links, names))
    return Publication(
        audience=audience, quarter=quarter.first_day, made_at=at, counted_at=counted_at, content=written(edition)
    )


def _completed(edition: Edition) -> Edition:
    """The committee's edition beside the quarter before, and with the transfers to the police, which are counted where they happen."""
    quarter, zone = edition.quarter, territory.ground().zone
    begin, end = instants_of(quarter.first_day, zone)[0], instants_of(quarter.next.first_day, zone)[0]
    before = queries.publications(Audience.COMMITTEE, [quarter.before]).get(quarter.before)
    now, then = edition.total.value, read(quarter.before, before.content).total.value if before else None
    found = None if now is None or then is None else compared(now, quarter.days, then, quarter.before.days)
    return replace(edition, comparison=found, transfers=queries.police_transfers(begin, end))


def _keep(publication: Publication) -> bool:
    """It is kept; one of the same quarter stays for the public and gives way for the committee. Returns whether this one is new."""
    with transaction():
        if publication.audience is Audience.COMMITTEE and queries.publications(
            Audience.COMMITTEE, [Quarter.of(publication.quarter)]
        ):
            queries.renew(publication)
            return True
        try:
            with db.session.begin_nested():
                db.session.add(publication)
        except IntegrityError:  # another worker was quicker
            return False
        return True


def _names() -> Names:
    """What rows are named after, in the order of the city's profile and of the plan."""
    order, fields = list(Kind), queries.fields_in_brief()
    in_order = sorted(queries.categories(), key=lambda category: (order.index(category.kind), category.position))
    sectors, actions = queries.sectors(), [(action, field) for field in fields for action in field.actions]
    return Names(
        tuple(sector.code for sector in sectors), {sector.id: sector.code for sector in sectors},
        {category.code: category.kind for category in in_order}, {category.id: category.code for category in in_order},
        (cube.OPEN, *(reason.value for reason in ClosingReason)),
        {action.code: field.code for action, field in actions}, {action.id: action.code for action, _field in actions},
    )  # fmt: skip
