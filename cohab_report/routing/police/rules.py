"""Rules on transfers to the police, decided from facts: when none is possible, and how much must be written."""

from cohab_report.partners.models import Purpose
from cohab_report.triage.models import Case, CaseState, Occupancy

SHORTEST_POLICE_REASON = 20
"""Characters that the reason has at least, white space counted once."""


def transfer_refusal(case: Case) -> str | None:
    """Returns the code of why no transfer of this case to the police is possible, or None.

    `over`, `held`, `police_new`: triage has not accepted it, or does not hold it any more. `police_concern`: who
    worries about someone is told that no police will read it. `police_thanks`: nobody is thanked by the police.
    `police_locked`: somebody may live there, and no outreach team has looked since the last doubt (guard rail 2).
    """
    if not case.is_with_triage:
        return "held" if case.is_open else "over"
    if case.is_concern:
        return "police_concern"
    if case.category.purpose is Purpose.THANKS:
        return "police_thanks"
    if case.occupancy is Occupancy.POSSIBLE:
        return "police_locked"
    return None if case.may_move_to(CaseState.HANDED_OVER) else "police_new"


def is_long_enough(reason: str) -> bool:
    """Tells whether the reason says something: at least 20 characters, white space counted once."""
    return len(" ".join(reason.split())) >= SHORTEST_POLICE_REASON
