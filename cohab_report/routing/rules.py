"""Routing rules as pure functions: facts and rules in, a suggestion and its reason out.

Also decides what a partner may read of a case.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from cohab_report.catalogue.models import Protection
from cohab_report.db import Words
from cohab_report.geo import Point
from cohab_report.partners.models import HiddenPoint, Partner
from cohab_report.routing.models import HOLDING_STATES, Handover, Rule, RuleHours, RuleOccupancy
from cohab_report.territory import queries as territory
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


def rule_fits(rule: Rule, facts: CaseFacts) -> bool:
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


def handover_refusal(case: Case, partner: Partner, reason: str) -> str | None:
    """Returns the code of why this case can't be handed over to the partner now, or None when it can.

    `locked`: works stay away until the outreach team has cleared the place. `purpose`: the partner does not serve what
    the case is for. `police`: a transfer to a partner of transfers only needs a written reason (guard rail 2, property
    2).
    """
    if partner.is_transfer_only:
        return None if reason.strip() else "police"
    if case.works_are_locked:
        return None if partner.does_outreach else "locked"
    return None if partner.serves(case.category.purpose) else "purpose"


def location_precision_for(case: Case, partner: Partner) -> HiddenPoint:
    """Returns how precisely this partner may see where the case is (domain.md 6.3).

    The exact point, unless the case is never public; then what the partner's and the category's settings allow.
    """
    if case.protection < Protection.NEVER_PUBLIC or case.category.code in partner.exact_categories:
        return HiddenPoint.EXACT
    near = any(observation.is_near_protected for observation in case.observations)
    if partner.hidden_point is HiddenPoint.CELL and near and case.category.near_protected.value == "sector":
        return HiddenPoint.SECTOR
    return partner.hidden_point


@dataclass(frozen=True)
class CaseForPartner:
    """What a partner reads of a case: what its work needs, never the resident's words or how to reach them."""

    reference: str
    category: Words
    kind: str
    sector: Words
    place: Words | None
    point: Point | None
    location_precision: HiddenPoint
    answers: Sequence[tuple[Words, Words]]
    """Question and chosen answer."""
    observation_count: int
    works_are_locked: bool
    is_never_public: bool
    shows_photos: bool
    """Whether photos that triage approved are shown: only with the exact point and the answers."""


def case_facts(case: Case, *, team_is_open: bool) -> CaseFacts:
    """Returns the facts of this case that rules may look at."""
    place = case.place.code if case.place else None
    return CaseFacts(case.category.code, case.queue.code, place, case.sector.code, case.works_are_locked, team_is_open)


def case_for_partner(partner: Partner, case: Case) -> CaseForPartner:
    """Returns what this partner reads of a case entrusted to it, by the city's table of who sees what."""
    precision = location_precision_for(case, partner)
    point = next((observation.exact_point for observation in case.observations if observation.exact_point), None)
    place = case.place.name if case.place and precision is HiddenPoint.EXACT else None
    return CaseForPartner(
        case.reference,
        case.category.name,
        case.kind.value,
        case.sector.name,
        place,
        _point_at_precision(precision, point),
        precision,
        _question_answers(case),
        len(case.observations),
        case.works_are_locked,
        case.protection is Protection.NEVER_PUBLIC,
        precision is HiddenPoint.EXACT,
    )


def case_in_handover(handover: Handover) -> CaseForPartner:
    """Returns what the partner reads of its handover: photos only while it holds the case.

    Once the handover has ended, it no longer says where a never-public case is.
    """
    visible_case = case_for_partner(handover.partner, handover.case)
    if handover.state not in HOLDING_STATES:
        visible_case = replace(visible_case, shows_photos=False)
    if handover.is_standing or not visible_case.is_never_public:
        return visible_case
    return replace(visible_case, place=None, point=None, answers=(), location_precision=HiddenPoint.SECTOR)


def place_or_sector_name(handover: Handover) -> Words:
    """Returns the place's name where the partner may read it in a list, else the sector's."""
    case = handover.case
    is_hidden = case.protection is Protection.NEVER_PUBLIC and not handover.is_standing
    may_read_place = (
        case.place is not None and not is_hidden and location_precision_for(case, handover.partner) is HiddenPoint.EXACT
    )
    return case.place.name if case.place and may_read_place else case.sector.name


def _point_at_precision(precision: HiddenPoint, point: Point | None) -> Point | None:
    """Returns the point exactly, as the centre of its 150 m cell, or None, by the precision."""
    if point is None or precision is HiddenPoint.SECTOR:
        return None
    if precision is HiddenPoint.EXACT:
        return point
    lattice = territory.city_facts().lattice
    return lattice.centre(lattice.cell(point))


def _question_answers(case: Case) -> list[tuple[Words, Words]]:
    questions = {question.code: question for question in case.category.questions}
    return [
        (questions[code].text, questions[code].words_of(answer))
        for observation in case.observations
        for code, answer in observation.answers.items()
        if code in questions and answer in questions[code].option_codes
    ]
