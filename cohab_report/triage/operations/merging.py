"""Several observations of the same thing: joined by a resident who recognises it, or merged by the team. Their number raises nothing."""

from datetime import datetime

from sqlalchemy import select

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.catalogue.models import Priority
from cohab_report.db import db
from cohab_report.errors import MoveRefused
from cohab_report.intake import operations as intake
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Person
from cohab_report.triage import rules
from cohab_report.triage.models import Case, CaseObservation, CaseState, LinkState, Occupancy
from cohab_report.triage.operations import acts, links


def join(observation: Observation, case: Case, *, priority: Priority, at: datetime) -> None:
    """The observation belongs to a case that others opened, as protected as the stronger of the two; nobody may read it for that.

    Its number raises nothing and moves no deadline (guard rail 4), its own hazards do; a place that may be lived in is checked first
    (guard rail 1). Only where `rules.may_join` says so.
    """
    db.session.add(CaseObservation(case_id=case.id, observation_id=observation.id, joined_at=at))
    db.session.flush()
    db.session.expire(case, ["observations"])
    acts.hasten(case, priority, deadlines.due_at(priority, at))
    acts.protect(case, max(case.protection, observation.protection), at=at)
    if rules.occupancy_of(observation.belongings) is Occupancy.POSSIBLE:
        acts.doubt(case, at=at)
    acts.tell(case)
    facts = {"into": case.reference, **acts.changed(case, at=at)}
    journal.record(
        "observation.joined", thread=observation.reference, by=journal.RESIDENT, at=at, public=True, facts=facts
    )


def merge(case: Case, *, into: Case, by: Person, at: datetime) -> None:
    """The case's observations belong to `into`, as protected as the stronger of the two; its number raises nothing, its hazards do.

    What it was confirmed to count toward comes along. Raises MoveRefused (why: same, over, locked): a case where somebody may live is not
    folded into one that works hold.
    """
    acts.refuse_unless_with_triage(case, CaseState.MERGED.value)
    if case.id == into.id or not into.is_open:
        raise MoveRefused("case", into.state.value, CaseState.MERGED.value, "same" if case.id == into.id else "over")
    if case.works_are_locked and not into.works_are_locked:
        if not into.is_with_triage:
            raise MoveRefused("case", into.state.value, CaseState.MERGED.value, "locked")
        acts.doubt(into, at=at)
    for membership in db.session.scalars(select(CaseObservation).where(CaseObservation.case_id == case.id)).all():
        membership.case_id, membership.joined_at = into.id, at
    case.move_to(CaseState.MERGED)
    case.merged_into, case.claimed_by = into, None
    acts.hasten(into, case.priority, case.due_at)
    db.session.flush()
    db.session.expire(into, ["observations"])
    db.session.expire(case, ["observations"])
    acts.protect(into, max(into.protection, case.protection), at=at)
    _let_read(into, at)
    _bring_links(case, into, by=by, at=at)
    acts.record(case, "case.merged", by=by, at=at, public=True, facts={"into": into.reference})
    acts.record(into, "case.joined", by=by, at=at, facts={"from": case.reference})


def _bring_links(case: Case, into: Case, *, by: Person, at: datetime) -> None:
    """What the case was confirmed to count toward, the other counts toward too, unless somebody decided otherwise there."""
    decided = {known.action_id for known in into.links if known.state is not LinkState.SUGGESTED}
    for known in case.links if not into.is_out_of_plan else ():
        if known.state is LinkState.CONFIRMED and known.action_id not in decided:
            links.link(into, known.action, by=by, at=at)


def _let_read(case: Case, at: datetime) -> None:
    if case.accepted_at is not None:
        for observation in case.observations:
            intake.publish(observation, at=at)
    acts.tell(case)
