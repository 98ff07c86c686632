"""Queries on demo rows, and on the partners that demo people work for in the loaded city."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from cohab_report.catalogue.models import AnsweredBy, Category
from cohab_report.db import db
from cohab_report.errors import NotFound
from cohab_report.intake.models import Channel, Observation, Status
from cohab_report.journal import Event
from cohab_report.notify.models import Delivery
from cohab_report.partners.models import Partner, Person
from cohab_report.partners.queries import partner_or_refuse
from cohab_report.routing.models import Handover, Rule, RuleOccupancy
from cohab_report.territory import queries as territory
from cohab_report.triage.models import Case, CaseObservation, Link


def team_partner() -> Partner:
    """Returns the triage team's own partner; raises NotFound if the profile names none."""
    return partner_or_refuse(str(territory.city_facts().about.get("team", {}).get("partner", "")))


def works_partner() -> Partner:
    """Returns the partner that does works and leads the most categories; raises NotFound if there is none."""
    led_categories = (
        select(func.count())
        .where(Category.lead_id == Partner.id, Category.answered_by == AnsweredBy.FORM)
        .scalar_subquery()
    )
    query = (
        select(Partner)
        .where(Partner.does_works, ~Partner.is_retired)
        .order_by(led_categories.desc(), Partner.id)
        .limit(1)
    )
    return _partner_or_refuse(db.session.scalars(query).first())


def outreach_partner() -> Partner:
    """Returns the outreach partner of the first rule for possibly occupied places; raises NotFound if there is none."""
    query = select(Partner).join(Rule, Rule.partner_id == Partner.id).where(Partner.does_outreach, ~Rule.is_retired)
    first = query.where(Rule.occupancy == RuleOccupancy.POSSIBLE).order_by(Rule.position).limit(1)
    return _partner_or_refuse(db.session.scalars(first).first())


def _partner_or_refuse(partner: Partner | None) -> Partner:
    if partner is None:
        raise NotFound
    return partner


def demo_people() -> Sequence[Person]:
    """Returns the demo accounts, closed ones included."""
    return db.session.scalars(select(Person).where(Person.is_demo).order_by(Person.id)).all()


def has_active_demo_people() -> bool:
    """Returns whether a demo account is open."""
    return db.session.scalar(select(Person.id).where(Person.is_demo, Person.is_active).limit(1)) is not None


def holds_real_data() -> bool:
    """Returns whether the database may be a city's own: no demo account is open, and somebody else has an account, or
    there are observations where no demo ever was.
    """
    if has_active_demo_people():
        return False
    if db.session.scalar(select(Person.id).where(~Person.is_demo).limit(1)) is not None:
        return True
    return not demo_people() and db.session.scalar(select(Observation.id).limit(1)) is not None


def demo_observations() -> int:
    """Counts the demo observations."""
    query = select(func.count()).select_from(Observation).where(Observation.channel == Channel.DEMO)
    return db.session.scalar(query) or 0


def latest_with_status(status: Status) -> Observation | None:
    """Returns the latest demo observation with this public status, or None."""
    query = select(Observation).where(Observation.channel == Channel.DEMO, Observation.status == status)
    return db.session.scalars(query.order_by(Observation.received_at.desc(), Observation.id.desc()).limit(1)).first()


@dataclass(frozen=True)
class DemoRows:
    """Ids and references of the rows that a reset deletes."""

    observations: frozenset[int]
    references: frozenset[str]
    cases: frozenset[int]


def demo_rows() -> DemoRows:
    """Returns the demo observations, and the cases that hold, or held before a merge, only such."""
    rows = db.session.execute(
        select(Observation.id, Observation.reference).where(Observation.channel == Channel.DEMO)
    ).all()
    observations, references = frozenset(row[0] for row in rows), frozenset(row[1] for row in rows)
    members = db.session.execute(select(CaseObservation.case_id, CaseObservation.observation_id)).all()
    mixed_cases = {case for case, observation in members if observation not in observations}
    cases = db.session.execute(select(Case.id, Case.reference)).all()
    demo_cases = {case for case, observation in members if observation in observations} | {
        case for case, name in cases if name in references
    }
    deletable_cases = demo_cases - mixed_cases
    remaining_references = frozenset(name for case, name in cases if case in demo_cases - deletable_cases)
    return DemoRows(observations, references - remaining_references, frozenset(deletable_cases))


def delete_rows(rows: DemoRows) -> None:
    """Deletes these rows with their memberships, links, handovers, events and deliveries."""
    events = select(Event.id).where(Event.thread.in_(rows.references))
    db.session.execute(update(Case).where(Case.merged_into_id.in_(rows.cases)).values(merged_into_id=None))
    for statement in (
        delete(Delivery).where(Delivery.event_id.in_(events)),
        delete(Handover).where(Handover.case_id.in_(rows.cases)),
        delete(Link).where(Link.case_id.in_(rows.cases)),
        delete(CaseObservation).where(CaseObservation.observation_id.in_(rows.observations)),
        delete(Case).where(Case.id.in_(rows.cases)),
        delete(Event).where(Event.thread.in_(rows.references)),
        delete(Observation).where(Observation.id.in_(rows.observations)),
    ):
        db.session.execute(statement, execution_options={"synchronize_session": False})
