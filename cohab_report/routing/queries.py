"""Queries for rules and handovers; a partner's people read cases only through here."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from cohab_report.catalogue.models import Category
from cohab_report.db import db
from cohab_report.errors import NotFound
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Partner
from cohab_report.routing.models import STANDING_STATES, Handover, HandoverState, Rule
from cohab_report.triage.models import Case

ENDED_HANDOVERS_LIMIT = 20


def rules_in_force() -> Sequence[Rule]:
    """Returns the routing table in force, in the order in which rules are tried."""
    query = select(Rule).where(~Rule.is_retired).options(joinedload(Rule.partner)).order_by(Rule.position)
    return db.session.scalars(query).all()


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
        .options(joinedload(Handover.partner))
    )
    return db.session.scalars(query).one_or_none()


def handovers_of(case: Case) -> Sequence[Handover]:
    """Returns all handovers of this case, the newest first."""
    query = (
        select(Handover)
        .where(Handover.case_id == case.id)
        .options(joinedload(Handover.partner))
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
    handovers = db.session.scalars(query.order_by(Handover.offered_at)).all()
    return sorted(
        handovers,
        key=lambda handover: (handover.state is not HandoverState.OFFERED, handover.case.priority, handover.offered_at),
    )


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
    )
    handover = db.session.scalars(select(Handover).where(Handover.id == handover_id).options(*page_parts)).one_or_none()
    if handover is None or partner is None or handover.partner_id != partner.id:
        raise NotFound
    return handover


def latest_cases(limit: int = 200) -> Sequence[Case]:
    """Returns the latest cases, the newest first, on which a dry run tries the rules."""
    parts = (
        joinedload(Case.category),
        joinedload(Case.queue),
        joinedload(Case.place),
        joinedload(Case.sector),
        selectinload(Case.links),
    )
    return db.session.scalars(select(Case).options(*parts).order_by(Case.id.desc()).limit(limit)).all()
