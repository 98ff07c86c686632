"""Answers about rules and handovers; a partner's people read cases only through here."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload, undefer
from sqlalchemy.sql.base import ExecutableOption

from cohab_report.catalogue.models import Category
from cohab_report.db import db
from cohab_report.errors import NotThere
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Partner
from cohab_report.routing.models import STANDING, Handover, HandoverState, Rule
from cohab_report.triage.models import Case

ENDED_SHOWN = 20


def rules() -> Sequence[Rule]:
    """The routing table in force, in the order in which it is asked."""
    query = select(Rule).where(~Rule.is_retired).options(joinedload(Rule.partner)).order_by(Rule.position)
    return db.session.scalars(query).all()


def refusals(case: Case) -> frozenset[int]:
    """The ids of partners that declined this case, let it lapse or gave it back."""
    ended = (HandoverState.DECLINED, HandoverState.GIVEN_BACK, HandoverState.EXPIRED)
    query = select(Handover.partner_id).where(
        Handover.case_id == case.id, Handover.state.in_(ended), Handover.answer != ""
    )
    return frozenset(db.session.scalars(query))


def standing(case: Case) -> Handover | None:
    """The handover of this case that has not ended, if there is one; there is never more than one."""
    query = (
        select(Handover)
        .where(Handover.case_id == case.id, Handover.state.in_(STANDING))
        .options(joinedload(Handover.partner))
    )
    return db.session.scalars(query).one_or_none()


def handovers_of(case: Case) -> Sequence[Handover]:
    """All handovers of this case, the newest first."""
    query = (
        select(Handover)
        .where(Handover.case_id == case.id)
        .options(joinedload(Handover.partner))
        .order_by(Handover.id.desc())
    )
    return db.session.scalars(query).all()


def _for_inbox() -> tuple[ExecutableOption, ...]:
    case = joinedload(Handover.case)
    one = tuple(case.joinedload(part) for part in (Case.category, Case.sector, Case.place))
    return (*one, case.selectinload(Case.observations), joinedload(Handover.partner))


def inbox(partner: Partner) -> Sequence[Handover]:
    """What waits for this partner or is in its hands: offers first, then the most pressing."""
    query = (
        select(Handover).where(Handover.partner_id == partner.id, Handover.state.in_(STANDING)).options(*_for_inbox())
    )
    found = db.session.scalars(query.order_by(Handover.offered_at)).all()
    return sorted(
        found,
        key=lambda handover: (handover.state is not HandoverState.OFFERED, handover.case.priority, handover.offered_at),
    )


def ended_lately(partner: Partner, *, limit: int = ENDED_SHOWN) -> Sequence[Handover]:
    """What this partner finished, declined or gave back, the latest first."""
    query = (
        select(Handover)
        .where(Handover.partner_id == partner.id, Handover.state.not_in(STANDING))
        .options(*_for_inbox())
    )
    return db.session.scalars(query.order_by(Handover.ended_at.desc()).limit(limit)).all()


def handover_or_refuse(handover_id: int, partner: Partner | None) -> Handover:
    """The handover of this number, if it was made to this partner; raises NotThere for everybody else, as if there were none."""
    case = joinedload(Handover.case)
    whole = (
        case.selectinload(Case.observations).options(undefer(Observation.point)),
        case.joinedload(Case.category).selectinload(Category.questions),
        case.joinedload(Case.sector), case.joinedload(Case.place), case.joinedload(Case.queue), case.selectinload(Case.links),
        joinedload(Handover.partner), joinedload(Handover.offered_by),
    )  # fmt: skip
    handover = db.session.scalars(select(Handover).where(Handover.id == handover_id).options(*whole)).one_or_none()
    if handover is None or partner is None or handover.partner_id != partner.id:
        raise NotThere
    return handover


def latest_cases(limit: int = 200) -> Sequence[Case]:
    """The latest cases, on which rules are tried out before they are in force."""
    parts = (
        joinedload(Case.category),
        joinedload(Case.queue),
        joinedload(Case.place),
        joinedload(Case.sector),
        selectinload(Case.links),
    )
    return db.session.scalars(select(Case).options(*parts).order_by(Case.id.desc()).limit(limit)).all()
