"""Keeps what was received protected as the city's protected sites ask today: blocks, observations and cases."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from cohab_report.errors import Unavailable
from cohab_report.intake import surroundings
from cohab_report.scheduled_jobs import job_now
from cohab_report.territory import operations as territory
from cohab_report.territory import queries
from cohab_report.triage import operations as triage


@dataclass(frozen=True)
class ProtectionReport:
    """How many blocks of protected cells are new, and how many observations and cases are protected more since."""

    blocks: int = 0
    observations: int = 0
    cases: int = 0

    def __bool__(self) -> bool:
        return bool(self.blocks or self.observations or self.cases)

    def __str__(self) -> str:
        return (
            f"{self.blocks} new blocks of cells,"
            f" {self.observations} observations and {self.cases} cases are protected more"
        )


def protect_sites(*, at: datetime) -> ProtectionReport:
    """Saves the blocks that protected sites need, and raises what was received in them before; lowers nothing.

    Nothing to do gives an empty report. Raises Unavailable while no city is loaded.
    """
    blocks = territory.save_protected_blocks()
    city = queries.city_facts()
    return ProtectionReport(
        blocks, surroundings.mark_near_protected(city), triage.protect_cases_in_cells(city.protected_cells, at=at)
    )


def protect_sites_of_loaded_city(*, at: datetime) -> None:
    """Protects the sites of the city, if one is loaded."""
    with suppress(Unavailable):
        protect_sites(at=at)


protect_sites_of_loaded_city_now = job_now(protect_sites_of_loaded_city)
"""Scheduled every night."""
