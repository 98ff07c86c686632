"""Queries for rules and handovers; a partner's people read cases only through here."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, text
from sqlalchemy.orm import joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from cohab_report.catalogue.models import AnsweredBy, Category, Priority
from cohab_report.db import db
from cohab_report.errors import NotFound
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Partner, Purpose
from cohab_report.routing.models import STANDING_STATES, Handover, HandoverState, LegalGround, Rule, RuleOrigin
from cohab_report.routing.rule_table import RuleTable, TableCategory, TablePartner, TableRule
from cohab_report.territory.models import Place, Sector
from cohab_report.triage.models import Case
from cohab_report.triage.waiting.models import Queue, QueueKind

ENDED_HANDOVERS_LIMIT = 20


def rules_in_force() -> Sequence[Rule]:
    """Returns the routing table in force, in the order in which rules are tried."""
    query = select(Rule).where(~Rule.is_retired).options(joinedload(Rule.partner)).order_by(Rule.position, Rule.code)
    return db.session.scalars(query).all()


def lock_rules() -> None:
    """Makes everybody else who would change the rules wait until this transaction ends.

    Each change is weighed against the whole table: two that are sound one by one may break a promise together. SQLite
    has one writer at a time anyway; on PostgreSQL readers don't wait.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("LOCK TABLE rule IN SHARE ROW EXCLUSIVE MODE"))


def rule_by_code(code: str) -> Rule | None:
    """Returns the rule with this code, a retired one too, read anew; or None."""
    query = select(Rule).where(Rule.code == code).execution_options(populate_existing=True)
    return db.session.scalars(query).one_or_none()


def rules_of_people() -> Sequence[Rule]:
    """Returns the rules that a person added or edited, retired ones too, in the order in which rules are tried."""
    is_of_people = or_(Rule.origin == RuleOrigin.PERSON, Rule.edited_at.is_not(None))
    query = select(Rule).where(is_of_people).options(joinedload(Rule.partner)).order_by(Rule.position, Rule.code)
    return db.session.scalars(query).all()


def rule_table() -> RuleTable:
    """Returns the rules in force with what of the city they are about, for the promises that they must keep."""
    forms = select(Category).where(~Category.is_retired, Category.answered_by == AnsweredBy.FORM)
    return RuleTable(
        rules=[table_rule(rule) for rule in rules_in_force()],
        partners={partner.code: _table_partner(partner) for partner in db.session.scalars(select(Partner))},
        categories=[_table_category(category) for category in db.session.scalars(forms)],
        occupancy_queues=_queue_codes(QueueKind.OCCUPANCY),
        quarantine_queues=_queue_codes(QueueKind.QUARANTINE),
        places=frozenset(db.session.scalars(select(Place.code).where(~Place.is_retired))),
        sectors=frozenset(db.session.scalars(select(Sector.code).where(~Sector.is_retired))),
    )


def table_rule(rule: Rule) -> TableRule:
    """Returns the plain facts of a rule."""
    conditions = rule.categories, rule.queues, rule.places, rule.sectors, rule.occupancy, rule.hours
    return TableRule(rule.code, rule.position, *conditions, rule.partner.code)


def _table_partner(partner: Partner) -> TablePartner:
    purposes = frozenset(purpose for purpose in Purpose if partner.serves(purpose))
    return TablePartner(partner.code, purposes, partner.is_transfer_only, partner.does_outreach, partner.is_retired)


def _table_category(category: Category) -> TableCategory:
    may_lock_works = category.asks_belongings or category.locks_works
    return TableCategory(category.code, category.queue_code, category.purpose, may_lock_works)


def _queue_codes(kind: QueueKind) -> frozenset[str]:
    return frozenset(db.session.scalars(select(Queue.code).where(Queue.kind == kind, ~Queue.is_retired)))


def legal_grounds() -> Sequence[LegalGround]:
    """Returns the grounds in law for a transfer to the police that are in force, in the profile's order."""
    query = select(LegalGround).where(~LegalGround.is_retired).options(joinedload(LegalGround.source))
    return db.session.scalars(query.order_by(LegalGround.position)).all()


def legal_ground_or_refuse(code: str) -> LegalGround:
    """Returns the ground in law with this code that is in force; raises NotFound."""
    query = select(LegalGround).where(LegalGround.code == code, ~LegalGround.is_retired)
    ground = db.session.scalars(query.options(joinedload(LegalGround.source))).one_or_none()
    if ground is None:
        raise NotFound
    return ground


