"""Stores what two cases are before they are merged."""

from datetime import datetime

from sqlalchemy import select

from cohab_report.db import db
from cohab_report.intake.models import Observation
from cohab_report.partners.models import Person
from cohab_report.triage.merges.models import CaseBeforeMerge, LinkBeforeMerge, Merge, ObservationBeforeMerge
from cohab_report.triage.merges.rules import CASE_COLUMNS, LINK_COLUMNS, OBSERVATION_COLUMNS, columns_of
from cohab_report.triage.models import Case, CaseObservation


def store_merge(case: Case, into: Case, *, by: Person, at: datetime) -> Merge:
    """Stores a merge with both cases, their links and their observations as they are; call it before any change."""
    db.session.flush()
    merge = Merge(case_id=case.id, into_id=into.id, merged_by_id=by.id, merged_at=at, is_reconstructed=False)
    merge.cases = [CaseBeforeMerge(case_id=each.id, **columns_of(each, CASE_COLUMNS)) for each in (case, into)]
    merge.links = [
        LinkBeforeMerge(case_id=link.case_id, action_id=link.action_id, **columns_of(link, LINK_COLUMNS))
        for link in (*case.links, *into.links)
    ]
    merge.observations = [
        ObservationBeforeMerge(
            case_id=membership.case_id,
            observation_id=observation.id,
            joined_at=membership.joined_at,
            **columns_of(observation, OBSERVATION_COLUMNS),
        )
        for membership, observation in _observations_of(case, into)
    ]
    db.session.add(merge)
    return merge


def _observations_of(*cases: Case) -> list[tuple[CaseObservation, Observation]]:
    query = select(CaseObservation, Observation).join(Observation, Observation.id == CaseObservation.observation_id)
    rows = db.session.execute(query.where(CaseObservation.case_id.in_([case.id for case in cases])))
    return [(membership, observation) for membership, observation in rows]
