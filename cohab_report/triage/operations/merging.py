"""Operations for several observations of the same thing: joined by a resident, or merged by the team.

The number of observations raises neither priority nor protection.
"""

from datetime import datetime

from sqlalchemy import select

from cohab_report import journal
from cohab_report.catalogue import deadlines
from cohab_report.catalogue.models import Priority
from cohab_report.db import db
from cohab_report.errors import Invalid
from cohab_report.intake.events import ObservationJoined
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Person
from cohab_report.triage import rules
from cohab_report.triage.events import CaseJoined, CaseMerged
from cohab_report.triage.merges.operations import store_merge
from cohab_report.triage.models import Case, CaseObservation, CaseState, LinkState, Occupancy
from cohab_report.triage.operations import acts, links


def join(observation: Observation, case: Case, *, priority: Priority, at: datetime) -> None:
    """Adds an observation to a case that others opened, with the stronger protection of the two.

    Nothing of it is public: the case is already. Its number raises nothing and moves no deadline (guard rail
    4), its own hazards do; a place that may be lived in is checked first (guard rail 1). Call it only where
    `rules.may_join` allows.
    """
    db.session.add(CaseObservation(case_id=case.id, observation_id=observation.id, joined_at=at))
    db.session.flush()
    db.session.expire(case, ["observations"])
    acts.raise_priority(case, priority, deadlines.due_at(priority, at))
    acts.protect_case(case, max(case.protection, observation.protection), at=at)
    if rules.occupancy_from_answer(observation.belongings) is Occupancy.POSSIBLE:
        acts.require_occupancy_check(case, at=at)
    acts.set_case_public_status(case)
    version = acts.write_new_version(case, at=at)
    event = ObservationJoined(thread=observation.reference, into=case.reference, case=case.id, version=version)
    journal.record(event, by=journal.RESIDENT, at=at)


def merge(case: Case, *, into: Case, by: Person, at: datetime) -> None:
    """Moves the case's observations into `into`, with the stronger protection of the two.

    Their number raises nothing, their hazards do; of both deadlines the sooner is kept, and confirmed links come along.
    What both were is stored as a `Merge`. Raises MoveRefused (why: held, over) where the case can't be merged, and
    Invalid("into", …) with the code of `rules.merge_refusal` where it can't be merged into that one.
    """
    acts.refuse_unless_with_triage(case, CaseState.MERGED.value)
    refusal = rules.merge_refusal(case, into)
    if refusal is not None:
        raise Invalid("into", refusal)
    store_merge(case, into, by=by, at=at)
    if case.works_are_locked:
        _doubt_as_well(into, at)
    for membership in db.session.scalars(select(CaseObservation).where(CaseObservation.case_id == case.id)).all():
        membership.case_id, membership.joined_at = into.id, at
    case.move_to(CaseState.MERGED)
    case.merged_into, case.claimed_by = into, None
    into.priority = min(into.priority, case.priority)
    # Whoever was promised the sooner day may still count on it.
    acts.move_deadline_forward(into, case.due_at)
    db.session.flush()
    db.session.expire(into, ["observations"])
    db.session.expire(case, ["observations"])
    acts.protect_case(into, max(into.protection, case.protection), at=at)
    acts.set_case_public_status(into)
    _move_confirmed_links(case, into, by=by, at=at)
    _record_merge(case, into, by=by, at=at)


def _record_merge(case: Case, into: Case, *, by: Person, at: datetime) -> None:
    for changed in (case, into):
        acts.write_new_version(changed, at=at)
    merged = CaseMerged(thread=case.reference, case=case.id, version=case.version, into=into.reference)
    journal.record(merged, by=by, at=at)
    joined = CaseJoined(thread=into.reference, case=into.id, version=into.version, from_=case.reference)
    journal.record(joined, by=by, at=at)


def _doubt_as_well(into: Case, at: datetime) -> None:
    """Locks `into` as the case was, or asks for another visit: what was seen at one place says nothing of the other."""
    if into.works_are_locked:
        into.occupancy = Occupancy.POSSIBLE
        acts.doubt_occupancy(into, at=at)
    else:
        acts.require_occupancy_check(into, at=at)


def _move_confirmed_links(case: Case, into: Case, *, by: Person, at: datetime) -> None:
    """Confirms on `into` what the case was confirmed to count toward, unless somebody decided otherwise there."""
    decided_action_ids = {link.action_id for link in into.links if link.state is not LinkState.SUGGESTED}
    for link in case.links if not into.is_out_of_plan else ():
        if link.state is LinkState.CONFIRMED and link.action_id not in decided_action_ids:
            links.confirm_link(into, link.action, by=by, at=at)