def police_partners() -> Sequence[Partner]:
    """Returns the partners in force that only a person's transfer on a ground in law reaches, by French name."""
    query = select(Partner).where(Partner.is_transfer_only, ~Partner.is_retired)
    return db.session.scalars(query.order_by(Partner.name_fr)).all()


def refusing_partner_ids(case: Case) -> frozenset[int]:
    """Returns the ids of partners that declined this case, let it lapse or gave it back.

    A refusal has an answer. A lapsed handover has none, nor have those that triage took back or stopped.
    """
    refused = Handover.state.in_((HandoverState.DECLINED, HandoverState.GIVEN_BACK)) & (Handover.answer != "")
    query = select(Handover.partner_id).where(
        Handover.case_id == case.id, refused | (Handover.state == HandoverState.EXPIRED)
    )
    return frozenset(db.session.scalars(query))


def standing_handover(case: Case) -> Handover | None:
    """Returns the handover of this case that has not ended, or None; there is never more than one."""
    query = (
        select(Handover)
        .where(Handover.case_id == case.id, Handover.state.in_(STANDING_STATES))
        .options(joinedload(Handover.partner), joinedload(Handover.legal_ground))
    )
    return db.session.scalars(query).one_or_none()


def handovers_of(case: Case) -> Sequence[Handover]:
    """Returns all handovers of this case, the newest first."""
    query = (
        select(Handover)
        .where(Handover.case_id == case.id)
        .options(joinedload(Handover.partner), joinedload(Handover.legal_ground))
        .order_by(Handover.id.desc())
    )
    return db.session.scalars(query).all()


def _row_loading_options() -> tuple[ExecutableOption, ...]:
    case = joinedload(Handover.case)
    case_parts = tuple(case.joinedload(part) for part in (Case.category, Case.sector, Case.place))
    return (*case_parts, case.selectinload(Case.observations), joinedload(Handover.partner))


def standing_handovers(partner: Partner) -> Sequence[Handover]:
    """Returns the partner's handovers that have not ended: offers first, then the most pressing."""
    query = (
        select(Handover)
        .where(Handover.partner_id == partner.id, Handover.state.in_(STANDING_STATES))
        .options(*_row_loading_options())
    )
    return sorted(db.session.scalars(query), key=_urgency)


def _urgency(handover: Handover) -> tuple[bool, Priority, datetime, int]:
    return handover.state is not HandoverState.OFFERED, handover.case.priority, handover.offered_at, handover.id


def ended_handovers(partner: Partner, *, limit: int = ENDED_HANDOVERS_LIMIT) -> Sequence[Handover]:
    """Returns the handovers that this partner finished, declined or gave back, the latest first."""
    query = (
        select(Handover)
        .where(Handover.partner_id == partner.id, Handover.state.not_in(STANDING_STATES))
        .options(*_row_loading_options())
    )
    return db.session.scalars(query.order_by(Handover.ended_at.desc()).limit(limit)).all()


def handover_or_refuse(handover_id: int, partner: Partner | None) -> Handover:
    """Returns the handover with this id if it was made to this partner; raises NotFound for everybody else."""
    case = joinedload(Handover.case)
    page_parts = (
        case.selectinload(Case.observations).options(undefer(Observation.point)),
        case.joinedload(Case.category).selectinload(Category.questions),
        case.joinedload(Case.sector),
        case.joinedload(Case.place),
        case.joinedload(Case.queue),
        case.selectinload(Case.links),
        joinedload(Handover.partner),
        joinedload(Handover.offered_by),
        joinedload(Handover.legal_ground).joinedload(LegalGround.source),
    )
    handover = db.session.scalars(select(Handover).where(Handover.id == handover_id).options(*page_parts)).one_or_none()
    if handover is None or partner is None or handover.partner_id != partner.id:
        raise NotFound
    return handover


def latest_cases(limit: int) -> Sequence[Case]:
    """Returns the latest cases, the newest first, on which a dry run tries the rules."""
    parts = (
        joinedload(Case.category),
        joinedload(Case.queue),
        joinedload(Case.place),
        joinedload(Case.sector),
        selectinload(Case.links),
    )
    return db.session.scalars(select(Case).options(*parts).order_by(Case.id.desc()).limit(limit)).all()
