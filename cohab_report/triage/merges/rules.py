"""Rebuilds what two cases were before they were merged, from the merge alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cohab_report.errors import MoveRefused
from cohab_report.triage.merges.models import CaseBeforeMerge, LinkBeforeMerge, Merge, ObservationBeforeMerge

CASE_COLUMNS = tuple(CaseBeforeMerge.__table__.columns.keys()[2:])
"""The columns of a case that a merge changes, as they are named in both tables."""
LINK_COLUMNS = tuple(LinkBeforeMerge.__table__.columns.keys()[3:])
OBSERVATION_COLUMNS = tuple(ObservationBeforeMerge.__table__.columns.keys()[4:])


@dataclass(frozen=True)
class CaseBefore:
    """A case before a merge: its columns, its links by action, and what it held by observation.

    An observation's public point and cell are those of its public protection (`intake.rules.public_part`) while it has
    a point and has not left the public pages; its last public day follows from when it was published
    (`intake.editions.rules.last_public_day`). One that was withdrawn since stays withdrawn, one that a night's edition
    took off stays off, and destroyed photos stay destroyed.
    """

    case_id: int
    columns: Mapping[str, Any]
    links: Mapping[int, Mapping[str, Any]]
    observations: Mapping[int, Mapping[str, Any]]


def cases_before(merge: Merge) -> tuple[CaseBefore, CaseBefore]:
    """Returns the merged case and the case that it was merged into, as both were.

    Raises MoveRefused (why: reconstructed) where not all of it is known.
    """
    if merge.is_reconstructed:
        raise MoveRefused("merge", CaseBeforeMerge.__tablename__, "rebuild", "reconstructed")
    rows = {row.case_id: row for row in merge.cases}
    return _case_before(merge, rows[merge.case_id]), _case_before(merge, rows[merge.into_id])


def _case_before(merge: Merge, row: CaseBeforeMerge) -> CaseBefore:
    return CaseBefore(
        row.case_id,
        columns_of(row, CASE_COLUMNS),
        {link.action_id: columns_of(link, LINK_COLUMNS) for link in merge.links if link.case_id == row.case_id},
        {
            each.observation_id: columns_of(each, ("joined_at", *OBSERVATION_COLUMNS))
            for each in merge.observations
            if each.case_id == row.case_id
        },
    )


def columns_of(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    """Returns these columns of a row, by name."""
    return {name: getattr(row, name) for name in names}
