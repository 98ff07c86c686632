"""What another system already finished arrives here finished: the case is closed at its time, and nothing of it is published."""

from cohab_report.errors import NotThere
from cohab_report.intake.imports.job import Settle
from cohab_report.intake.imports.mapping import SourceMapping
from cohab_report.intake.imports.translation import Translated
from cohab_report.intake.models import Observation
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Person, Role
from cohab_report.plan.models import Action
from cohab_report.sheets import Mistake, Refused
from cohab_report.triage import operations, queries
from cohab_report.triage.models import ClosingReason


def closer(mapping: SourceMapping, email: str) -> Settle:
    """Closes, in the name of the triage person of this address, the case of each row that the mapping calls finished.

    Raises `sheets.Refused` when the mapping closes nothing, the address is no triage person's, or its action is not in the plan.
    """
    if mapping.closing is None:
        raise Refused(
            [Mistake("mapping", 1, "status", "it names no state that is closed, so nobody has to answer for closing")]
        )
    person = partners.person_by_email(email)
    if person is None or not person.is_active or person.role not in (Role.TRIAGER, Role.ADMIN):
        raise Refused([Mistake("--by", 1, "*", f"nobody of the triage team has the address '{email}'")])
    action = _action(mapping.closing.action)

    def settle(observation: Observation, found: Translated) -> bool:
        return _close(observation, found, action, person)

    return settle


def _action(code: str) -> Action | None:
    try:
        return queries.action_or_refuse(code) if code else None
    except NotThere:
        raise Refused(
            [Mistake("mapping", 1, "closing.action", f"no action of the plan has the code '{code}'")]
        ) from None


def _close(observation: Observation, found: Translated, action: Action | None, by: Person) -> bool:
    if found.closed_at is None:
        return False
    case, at = queries.case_of(observation.id), found.closed_at
    if action is None:
        operations.mark_out_of_plan(case, by=by, at=at)
    else:
        operations.link(case, action, by=by, at=at)
    operations.close(case, ClosingReason(found.closing_reason), by=by, at=at)
    return True
