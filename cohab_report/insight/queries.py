"""Answers for figures: what is published, the monthly cube that it is made of, and the counts that the cube is made of.

What counts: observations received, by the month of their receipt in the city's zone. Withdrawn ones don't, nor what still waits in
quarantine or was closed from there. Observations merged into one case each count; the case counts once, in the month it was opened. Kind
and category are triage's judgement (the case's), the sector is the observation's, and nothing finer than a sector is ever read.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from cohab_report.catalogue.models import Category, Kind
from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.insight.models import ActionTally, Audience, Publication, Tally
from cohab_report.insight.quarters import Quarter
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Partner
from cohab_report.plan.models import Action, Field
from cohab_report.routing.models import Handover
from cohab_report.territory.models import Sector
from cohab_report.triage.models import Case, CaseObservation, CaseState, Link, LinkState, Queue, QueueKind

OPEN = "open"
CellKey = tuple[Kind, int, int, str, bool]
"""Kind, category, sector, outcome, out of plan."""
ActionKey = tuple[int, Kind]


@dataclass(frozen=True)
class Counted:
    """One cell of the monthly cube."""

    month: date
    kind: Kind
    category_id: int
    sector_id: int
    outcome: str
    is_out_of_plan: bool
    observations: int
    cases: int


@dataclass(frozen=True)
class CountedLink:
    """How many observations of one kind count toward one action in the quarter."""

    action_id: int
    kind: Kind
    observations: int


@dataclass(frozen=True)
class LinkCell:
    """One cell of the monthly cube of links."""

    month: date
    action_id: int
    kind: Kind
    observations: int
    cases: int


def publications(audience: Audience, quarters: Iterable[Quarter]) -> dict[Quarter, Publication]:
    """What this audience reads of these quarters, as far as it is there."""
    days = [quarter.first_day for quarter in quarters]
    query = select(Publication).where(Publication.audience == audience, Publication.quarter.in_(days))
    return {Quarter.of(found.quarter): found for found in db.session.scalars(query)}


def latest_publication(audience: Audience) -> Publication | None:
    """What this audience reads of the latest quarter that it may read, or None."""
    query = select(Publication).where(Publication.audience == audience).order_by(Publication.quarter.desc()).limit(1)
    return db.session.scalars(query).one_or_none()


def published_quarters(audience: Audience) -> Sequence[Quarter]:
    """The quarters that this audience reads, the latest first."""
    query = select(Publication.quarter).where(Publication.audience == audience).order_by(Publication.quarter.desc())
    return [Quarter.of(day) for day in db.session.scalars(query)]


def quarters_counted() -> dict[Quarter, datetime]:
    """When each quarter in which something was counted was counted last, the earliest quarter first."""
    counted: dict[Quarter, datetime] = {}
    for month, at in db.session.execute(select(Tally.month, func.max(Tally.counted_at)).group_by(Tally.month).order_by(Tally.month)):
        counted[Quarter.of(month)] = max(at, counted.get(Quarter.of(month), at))
    return counted


def counted(first: date, end: date) -> Sequence[Counted]:
    """The cells of the cube from one month to another, the end excluded."""
    query = select(
        Tally.month, Tally.kind, Tally.category_id, Tally.sector_id, Tally.outcome, Tally.is_out_of_plan, Tally.observations, Tally.cases
    ).where(Tally.month >= first, Tally.month < end)  # fmt: skip
    return [Counted(*row) for row in db.session.execute(query)]


def link_cells(first: date, end: date) -> Sequence[LinkCell]:
    """The cells of the cube of links from one month to another, the end excluded."""
    query = select(ActionTally.month, ActionTally.action_id, ActionTally.kind, ActionTally.observations, ActionTally.cases)
    return [LinkCell(*row) for row in db.session.execute(query.where(ActionTally.month >= first, ActionTally.month < end))]


def counted_links(quarter: Quarter) -> Sequence[CountedLink]:
    """How many observations count toward each action in the quarter, by kind."""
    query = (
        select(ActionTally.action_id, ActionTally.kind, func.sum(ActionTally.observations))
        .where(ActionTally.month >= quarter.first_day, ActionTally.month < quarter.next.first_day)
        .group_by(ActionTally.action_id, ActionTally.kind)
    )
    return [CountedLink(action, kind, int(count)) for action, kind, count in db.session.execute(query)]


def police_transfers(begin: datetime, end: datetime) -> int:
    """How many cases were offered to a partner that only a written human transfer reaches, between two instants.

    Told exactly, even when few: it counts acts of the team, for the whole city, and stands beside no category, place or day.
    """
    query = select(func.count(Handover.id)).join(Partner, Partner.id == Handover.partner_id)
    return db.session.scalar(query.where(Partner.is_transfer_only, Handover.offered_at >= begin, Handover.offered_at < end)) or 0


def sectors() -> Sequence[Sector]:
    """The sectors, by name; a retired one too, for what was received there."""
    return db.session.scalars(select(Sector).order_by(Sector.name_fr)).all()


def categories() -> Sequence[Category]:
    """The categories in the profile's order; a retired one too, for what was received of it."""
    return db.session.scalars(select(Category).order_by(Category.kind, Category.position)).all()


