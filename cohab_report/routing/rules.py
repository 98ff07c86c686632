"""The routing table as a pure function, so that it can be argued with: facts and rules in, a suggestion and its reason out."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from cohab_report.catalogue.models import Protection
from cohab_report.db import Words
from cohab_report.geo import Point
from cohab_report.partners.models import HiddenPoint, Partner
from cohab_report.routing.models import HOLDING, Handover, Rule, WhenOccupied, WhenOpen
from cohab_report.territory import queries as territory
from cohab_report.triage.models import Case


@dataclass(frozen=True)
class CaseFacts:
    """All that a rule may look at; the number of reports is not among it."""

    category: str
    queue: str
    place: str | None
    sector: str
    works_are_locked: bool
    team_is_open: bool


@dataclass(frozen=True)
class Suggestion:
    """A partner, and the sentence of the rule that named it."""

    rule: str
    partner: Partner
    because: Words


class RuleBroken(Exception):
    """A rule that must not speak: `code` names it, `why` says what is wrong (retired, transfer_only, works_locked)."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(f"{code}: {why}")
        self.code, self.why = code, why


def partner_for(facts: CaseFacts, rules: Iterable[Rule], *, but_not: Collection[int] = ()) -> Suggestion | None:
    """The partner of the first rule that fits and the sentence that explains it, or None: a person must choose.

    `but_not` holds ids of partners that declined or gave the case back. Raises RuleBroken when the rule that fits may not name its partner.
    """
    for rule in rules:
        if fits(rule, facts) and rule.partner_id not in but_not:
            _refuse_broken(rule, facts)
            return Suggestion(rule.code, rule.partner, rule.because)
    return None


def fits(rule: Rule, facts: CaseFacts) -> bool:
    """Whether every condition of the rule holds; an empty list asks for nothing."""
    return (
        _among(facts.category, rule.categories)
        and _among(facts.queue, rule.queues)
        and _among(facts.place, rule.places)
        and _among(facts.sector, rule.sectors)
        and rule.occupancy in (WhenOccupied.ANY, WhenOccupied.POSSIBLE if facts.works_are_locked else WhenOccupied.NONE)
        and rule.hours in (WhenOpen.ANY, WhenOpen.OPEN if facts.team_is_open else WhenOpen.CLOSED)
    )


def _among(value: str | None, wanted: Sequence[str]) -> bool:
    return not wanted or value in wanted


def never_speaks(rule: Rule) -> str | None:
    """Why this rule may name its partner for no case at all (retired, transfer_only), or None when it may for some."""
    if rule.partner.is_retired:
        return "retired"
    return "transfer_only" if rule.partner.is_transfer_only else None


def _refuse_broken(rule: Rule, facts: CaseFacts) -> None:
    why = never_speaks(rule)
    if why is None and facts.works_are_locked and not rule.partner.does_outreach:
        why = "works_locked"
    if why is not None:
        raise RuleBroken(rule.code, why)


def why_not(case: Case, partner: Partner, reason: str) -> str | None:
    """Why this case can't be entrusted to the partner now, as a code, or None when it can.

    `locked`: works stay away until outreach has cleared the place. `purpose`: it does not serve what the case is for.
    `police`: a transfer to a partner of transfers only needs a written reason (guard rail 2, property 2).
    """
    if partner.is_transfer_only:
        return None if reason.strip() else "police"
    if case.works_are_locked:
        return None if partner.does_outreach else "locked"
    return None if partner.serves(case.category.purpose) else "purpose"


def grain_for(case: Case, partner: Partner) -> HiddenPoint:
    """How finely this partner may see where the case is (domain.md 6.3): the exact point unless the case is never public."""
    if case.protection < Protection.NEVER_PUBLIC or case.category.code in partner.exact_categories:
        return HiddenPoint.EXACT
    near = any(observation.is_near_protected for observation in case.observations)
    if partner.hidden_point is HiddenPoint.CELL and near and case.category.near_protected.value == "sector":
        return HiddenPoint.SECTOR
    return partner.hidden_point


@dataclass(frozen=True)
class Seen:
    """What a partner reads of a case: what its work needs, never the resident's words or how to reach them."""

    reference: str
    category: Words
    kind: str
    sector: Words
    place: Words | None
    point: Point | None
    grain: HiddenPoint
    answers: Sequence[tuple[Words, Words]]
    """Question and chosen answer."""
    observations: int
    works_are_locked: bool
    is_never_public: bool
    photos: bool
    """Whether photos that triage kept are shown: only with the exact point and the answers."""


def facts_of(case: Case, *, team_is_open: bool) -> CaseFacts:
    """What rules may look at of this case."""
    place = case.place.code if case.place else None
    return CaseFacts(case.category.code, case.queue.code, place, case.sector.code, case.works_are_locked, team_is_open)


def seen_by(partner: Partner, case: Case) -> Seen:
    """What this partner reads of a case entrusted to it, by its purposes and the city's table of who sees what."""
    grain = grain_for(case, partner)
    point = next((observation.exact_point for observation in case.observations if observation.exact_point), None)
    place = case.place.name if case.place and grain is HiddenPoint.EXACT else None
    return Seen(
        case.reference, case.category.name, case.kind.value, case.sector.name, place, _as_fine_as(grain, point), grain,
        _answers(case), len(case.observations), case.works_are_locked, case.protection is Protection.NEVER_PUBLIC,
        grain is HiddenPoint.EXACT,
    )  # fmt: skip


def seen_in(handover: Handover) -> Seen:
    """What the partner reads of its handover: photos only while it holds the case.

    Once it has ended, nothing says any more where a never-public case is.
    """
    seen = seen_by(handover.partner, handover.case)
    if handover.state not in HOLDING:
        seen = replace(seen, photos=False)
    if handover.is_standing or not seen.is_never_public:
        return seen
    return replace(seen, place=None, point=None, answers=(), grain=HiddenPoint.SECTOR)


def place_in(handover: Handover) -> Words:
    """The place's name where the partner may read it in a list, the sector's otherwise."""
    case = handover.case
    hides = case.protection is Protection.NEVER_PUBLIC and not handover.is_standing
    named = case.place is not None and not hides and grain_for(case, handover.partner) is HiddenPoint.EXACT
    return case.place.name if case.place and named else case.sector.name


def _as_fine_as(grain: HiddenPoint, point: Point | None) -> Point | None:
    if point is None or grain is HiddenPoint.SECTOR:
        return None
    if grain is HiddenPoint.EXACT:
        return point
    lattice = territory.ground().lattice
    return lattice.centre(lattice.cell(point))


def _answers(case: Case) -> list[tuple[Words, Words]]:
    questions = {question.code: question for question in case.category.questions}
    return [
        (questions[code].text, questions[code].words_of(answer))
        for observation in case.observations
        for code, answer in observation.answers.items()
        if code in questions and answer in questions[code].option_codes
    ]
