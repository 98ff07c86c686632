"""The routing rules of a profile as the promises of `routing` see them, a broken promise in words, and what people own.

No database: the rules that people own are passed in.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from cohab_report.catalogue.models import AnsweredBy
from cohab_report.cities.tables import Profile
from cohab_report.csv_tables import CsvRow
from cohab_report.routing import promises, queries
from cohab_report.routing.models import Rule, RuleHours, RuleOrigin
from cohab_report.routing.rule_table import BrokenPromise, Promise, RuleTable, TableCategory, TablePartner, TableRule
from cohab_report.triage.waiting.models import QueueKind

PROMISE_COLUMNS: Mapping[Promise, str] = {
    Promise.IN_SERVICE: "partner",
    Promise.NO_POLICE: "partner",
    Promise.OUTREACH_FIRST: "partner",
    Promise.WORKS_STAY_AWAY: "occupancy",
    Promise.PURPOSE: "partner",
    Promise.ONE_POSITION: "position",
    Promise.MAY_FIT: "code",
    Promise.NOT_SHADOWED: "code",
}
"""The column of rules.csv in which each promise of a rule is mended."""
PROMISE_SENTENCES: Mapping[Promise, str] = {
    Promise.IN_SERVICE: "'{partner}' is no partner in service",
    Promise.NO_POLICE: "'{partner}' takes cases only from a person, with a written reason: no rule may name it",
    Promise.OUTREACH_FIRST: "'{partner}' does no outreach, and somebody may live there",
    Promise.WORKS_STAY_AWAY: "works are locked for {category} until outreach clears it: write 'none'",
    Promise.PURPOSE: "'{partner}' does not work for {other}, as {category} asks",
    Promise.ONE_POSITION: "two rules have this position, so which comes first can't be told: see '{other}'",
    Promise.MAY_FIT: "no case can fit this rule: no category in force, or none in these queues and at these places",
    Promise.NOT_SHADOWED: "this rule never suggests '{partner}': '{other}' before it already does, for all its cases",
    Promise.OWNER: "no rule always fits '{category}' when occupancy is '{other}'{hours}",
}


def promise_sentence(broken: BrokenPromise, partner: str = "") -> str:
    """Returns the sentence for a broken promise; `partner` is the code that its rule names."""
    hours = "" if broken.hours is RuleHours.ANY else f" and the team is {broken.hours}"
    return PROMISE_SENTENCES[broken.promise].format(
        partner=partner, category=broken.category, other=broken.other, hours=hours
    )


def profile_rule_table(profile: Profile) -> RuleTable:
    """Returns the rules of a profile with what of its city they are about."""
    tables = profile.tables
    return RuleTable(
        rules=[_profile_rule(row) for row in tables["rules"].rows],
        partners={row["code"]: _profile_partner(row) for row in tables["partners"].rows},
        categories=[
            _profile_category(row) for row in tables["categories"].rows if row["answered_by"] is AnsweredBy.FORM
        ],
        occupancy_queues=_queues_of_kind(profile, QueueKind.OCCUPANCY),
        quarantine_queues=_queues_of_kind(profile, QueueKind.QUARANTINE),
        places=frozenset(profile.codes("places") | profile.codes("streets")),
        sectors=frozenset(profile.codes("sectors")),
    )


def why_left_alone(rule: Rule, is_in_profile: bool) -> str:  # noqa: FBT001 (the second fact of a pair that `upsert` knows)
    """Returns why loading a profile leaves this rule as it is, or an empty string if it may change or retire it."""
    if rule.origin is RuleOrigin.PERSON:
        return "a person's rule has this code already" if is_in_profile else "a person added it"
    return "a person edited it" if rule.belongs_to_people else ""


def promises_broken_with(profile: Profile, rules_of_people: Sequence[Rule]) -> Iterator[str]:
    """Returns a sentence for each promise that the profile's rules break together with those that people own.

    They are no reason to refuse the profile, which keeps its promises by itself: `suggesting` lets no broken rule
    speak, and only a person may change what people own.
    """
    table, codes = profile_rule_table(profile), {rule.code for rule in rules_of_people}
    rules = [each for each in table.rules if each.code not in codes]
    rules += [queries.table_rule(rule) for rule in rules_of_people if not rule.is_retired]
    partners = {rule.code: rule.partner for rule in rules}
    for broken in promises.broken_promises(replace(table, rules=rules)) if codes else ():
        sentence = promise_sentence(broken, partners.get(broken.rule, ""))
        yield f"rule {broken.rule}: {sentence}" if broken.rule else sentence


def _queues_of_kind(profile: Profile, kind: QueueKind) -> frozenset[str]:
    return frozenset(row["code"] for row in profile.tables["queues"].rows if row["kind"] is kind)


def _profile_rule(row: CsvRow) -> TableRule:
    names = ("code", "position", "categories", "queues", "places", "sectors", "occupancy", "hours", "partner")
    return TableRule(*(row[name] for name in names))


def _profile_partner(row: CsvRow) -> TablePartner:
    return TablePartner(row["code"], frozenset(row["purposes"]), row["transfer_only"], row["does_outreach"])


def _profile_category(row: CsvRow) -> TableCategory:
    may_lock_works = row["asks_belongings"] or row["locks_works"]
    return TableCategory(row["code"], row["queue"], row["purpose"], may_lock_works)
