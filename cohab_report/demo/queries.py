"""Answers about the made-up rows, and about which partners the made-up people work for in whatever city is loaded."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from cohab_report.catalogue.models import AnsweredBy, Category
from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.intake.models import Channel, Observation, Status
from cohab_report.journal import Event
from cohab_report.notify.models import Delivery
from cohab_report.partners.models import Partner, Person
from cohab_report.partners.queries import partner_or_refuse
from cohab_report.routing.models import Handover, Rule, WhenOccupied
from cohab_report.territory import queries as territory
from cohab_report.triage.models import Case, CaseObservation, Link


def team_partner() -> Partner:
    """The triage team's own organisation; raises NotThere where the profile names none."""
    return partner_or_refuse(str(territory.ground().about.get("team", {}).get("partner", "")))


def works_partner() -> Partner:
    """The partner that does works and leads the most categories; raises NotThere where there is none."""
    led = (
        select(func.count())
        .where(Category.lead_id == Partner.id, Category.answered_by == AnsweredBy.FORM)
        .scalar_subquery()
    )
    query = select(Partner).where(Partner.does_works, ~Partner.is_retired).order_by(led.desc(), Partner.id).limit(1)
    return _one(db.session.scalars(query).first())


def outreach_partner() -> Partner:
    """The outreach partner that the first rule for possibly occupied places names; raises NotThere where there is none."""
    query = select(Partner).join(Rule, Rule.partner_id == Partner.id).where(Partner.does_outreach, ~Rule.is_retired)
    first = query.where(Rule.occupancy == WhenOccupied.POSSIBLE).order_by(Rule.position).limit(1)
    return _one(db.session.scalars(first).first())


def transfer_partner() -> Partner | None:
    """A partner that only receives by a person's transfer with a written reason, if the city has one."""
    query = select(Partner).where(Partner.is_transfer_only, ~Partner.is_retired).order_by(Partner.id).limit(1)
    return db.session.scalars(query).first()


def _one(partner: Partner | None) -> Partner:
    if partner is None:
        raise NotThere
    return partner


def demo_people() -> Sequence[Person]:
    """The made-up people."""
    return db.session.scalars(select(Person).where(Person.is_demo).order_by(Person.id)).all()


def is_a_trial() -> bool:
    """Whether made-up people may sign in."""
    return db.session.scalar(select(Person.id).where(Person.is_demo, Person.is_active).limit(1)) is not None


def demo_observations() -> int:
    """How many made-up observations there are."""
    query = select(func.count()).select_from(Observation).where(Observation.channel == Channel.DEMO)
    return db.session.scalar(query) or 0


def latest_told(status: Status) -> Observation | None:
    """The latest made-up observation whose resident reads this word."""
    query = select(Observation).where(Observation.channel == Channel.DEMO, Observation.status == status)
    return db.session.scalars(query.order_by(Observation.received_at.desc(), Observation.id.desc()).limit(1)).first()


@dataclass(frozen=True)
class Doomed:
    """What a reset deletes."""

    observations: frozenset[int]
    references: frozenset[str]
    cases: frozenset[int]


def doomed() -> Doomed:
    """The made-up observations, and the cases that hold, or held before a merge, nothing but those."""
    rows = db.session.execute(
        select(Observation.id, Observation.reference).where(Observation.channel == Channel.DEMO)
    ).all()
    observations, references = frozenset(row[0] for row in rows), frozenset(row[1] for row in rows)
    members = db.session.execute(select(CaseObservation.case_id, CaseObservation.observation_id)).all()
    holding_others = {case for case, observation in members if observation not in observations}
    cases = db.session.execute(select(Case.id, Case.reference)).all()
    theirs = {case for case, observation in members if observation in observations} | {
        case for case, name in cases if name in references
    }
    gone = theirs - holding_others
    kept = frozenset(name for case, name in cases if case in theirs - gone)
    return Doomed(observations, references - kept, frozenset(gone))


def erase(those: Doomed) -> None:
    """Those rows are gone, with everything that hangs on them: memberships, links, handovers, events and what was sent of them."""
    events = select(Event.id).where(Event.thread.in_(those.references))
    db.session.execute(update(Case).where(Case.merged_into_id.in_(those.cases)).values(merged_into_id=None))
    for wish in (
        delete(Delivery).where(Delivery.event_id.in_(events)),
        delete(Handover).where(Handover.case_id.in_(those.cases)),
        delete(Link).where(Link.case_id.in_(those.cases)),
        delete(CaseObservation).where(CaseObservation.observation_id.in_(those.observations)),
        delete(Case).where(Case.id.in_(those.cases)),
        delete(Event).where(Event.thread.in_(those.references)),
        delete(Observation).where(Observation.id.in_(those.observations)),
    ):
        db.session.execute(wish, execution_options={"synchronize_session": False})