def fields() -> Sequence[Field]:
    """The plan's fields with their actions, partners, sources and milestones, in the plan's order."""
    action = selectinload(Field.actions.and_(~Action.is_retired))
    parts = (joinedload(Action.lead), selectinload(Action.support), selectinload(Action.sources), selectinload(Action.milestones))
    return db.session.scalars(select(Field).where(~Field.is_retired).order_by(Field.position).options(action.options(*parts))).all()


def fields_ever() -> Sequence[Field]:
    """The plan's fields with the codes and titles of their actions; retired ones too, for what was published of them."""
    return db.session.scalars(select(Field).order_by(Field.position).options(selectinload(Field.actions))).all()


def fields_in_brief() -> Sequence[Field]:
    """The plan's fields with the codes and titles of their actions, in the plan's order."""
    query = select(Field).where(~Field.is_retired).order_by(Field.position)
    return db.session.scalars(query.options(selectinload(Field.actions.and_(~Action.is_retired)))).all()


def action_or_refuse(code: str) -> Action:
    """The action of this code with all that its page shows; raises NotThere."""
    query = select(Action).join(Field, Field.id == Action.field_id).where(Action.code == code, ~Action.is_retired, ~Field.is_retired)
    parts = (joinedload(Action.lead), selectinload(Action.support), selectinload(Action.sources), selectinload(Action.milestones))
    action = db.session.scalars(query.options(contains_eager(Action.field), *parts)).one_or_none()
    if action is None:
        raise NotThere
    return action


def first_received_at() -> datetime | None:
    """When the first observation was received, or None when none was."""
    return db.session.scalar(select(func.min(Observation.received_at)))


def observations_between(begin: datetime, end: datetime) -> Counter[CellKey]:
    """How many observations that count were received between two instants, by cell of the cube."""
    columns = (Case.kind, Case.category_id, Observation.sector_id, Case.state, Case.closing_reason, Case.is_out_of_plan)
    query = (
        select(*columns, func.count().label("count"))
        .select_from(Observation)
        .join(CaseObservation, CaseObservation.observation_id == Observation.id)
        .join(Case, Case.id == CaseObservation.case_id)
        .join(Queue, Queue.id == Case.queue_id)
        .where(Observation.received_at >= begin, Observation.received_at < end, Observation.withdrawn_at.is_(None))
        .where(Queue.kind != QueueKind.QUARANTINE)
        .group_by(*columns)
    )
    return _by_outcome(db.session.execute(query))


