"""Which partner the rules suggest for a case, and whether a case may be given to a partner at all.

Pure functions: facts and rules in, a suggestion and its reason out.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cohab_report.db import Words
from cohab_report.partners.models import Partner
from cohab_report.routing.models import Rule, RuleHours, RuleOccupancy
from cohab_report.triage.models import Case


@dataclass(frozen=True)
class CaseFacts:
    """The facts that a rule may look at; the number of reports is not among them."""

    category: str
    queue: str
    place: str | None
    sector: str
    works_are_locked: bool
    team_is_open: bool


class RuleConditions(Protocol):
    """The conditions of a rule, in the database or not."""

    @property
    def categories(self) -> Sequence[str]:
        """Codes of categories; empty for all."""

    @property
    def queues(self) -> Sequence[str]:
        """Codes of queues; empty for all."""

    @property
    def places(self) -> Sequence[str]:
        """Codes of places; empty for all, and for none."""

    @property
    def sectors(self) -> Sequence[str]:
        """Codes of sectors; empty for all."""

    @property
    def occupancy(self) -> RuleOccupancy:
        """The occupancy for which the rule applies."""

    @property
    def hours(self) -> RuleHours:
        """The triage team's hours in which the rule applies."""


@dataclass(frozen=True)
class Suggestion:
    """A suggested partner, and the sentence of the rule that named it."""

    rule_code: str
    partner: Partner
    because: Words


class RuleFault(Exception):
    """A rule that fits but may not name its partner.

    `code` is the rule's, `why` is retired, transfer_only or works_locked.
    """

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


def case_facts(case: Case, *, team_is_open: bool) -> CaseFacts:
    """Returns the facts of this case that rules may look at."""
    place = case.place.code if case.place else None
    return CaseFacts(case.category.code, case.queue.code, place, case.sector.code, case.works_are_locked, team_is_open)


def partner_for(facts: CaseFacts, rules: Iterable[Rule], *, but_not: Collection[int] = ()) -> Suggestion | None:
    """Returns the partner of the first rule that fits and its explanation, or None: a person must choose.

    `but_not` holds ids of partners that declined or gave the case back. Raises RuleFault when the rule that fits may
    not name its partner.
    """
    for rule in rules:
        if rule_fits(rule, facts) and rule.partner_id not in but_not:
            _raise_rule_fault(rule, facts)
            return Suggestion(rule.code, rule.partner, rule.because)
    return None


def rule_fits(rule: RuleConditions, facts: CaseFacts) -> bool:
    """Tells whether every condition of the rule holds; an empty list is no condition."""
    return (
        _is_empty_or_contains(facts.category, rule.categories)
        and _is_empty_or_contains(facts.queue, rule.queues)
        and _is_empty_or_contains(facts.place, rule.places)
        and _is_empty_or_contains(facts.sector, rule.sectors)
        and rule.occupancy
        in (RuleOccupancy.ANY, RuleOccupancy.POSSIBLE if facts.works_are_locked else RuleOccupancy.NONE)
        and rule.hours in (RuleHours.ANY, RuleHours.OPEN if facts.team_is_open else RuleHours.CLOSED)
    )


def _is_empty_or_contains(value: str | None, allowed: Sequence[str]) -> bool:
    return not allowed or value in allowed


def permanent_rule_fault(rule: Rule) -> str | None:
    """Returns why this rule may name its partner for no case at all (retired, transfer_only), or None."""
    if rule.partner.is_retired:
        return "retired"
    return "transfer_only" if rule.partner.is_transfer_only else None


def _raise_rule_fault(rule: Rule, facts: CaseFacts) -> None:
    why = permanent_rule_fault(rule)
    if why is None and facts.works_are_locked and not rule.partner.does_outreach:
        why = "works_locked"
    if why is not None:
        raise RuleFault(rule.code, why)


def is_concern_out_of_place(case: Case, partner: Partner) -> bool:
    """Tells whether the case is a worry for a person, which neither works nor the police take, whatever they serve."""
    return case.is_concern and (partner.does_works or partner.is_transfer_only)


def handover_refusal(case: Case, partner: Partner) -> str | None:
    """Returns the code of why this case can't be handed over to the partner now, or None when it can.

    `concern`: neither works nor the police take a worry for a person. `police`: only `operations.transfer_to_police`
    reaches a partner of transfers only (guard rail 2). `locked`: works stay away until the outreach team has cleared
    the place. `purpose`: the partner does not serve what the case is for.
    """
    if is_concern_out_of_place(case, partner):
        return "concern"
    if partner.is_transfer_only:
        return "police"
    if case.works_are_locked:
        return None if partner.does_outreach else "locked"
    return None if partner.serves(case.category.purpose) else "purpose"
