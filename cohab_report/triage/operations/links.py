"""Operations on links to the plan: suggest, confirm or reject actions, or record that none applies."""

from collections.abc import Iterable
from datetime import datetime

from cohab_report import journal
from cohab_report.errors import MoveRefused
from cohab_report.partners.models import Person
from cohab_report.plan.models import Action
from cohab_report.triage import events
from cohab_report.triage.models import Case, Link, LinkState
from cohab_report.triage.operations import acts


def confirm_link(case: Case, action: Action, *, by: Person, at: datetime) -> None:
    """Confirms that the case counts toward the action, whoever suggested it; raises MoveRefused once it is over."""
    acts.refuse_when_over(case, "link")
    _set_link_state(case, action, LinkState.CONFIRMED, by=by, at=at)
    case.is_out_of_plan = False
    version = acts.write_new_version(case, at=at)
    event = events.LinkConfirmed(thread=case.reference, case=case.id, version=version, action=action.id)
    journal.record(event, by=by, at=at)


def reject_link(case: Case, action: Action, *, by: Person, at: datetime) -> None:
    """Rejects the action for the case; it is not suggested again. Raises MoveRefused when the case is over."""
    acts.refuse_when_over(case, "reject")
    was_public = any(link.action_id == action.id and link.state is LinkState.CONFIRMED for link in case.links)
    _set_link_state(case, action, LinkState.REJECTED, by=by, at=at)
    version = acts.write_new_version(case, at=at)
    event = events.LinkRejected(
        thread=case.reference, case=case.id, version=version, action=action.id, was_public=was_public
    )
    journal.record(event, by=by, at=at)


def mark_out_of_plan(case: Case, *, by: Person, at: datetime) -> None:
    """Records that the case counts toward no action; raises MoveRefused (why: linked) while one is confirmed."""
    acts.refuse_when_over(case, "out_of_plan")
    if any(link.state is LinkState.CONFIRMED for link in case.links):
        raise MoveRefused("case", case.state.value, "out_of_plan", "linked")
    case.is_out_of_plan = True
    acts.record_act(events.CaseOutOfPlan, case, by=by, at=at)


def suggest_links(case: Case, **sources: Iterable[int]) -> None:
    """Suggests actions (their ids) by source, `category` or `queue`; links that exist already stay as they are."""
    linked_action_ids = {link.action_id for link in case.links}
    for source, action_ids in sources.items():
        for action_id in action_ids:
            if action_id not in linked_action_ids:
                linked_action_ids.add(action_id)
                case.links.append(Link(action_id=action_id, state=LinkState.SUGGESTED, suggested_by=source))


def _set_link_state(case: Case, action: Action, state: LinkState, *, by: Person, at: datetime) -> None:
    existing = next((link for link in case.links if link.action_id == action.id), None)
    if existing is None:
        existing = Link(action_id=action.id, suggested_by="person")
        case.links.append(existing)
    existing.state, existing.decided_by, existing.decided_at = state, by, at
