"""Raises the protection of cases near a protected site whose block was drawn after they had been opened."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload, undefer

from cohab_report import journal
from cohab_report.catalogue.models import Protection
from cohab_report.db import db
from cohab_report.intake.models import Observation
from cohab_report.triage.events import CaseProtected
from cohab_report.triage.models import Case, CaseObservation
from cohab_report.triage.operations.acts import protect_case

BATCH = 200


def protect_cases_in_cells(cells: Collection[int], *, at: datetime) -> int:
    """Raises cases with an observation in these cells, and all observations of theirs, to a public cell at least.

    Each of them has an event and a new version. Returns how many they are; what is more protected already stays as it
    is.
    """
    query = (
        select(Case.id)
        .distinct()
        .join(CaseObservation)
        .join(Observation)
        .where(Case.protection < Protection.PUBLIC_CELL, Observation.public_cell.in_(cells))
    )
    case_ids = db.session.scalars(query.order_by(Case.id)).all()
    for start in range(0, len(case_ids), BATCH):
        batch = select(Case).where(Case.id.in_(case_ids[start : start + BATCH]))
        loaded = batch.options(selectinload(Case.observations).options(undefer(Observation.point)))
        for case in db.session.scalars(loaded):
            protect_case(case, Protection.PUBLIC_CELL, at=at)
            # The flush writes the version. `changed_at` stays, since nobody of the team has looked at the case.
            db.session.flush()
            event = CaseProtected(thread=case.reference, case=case.id, version=case.version)
            journal.record(event, by=journal.SYSTEM, at=at)
    return len(case_ids)
