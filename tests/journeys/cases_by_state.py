"""Cases in each state of their life, brought there by the acts of the team, a partner and an author."""

from collections.abc import Callable, Mapping

from sqlalchemy import select

from cohab_report.clock import now
from cohab_report.db import db
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Belongings
from cohab_report.partners.models import Partner
from cohab_report.routing import operations as routing
from cohab_report.triage import operations as triage
from cohab_report.triage.models import Case, CaseState, ClosingReason
from tests import factories
from tests.cast import Cast


def partner(code: str) -> Partner:
    return db.session.scalars(select(Partner).where(Partner.code == code)).one()


def accepted(cast: Cast) -> Case:
    return factories.accepted_case(cast.ana, at=now())


def offered(cast: Cast) -> Case:
    case = accepted(cast)
    routing.hand_over(case, partner("VOIRIE"), by=cast.ana, at=now())
    return case


def started(cast: Cast) -> Case:
    handover = routing.hand_over(accepted(cast), partner("VOIRIE"), by=cast.ana, at=now())
    routing.accept_handover(handover, by=cast.lin, at=now())
    routing.start_handover(handover, by=cast.lin, at=now())
    return handover.case


def closed(cast: Cast) -> Case:
    case = accepted(cast)
    triage.close(case, ClosingReason.DONE, by=cast.ana, at=now())
    db.session.flush()
    return case


def merged(cast: Cast) -> Case:
    case = accepted(cast)
    triage.merge(case, into=accepted(cast), by=cast.ana, at=now())
    return case


def asked_to_look_again(cast: Cast) -> Case:
    case = closed(cast)
    intake.request_reopening(case.observations[0], at=now())
    return case


CASES: Mapping[CaseState, Callable[[Cast], Case]] = {
    CaseState.NEW: lambda cast: factories.case(at=now()),
    CaseState.OCCUPANCY_CHECK: lambda cast: factories.case(at=now(), belongings=Belongings.YES),
    CaseState.ACCEPTED: accepted,
    CaseState.HANDED_OVER: offered,
    CaseState.IN_PROGRESS: started,
    CaseState.CLOSED: closed,
    CaseState.MERGED: merged,
    CaseState.REOPEN_REQUESTED: asked_to_look_again,
}
