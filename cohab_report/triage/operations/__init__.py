"""What the team does with a case. Each operation refuses, changes, and tells the journal; who sees what follows from the state."""

from cohab_report.triage.operations.acts import LONGEST_NOTE, changed
from cohab_report.triage.operations.cases import (
    CLAIM_LASTS,
    accept,
    back_to_triage,
    claim,
    close,
    entrust,
    expect,
    open_case,
    recode,
    release,
    request_reopening,
)
from cohab_report.triage.operations.links import link, mark_out_of_plan, reject
from cohab_report.triage.operations.merging import join, merge
from cohab_report.triage.operations.occupancy import doubt_occupancy, record_occupancy

__all__ = [
    "CLAIM_LASTS", "LONGEST_NOTE", "accept", "back_to_triage", "changed", "claim", "close", "doubt_occupancy", "entrust", "expect", "join",
    "link", "mark_out_of_plan", "merge", "open_case", "recode", "record_occupancy", "reject", "release", "request_reopening",
]  # fmt: skip
