"""What a case counts toward: actions of the plan, suggested by the machine, confirmed or rejected by a person, or none on purpose."""

from collections.abc import Iterable
from datetime import datetime

from cohab_report.errors import MoveRefused
from cohab_report.partners.models import Person
from cohab_report.plan.models import Action
from cohab_report.triage.models import Case, Link, LinkState
from cohab_report.triage.operations import acts


def link(case: Case, action: Action, *, by: Person, at: datetime) -> None:
    """The case counts toward the action, whoever suggested it; raises MoveRefused once the case is over."""
    acts.refuse_when_over(case, "link")
    _decide(case, action, LinkState.CONFIRMED, by=by, at=at)
    case.is_out_of_plan = False
    acts.record(case, "link.confirmed", by=by, at=at, public=True, facts={"action": action.id})


def reject(case: Case, action: Action, *, by: Person, at: datetime) -> None:
    """The case does not count toward the action, and will not be asked again."""
    acts.refuse_when_over(case, "reject")
    was_told = any(known.action_id == action.id and known.state is LinkState.CONFIRMED for known in case.links)
    _decide(case, action, LinkState.REJECTED, by=by, at=at)
    acts.record(case, "link.rejected", by=by, at=at, public=was_told, facts={"action": action.id})


def mark_out_of_plan(case: Case, *, by: Person, at: datetime) -> None:
    """It is said that the case counts toward no action of the plan; raises MoveRefused (why: linked) while one is confirmed."""
    acts.refuse_when_over(case, "out_of_plan")
    if any(known.state is LinkState.CONFIRMED for known in case.links):
        raise MoveRefused("case", case.state.value, "out_of_plan", "linked")
    case.is_out_of_plan = True
    acts.record(case, "case.out_of_plan", by=by, at=at)


def suggest(case: Case, **sources: Iterable[int]) -> None:
    """Actions (their numbers) that the case may count toward, by the source that says so; what was decided before stays."""
    known = {existing.action_id for existing in case.links}
    for source, action_ids in sources.items():
        for action_id in action_ids:
            if action_id not in known:
                known.add(action_id)
                case.links.append(Link(action_id=action_id, state=LinkState.SUGGESTED, suggested_by=source))


def _decide(case: Case, action: Action, state: LinkState, *, by: Person, at: datetime) -> None:
    existing = next((known for known in case.links if known.action_id == action.id), None)
    if existing is None:
        existing = Link(action=action, action_id=action.id, suggested_by="person", state=state)
        case.links.append(existing)
    existing.state, existing.decided_by, existing.decided_at = state, by, at
