"""The partner that the rules in force suggest for a case, and the dry run of all rules on the latest cases.

Nothing here changes anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cohab_report.catalogue import deadlines
from cohab_report.routing import queries, suggesting
from cohab_report.routing.suggesting import RuleFault, Suggestion
from cohab_report.triage.models import Case

DRY_RUN_CASES = 200
"""How many of the latest cases a dry run tries."""


def suggest_partner(case: Case, *, at: datetime) -> Suggestion | None:
    """Returns the partner that the rules name for this case, or None: a person must choose.

    Partners that already refused the case are left out. A rule at fault is not skipped in silence: it raises
    RuleFault, which `suggestion_or_rule_fault` returns for the page.
    """
    facts = suggesting.case_facts(case, team_is_open=team_is_open(at))
    return suggesting.partner_for(facts, queries.rules_in_force(), but_not=queries.refusing_partner_ids(case))


def suggestion_or_rule_fault(case: Case, *, at: datetime) -> tuple[Suggestion | None, RuleFault | None]:
    """Returns the suggestion, or the fault of the rule that should have made it: the case then stays with triage."""
    try:
        return suggest_partner(case, at=at), None
    except RuleFault as fault:
        return None, fault


def team_is_open(at: datetime) -> bool:
    """Tells whether the triage team is staffed at this instant, by the city profile's hours."""
    return deadlines.team_hours().is_open(at)


@dataclass(frozen=True)
class DryRun:
    """The result of trying the rules in force on the latest cases."""

    cases: int
    cases_by_rule: Mapping[str, int]
    """How many cases each rule would hand over, by its code; 0 for a rule that fits none."""
    faults: Mapping[tuple[str, str], int]
    """How many cases a rule fails for, by its code and `RuleFault.why`; 0 for a permanent fault that met none."""
    cases_without_rule: int


def dry_run(*, latest: int = DRY_RUN_CASES) -> DryRun:
    """Tries the rules in force on the latest cases, each at the hour it was opened; changes nothing."""
    in_force = queries.rules_in_force()
    cases_by_rule = dict.fromkeys((rule.code for rule in in_force), 0)
    faults = {(rule.code, why): 0 for rule in in_force if (why := suggesting.permanent_rule_fault(rule))}
    cases, without_rule, team = queries.latest_cases(latest), 0, deadlines.team_hours()
    for case in cases:
        try:
            suggestion = suggesting.partner_for(
                suggesting.case_facts(case, team_is_open=team.is_open(case.opened_at)), in_force
            )
        except RuleFault as error:
            faults[error.code, error.why] = faults.get((error.code, error.why), 0) + 1
            continue
        if suggestion is None:
            without_rule += 1
        else:
            cases_by_rule[suggestion.rule_code] += 1
    return DryRun(len(cases), cases_by_rule, faults, without_rule)
