"""Marks observations that are near a protected site since its block was drawn after they had been received."""

from sqlalchemy import select, update
from sqlalchemy.orm import undefer

from cohab_report.catalogue.models import Protection
from cohab_report.db import db, updated_rows
from cohab_report.intake.models import Observation
from cohab_report.territory.queries import CityFacts

BATCH = 500


def mark_near_protected(city: CityFacts) -> int:
    """Marks all observations in protected cells as near a protected site; returns of how many this is new.

    What is never public has no public cell: its exact point decides. Protection is raised with the case, downstream.
    """
    unmarked = ~Observation.is_near_protected
    marked = updated_rows(
        update(Observation)
        .where(unmarked, Observation.public_cell.in_(city.protected_cells))
        .values(is_near_protected=True)
    )
    hidden = select(Observation).where(unmarked, Observation.protection == Protection.NEVER_PUBLIC)
    with_point = hidden.where(Observation.point.is_not(None)).options(undefer(Observation.point))
    for observation in db.session.scalars(with_point.execution_options(yield_per=BATCH)):
        point = observation.exact_point
        if point and city.is_near_protected(point):
            observation.is_near_protected = True
            marked += 1
    return marked
