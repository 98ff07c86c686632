"""The facts of a table of routing rules, and the promises that it may break: plain values without a database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from cohab_report.errors import Invalid
from cohab_report.partners.models import Purpose
from cohab_report.routing.models import RuleHours, RuleOccupancy


class Promise(StrEnum):
    """What a table of rules must keep."""

    IN_SERVICE = "in_service"
    """No rule names a partner that is retired or unknown."""
    NO_POLICE = "no_police"
    """No rule names a partner that takes cases only by a person's transfer with a written reason."""
    OUTREACH_FIRST = "outreach_first"
    """A rule for places where somebody may live names a partner that does outreach."""
    WORKS_STAY_AWAY = "works_stay_away"
    """A rule that leaves occupancy open names a partner that does outreach, wherever belongings may lock works."""
    PURPOSE = "purpose"
    """The partner works for what the categories of the rule are for."""
    ONE_POSITION = "one_position"
    """No two rules have the same position."""
    MAY_FIT = "may_fit"
    """Some case of a category in force fits the rule."""
    NOT_SHADOWED = "not_shadowed"
    """Some case is suggested to the rule's partner by this rule and by none before it."""
    OWNER = "owner"
    """Every category in force has a rule for every place, by day and by night, and where somebody may live."""


@dataclass(frozen=True)
class TablePartner:
    """The facts of a partner that promises are about."""

    code: str
    purposes: frozenset[Purpose]
    is_transfer_only: bool
    does_outreach: bool
    is_retired: bool = False


@dataclass(frozen=True)
class TableCategory:
    """The facts of a category in force that opens the form."""

    code: str
    queue: str
    purpose: Purpose
    may_lock_works: bool
    """Whether an answer about belongings may lock works."""


@dataclass(frozen=True)
class TableRule:
    """A row of the table: its conditions, where an empty list is none, and the code of its partner."""

    code: str
    position: int
    categories: Sequence[str]
    queues: Sequence[str]
    places: Sequence[str]
    sectors: Sequence[str]
    occupancy: RuleOccupancy
    hours: RuleHours
    partner: str


@dataclass(frozen=True)
class RuleTable:
    """The rules in force, and what of the city they are about."""

    rules: Sequence[TableRule]
    partners: Mapping[str, TablePartner]
    categories: Sequence[TableCategory]
    occupancy_queues: frozenset[str]
    """The queues in which a case of any category waits while somebody may live there."""
    quarantine_queues: frozenset[str]
    places: frozenset[str]
    sectors: frozenset[str]


@dataclass(frozen=True)
class BrokenPromise:
    """A promise that the table breaks: by which rule or for which category, and what else it is about."""

    promise: Promise
    rule: str = ""
    category: str = ""
    other: str = ""
    """The code of the rule that stands in the way, the purpose, or the occupancy for which an owner is missing."""
    hours: RuleHours = RuleHours.ANY
    """The hours in which an owner is missing."""


class PromisesBroken(Invalid):
    """A change of the rules was refused, because the table would break these promises, which it keeps now."""

    def __init__(self, broken: Sequence[BrokenPromise]) -> None:
        super().__init__("rule", broken[0].promise.value)
        self.broken = tuple(broken)