def cases_between(begin: datetime, end: datetime) -> Counter[CellKey]:
    """How many cases that count were opened between two instants, by cell of the cube; merged ones live on in another."""
    stands = exists().where(
        CaseObservation.case_id == Case.id, Observation.id == CaseObservation.observation_id, Observation.withdrawn_at.is_(None)
    )
    columns = (Case.kind, Case.category_id, Case.sector_id, Case.state, Case.closing_reason, Case.is_out_of_plan)
    query = (
        select(*columns, func.count().label("count"))
        .select_from(Case)
        .join(Queue, Queue.id == Case.queue_id)
        .where(Case.opened_at >= begin, Case.opened_at < end, Case.state != CaseState.MERGED, Queue.kind != QueueKind.QUARANTINE, stands)
        .group_by(*columns)
    )
    return _by_outcome(db.session.execute(query))


def links_between(begin: datetime, end: datetime) -> dict[ActionKey, tuple[int, int]]:
    """How many observations received between two instants, and in how many cases, count toward each action: confirmed links only."""
    query = (
        select(Link.action_id, Case.kind, func.count(), func.count(Case.id.distinct()))
        .select_from(Observation)
        .join(CaseObservation, CaseObservation.observation_id == Observation.id)
        .join(Case, Case.id == CaseObservation.case_id)
        .join(Queue, Queue.id == Case.queue_id)
        .join(Link, Link.case_id == Case.id)
        .where(Observation.received_at >= begin, Observation.received_at < end, Observation.withdrawn_at.is_(None))
        .where(Queue.kind != QueueKind.QUARANTINE, Link.state == LinkState.CONFIRMED)
        .group_by(Link.action_id, Case.kind)
    )
    return {(action, kind): (observations, cases) for action, kind, observations, cases in db.session.execute(query)}


def forget_counts(first: date, end: date) -> None:
    """The cube is empty from one month to another, until it is counted again in the same transaction."""
    for table in (Tally, ActionTally):
        db.session.execute(delete(table).where(table.month >= first, table.month < end))


def forget_counts_outside(first: date, end: date) -> None:
    """The cube is empty but from one month to another, the end excluded."""
    for table in (Tally, ActionTally):
        db.session.execute(delete(table).where(or_(table.month < first, table.month >= end)))


def stamp_counts(quarter: Quarter, at: datetime) -> None:
    """The quarter was counted anew and is the same: its cells, and what the committee reads of just these, count until now."""
    before = quarters_counted().get(quarter)
    kept = update(Publication).where(Publication.audience == Audience.COMMITTEE, Publication.quarter == quarter.first_day)
    db.session.execute(kept.where(Publication.counted_at == before).values(counted_at=at))
    for table in (Tally, ActionTally):
        cells = update(table).where(table.month >= quarter.first_day, table.month < quarter.next.first_day)
        db.session.execute(cells.values(counted_at=at))


def forget_publications() -> None:
    """Nothing is published, for any audience, until it is published again."""
    db.session.execute(delete(Publication))


def forget_committees(standing: Iterable[Quarter]) -> None:
    """The committee reads nothing of other quarters than these: nothing counts in them any more."""
    days = [quarter.first_day for quarter in standing]
    db.session.execute(delete(Publication).where(Publication.audience == Audience.COMMITTEE, Publication.quarter.not_in(days)))


def renew(publication: Publication) -> None:
    """The audience reads this instead of what was made of an earlier count; a later one stays."""
    query = update(Publication).where(Publication.audience == publication.audience, Publication.quarter == publication.quarter)
    db.session.execute(
        query.where(Publication.counted_at <= publication.counted_at).values(
            made_at=publication.made_at, counted_at=publication.counted_at, content=publication.content
        )
    )


def _by_outcome(rows: Iterable[Any]) -> Counter[CellKey]:
    """Counts by the reason of closing for closed cases, by `open` for all others."""
    counts: Counter[CellKey] = Counter()
    for kind, category, sector, state, reason, apart, count in rows:
        outcome = str(reason) if state is CaseState.CLOSED and reason else OPEN
        counts[kind, category, sector, outcome, apart] += count
    return counts
