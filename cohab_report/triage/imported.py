"""Closes the cases of imported observations that another system had already finished. Nothing of them is published."""

from cohab_report.csv_tables import Mistake, TableRefused
from cohab_report.errors import NotFound
from cohab_report.intake.imports.job import CloseImported
from cohab_report.intake.imports.mapping import SourceMapping
from cohab_report.intake.imports.translation import TranslatedRow
from cohab_report.intake.models import Observation
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Person, Role
from cohab_report.plan.models import Action
from cohab_report.triage import operations, queries
from cohab_report.triage.models import ClosingReason


def case_closer(mapping: SourceMapping, email: str) -> CloseImported:
    """Returns the function that closes the case of an imported row, in the name of the triage person with this e-mail.

    It closes the rows that the mapping calls finished, and answers whether it did. Raises `csv_tables.TableRefused`
    when the mapping closes nothing, nobody of triage has the e-mail, or the action is not in the plan.
    """
    if mapping.closing is None:
        raise TableRefused(
            [Mistake("mapping", 1, "status", "it names no state that is closed, so nobody has to answer for closing")]
        )
    person = partners.person_by_email(email)
    if person is None or not person.is_active or person.role not in (Role.TRIAGER, Role.ADMIN):
        raise TableRefused([Mistake("--by", 1, "*", f"nobody of the triage team has the address '{email}'")])
    action = _closing_action(mapping.closing.action)

    def close_row(observation: Observation, row: TranslatedRow) -> bool:
        return _close_imported_case(observation, row, action, person)

    return close_row


def _closing_action(code: str) -> Action | None:
    try:
        return queries.action_in_force_or_refuse(code) if code else None
    except NotFound:
        raise TableRefused(
            [Mistake("mapping", 1, "closing.action", f"no action of the plan has the code '{code}'")]
        ) from None


def _close_imported_case(observation: Observation, row: TranslatedRow, action: Action | None, by: Person) -> bool:
    if row.closed_at is None:
        return False
    case, at = queries.case_of_observation(observation.id), row.closed_at
    if action is None:
        operations.mark_out_of_plan(case, by=by, at=at)
    else:
        operations.confirm_link(case, action, by=by, at=at)
    operations.close(case, ClosingReason(row.closing_reason), by=by, at=at)
    return True
