"""What a partner may read of a case: how precisely where it is, its answers, its photos (domain.md 6.3).

Pure but for the city's lattice of cells, which is in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from cohab_report.catalogue.models import Protection
from cohab_report.db import Words
from cohab_report.geo import Point
from cohab_report.partners.models import HiddenPoint, Partner
from cohab_report.routing.models import HOLDING_STATES, Handover
from cohab_report.territory import queries as territory
from cohab_report.triage.models import Case


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
