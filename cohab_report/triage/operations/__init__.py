"""Operations on cases. Each refuses, changes, and records in the journal; who sees what follows from the state."""

from cohab_report.triage.operations.acts import LONGEST_NOTE, write_new_version
from cohab_report.triage.operations.cases import (
    CLAIM_LASTS,
    accept,
    claim_case,
    close,
    mark_handed_over,
    open_case,
    recode,
    refuse_if_stale,
    release_case,
    reopen,
    request_case_reopening,
    return_to_triage,
)
from cohab_report.triage.operations.links import confirm_link, mark_out_of_plan, reject_link
from cohab_report.triage.operations.merging import join, merge
from cohab_report.triage.operations.occupancy import record_occupancy, request_occupancy_check
from cohab_report.triage.operations.surroundings import protect_cases_in_cells

__all__ = [
    "CLAIM_LASTS",
    "LONGEST_NOTE",
    "accept",
    "claim_case",
    "close",
    "confirm_link",
    "join",
    "mark_handed_over",
    "mark_out_of_plan",
    "merge",
    "open_case",
    "protect_cases_in_cells",
    "recode",
    "record_occupancy",
    "refuse_if_stale",
    "reject_link",
    "release_case",
    "reopen",
    "request_case_reopening",
    "request_occupancy_check",
    "return_to_triage",
    "write_new_version",
]
