"""What every table of routing rules must promise, whoever wrote it; a city's check, its load and every save ask here.

Pure: plain facts in, broken promises out. `suggesting` refuses at run time, all the same, what would send a case to the
police, to works while they are locked, or to a retired partner.
"""

from collections.abc import Iterator, Sequence
from itertools import product

from cohab_report.routing.models import RuleHours, RuleOccupancy
from cohab_report.routing.rule_table import BrokenPromise, Promise, RuleTable, TableCategory, TablePartner, TableRule
from cohab_report.routing.suggesting import CaseFacts, rule_fits

HOURS = {RuleHours.OPEN: True, RuleHours.CLOSED: False}
"""Whether the triage team is open, by the hours that a rule may name."""


def broken_promises(table: RuleTable) -> list[BrokenPromise]:
    """Returns every promise that the table breaks, rule by rule and then category by category."""
    rules = sorted(table.rules, key=lambda rule: (rule.position, rule.code))
    broken = [each for number, rule in enumerate(rules) for each in _broken_by_rule(table, rule, rules[:number])]
    return [*broken, *_same_positions(rules), *_missing_owners(table)]


def newly_broken(table: RuleTable, edited: RuleTable) -> list[BrokenPromise]:
    """Returns the promises that the edited table breaks and the table keeps: half a mending breaks nothing new."""
    gaps = {gap for broken in broken_promises(table) for gap in _gaps(broken)}
    return [broken for broken in broken_promises(edited) if not _gaps(broken) <= gaps]


def _gaps(broken: BrokenPromise) -> set[tuple[str, ...]]:
    """Returns what is missing, an hour at a time, without the other rule of a pair, which a mending may change."""
    hours = set(HOURS) if broken.hours is RuleHours.ANY else {broken.hours}
    other = "" if broken.promise in (Promise.NOT_SHADOWED, Promise.ONE_POSITION) else broken.other
    return {(broken.promise.value, broken.rule, broken.category, other, str(hour)) for hour in hours}


def _broken_by_rule(table: RuleTable, rule: TableRule, earlier: Sequence[TableRule]) -> Iterator[BrokenPromise]:
    partner = table.partners.get(rule.partner)
    if partner is None or partner.is_retired:
        yield BrokenPromise(Promise.IN_SERVICE, rule.code)
    else:
        yield from _broken_by_partner(table, rule, partner)
    cases = list(_fitting_cases(table, rule))
    before = [each for each in earlier if each.partner == rule.partner]
    if not cases:
        yield BrokenPromise(Promise.MAY_FIT, rule.code)
    elif all(any(rule_fits(each, case) for each in before) for case in cases):
        nearest = max(before, key=lambda each: sum(rule_fits(each, case) for case in cases))
        yield BrokenPromise(Promise.NOT_SHADOWED, rule.code, other=nearest.code)


def _broken_by_partner(table: RuleTable, rule: TableRule, partner: TablePartner) -> Iterator[BrokenPromise]:
    if partner.is_transfer_only:
        yield BrokenPromise(Promise.NO_POLICE, rule.code)
    if rule.occupancy is RuleOccupancy.POSSIBLE:
        if not partner.does_outreach:
            yield BrokenPromise(Promise.OUTREACH_FIRST, rule.code)
        return
    for category in table.categories:
        if not _covers_category(table, rule, category):
            continue
        if category.may_lock_works and rule.occupancy is RuleOccupancy.ANY and not partner.does_outreach:
            yield BrokenPromise(Promise.WORKS_STAY_AWAY, rule.code, category.code)
        if category.purpose not in partner.purposes:
            yield BrokenPromise(Promise.PURPOSE, rule.code, category.code, category.purpose.value)


def _covers_category(table: RuleTable, rule: TableRule, category: TableCategory) -> bool:
    """Tells whether a case of this category may fit, in whichever queue it waits."""
    is_of_category = not rule.categories or category.code in rule.categories
    return is_of_category and (not rule.queues or not _queues_of(table, category).isdisjoint(rule.queues))


def _queues_of(table: RuleTable, category: TableCategory) -> set[str]:
    return {category.queue, *table.occupancy_queues, *table.quarantine_queues}


def _fitting_cases(table: RuleTable, rule: TableRule) -> Iterator[CaseFacts]:
    """Returns cases that fit the rule: one at each of its places, or elsewhere if it names none; likewise sectors.

    What another rule says of places is tried by that "elsewhere": a rule that fits there fits everywhere.
    """
    places = [place for place in rule.places if place in table.places] if rule.places else [None]
    sectors = [sector for sector in rule.sectors if sector in table.sectors] if rule.sectors else [""]
    for category in table.categories:
        queues = _queues_of(table, category)
        for queue, place, sector, locked, is_open in product(queues, places, sectors, (False, True), (False, True)):
            case = CaseFacts(category.code, queue, place, sector, works_are_locked=locked, team_is_open=is_open)
            if rule_fits(rule, case):
                yield case


def _same_positions(rules: Sequence[TableRule]) -> Iterator[BrokenPromise]:
    for rule in rules:
        other = next((each for each in rules if each.position == rule.position and each is not rule), None)
        if other is not None:
            yield BrokenPromise(Promise.ONE_POSITION, rule.code, other=other.code)


def _missing_owners(table: RuleTable) -> Iterator[BrokenPromise]:
    for category in table.categories:
        for locked in (False, True) if category.may_lock_works else (False,):
            missing = [hours for hours in HOURS if not _has_owner(table, category, hours, locked=locked)]
            if missing:
                occupancy = RuleOccupancy.POSSIBLE if locked else RuleOccupancy.NONE
                hours = missing[0] if len(missing) == 1 else RuleHours.ANY
                yield BrokenPromise(Promise.OWNER, "", category.code, occupancy.value, hours)


def _has_owner(table: RuleTable, category: TableCategory, hours: RuleHours, *, locked: bool) -> bool:
    """Tells whether a case of this category fits a rule, at no named place, in each queue that it may wait in."""
    queues = {category.queue, *(table.occupancy_queues if locked else ())}
    cases = [
        CaseFacts(category.code, queue, None, "", works_are_locked=locked, team_is_open=HOURS[hours])
        for queue in queues
    ]
    return all(any(rule_fits(rule, case) for rule in table.rules) for case in cases)
