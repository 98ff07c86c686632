"""What a person does to the routing rules: add, change and retire one.

A change is refused if the table would break a promise that it keeps now, and if somebody else changed the rule since it
was read. What a person edited belongs to people: loading a city profile leaves it as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from cohab_report import journal
from cohab_report.db import Words, db
from cohab_report.errors import Invalid, NotFound, Stale
from cohab_report.partners import queries as partners
from cohab_report.partners.models import Person
from cohab_report.routing import events, promises, queries
from cohab_report.routing.models import Rule, RuleHours, RuleOccupancy, RuleOrigin
from cohab_report.routing.rule_table import PromisesBroken, RuleTable, TableRule
from cohab_report.text_limits import required_text

LONGEST_REASON = 300
"""Characters that the sentence which explains a rule may have, in each language."""
RULE_CODE_PATTERN = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_CODE = 40


@dataclass(frozen=True)
class RuleDraft:
    """A rule as a person writes it: its conditions, where an empty list is none, its partner's code, and why."""

    code: str
    position: int
    partner: str
    because: Words
    categories: Sequence[str] = ()
    queues: Sequence[str] = ()
    places: Sequence[str] = ()
    sectors: Sequence[str] = ()
    occupancy: RuleOccupancy = RuleOccupancy.ANY
    hours: RuleHours = RuleHours.ANY


def save_rule(draft: RuleDraft, *, read_version: int | None, by: Person, at: datetime) -> Rule:
    """Adds the rule, or changes the one of this code that was read in `read_version`; a retired one is in force again.

    Raises Invalid("code", taken | not_a_code), Invalid(the field, unknown | missing | too_long | negative), NotFound,
    Stale when the rule changed since, or PromisesBroken.
    """
    queries.lock_rules()
    rule = _rule_as_read(draft.code, read_version)
    table = queries.rule_table()
    _refuse_mistakes(draft, table)
    others = [each for each in table.rules if each.code != draft.code]
    _refuse_broken_promises(table, [*others, _table_rule(draft)])
    attributes = _attributes(draft)
    event = events.RuleAdded if rule is None else events.RuleChanged
    if rule is None:
        rule = Rule(code=draft.code, origin=RuleOrigin.PERSON)
        db.session.add(rule)
    for name, value in attributes.items():
        setattr(rule, name, value)
    _record_edit(rule, event, by=by, at=at)
    return rule


def retire_rule(code: str, *, read_version: int, by: Person, at: datetime) -> None:
    """Takes the rule out of force; it stays in the table, since handovers name it.

    Raises NotFound (also when it is retired already), Stale, or PromisesBroken.
    """
    queries.lock_rules()
    rule = _rule_as_read(code, read_version)
    if rule is None or rule.is_retired:
        raise NotFound
    table = queries.rule_table()
    _refuse_broken_promises(table, [each for each in table.rules if each.code != code])
    rule.is_retired = True
    _record_edit(rule, events.RuleRetired, by=by, at=at)


def _rule_as_read(code: str, read_version: int | None) -> Rule | None:
    """Returns the rule that somebody read, or None for a new one."""
    rule = queries.rule_by_code(code)
    if read_version is None:
        if rule is not None:
            raise Invalid("code", "taken")
        return None
    if rule is None:
        raise NotFound
    if rule.version != read_version:
        raise Stale({"version": (str(read_version), str(rule.version))})
    return rule


def _refuse_mistakes(draft: RuleDraft, table: RuleTable) -> None:
    if len(draft.code) > LONGEST_CODE or not RULE_CODE_PATTERN.fullmatch(draft.code):
        raise Invalid("code", "not_a_code")
    if draft.position < 0:
        raise Invalid("position", "negative")
    known = {
        "categories": {category.code for category in table.categories},
        "queues": {category.queue for category in table.categories} | table.occupancy_queues | table.quarantine_queues,
        "places": table.places,
        "sectors": table.sectors,
    }
    for field, codes in known.items():
        if not set(getattr(draft, field)) <= codes:
            raise Invalid(field, "unknown")
    if draft.partner not in table.partners:
        raise Invalid("partner", "unknown")


def _refuse_broken_promises(table: RuleTable, rules: Sequence[TableRule]) -> None:
    """Raises PromisesBroken for promises that are kept now; one that is broken already must not stop its mending."""
    if broken := promises.newly_broken(table, replace(table, rules=rules)):
        raise PromisesBroken(broken)


def _table_rule(draft: RuleDraft) -> TableRule:
    conditions = draft.categories, draft.queues, draft.places, draft.sectors, draft.occupancy, draft.hours
    return TableRule(draft.code, draft.position, *conditions, draft.partner)


def _attributes(draft: RuleDraft) -> dict[str, Any]:
    """Returns the rule's attributes; raises Invalid for its sentences, and NotFound for a partner that is retired."""
    lists = {name: list(getattr(draft, name)) for name in ("categories", "queues", "places", "sectors")}
    return lists | {
        "position": draft.position,
        "occupancy": draft.occupancy,
        "hours": draft.hours,
        "because": Words(
            required_text("because_fr", draft.because.fr, longest=LONGEST_REASON),
            required_text("because_en", draft.because.en, longest=LONGEST_REASON),
        ),
        "partner": partners.partner_or_refuse(draft.partner),
        "is_retired": False,
    }


def _record_edit(rule: Rule, event: type[events.RuleEvent], *, by: Person, at: datetime) -> None:
    rule.edited_by, rule.edited_at = by, at
    db.session.flush()
    journal.record(event(thread=f"rule:{rule.id}", rule=rule.id, version=rule.version), by=by, at=at)
