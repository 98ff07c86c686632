"""Consistency checks of a city profile across its files, before any of it is loaded.

Each function checks one topic and yields mistakes with the line to correct; no database. A profile that passes has no
rule that sends a case to the police, nor one that sends public works to a place where somebody may live.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from cohab_report.catalogue.models import FOR_ALL, AnsweredBy, Kind, PhotoRule, Protection
from cohab_report.cities import profile_rules, territory_checks
from cohab_report.cities.city_toml import CityToml
from cohab_report.cities.tables import Profile
from cohab_report.csv_tables import CsvRow, CsvTable, Mistake, unknown_code_sentence
from cohab_report.partners.hours import public_holidays
from cohab_report.plan.rules import action_mistakes
from cohab_report.routing import promises
from cohab_report.routing.rule_table import BrokenPromise
from cohab_report.triage.models import ClosingReason
from cohab_report.triage.waiting.models import QueueKind

YES_NO_CODES = ("yes", "no")
FIRST_SIGNPOSTS = {"A", "C"}
"""What the first page of the form shows whoever is or sees somebody in danger or in distress."""


def profile_mistakes(profile: Profile) -> list[Mistake]:
    """Returns the mistakes of all checks: what in the profile contradicts its other files or a guard rail of the
    product.
    """
    return [mistake for check in PROFILE_CHECKS for mistake in check(profile)]


def _rows_by_code(profile: Profile, name: str) -> Mapping[str, CsvRow]:
    return {row["code"]: row for row in profile.tables[name].rows}


def _city_toml_mistakes(profile: Profile) -> Iterable[Mistake]:
    city = profile.city_toml
    if city["team.partner"] not in profile.codes("partners"):
        yield city.mistake_at(
            "team.partner", unknown_code_sentence(city["team.partner"], profile.codes("partners"), "partners.csv")
        )
    if city["plan.first_year"] > city["plan.last_year"]:
        yield city.mistake_at("plan.last_year", "the plan ends before it begins")
    if not _has_holidays(city):
        yield city.mistake_at(
            "holidays.subdivision", f"'{city['holidays.subdivision']}' is no subdivision of {city['holidays.country']}"
        )


def _has_holidays(city: CityToml) -> bool:
    try:
        public_holidays(city["holidays.country"], city["holidays.subdivision"] or None)
    except NotImplementedError:
        return False
    return True


def _action_mistakes(profile: Profile) -> Iterable[Mistake]:
    return action_mistakes(profile.tables["actions"])


def _queue_mistakes(profile: Profile) -> Iterable[Mistake]:
    table = profile.tables["queues"]
    kinds = Counter(row["kind"] for row in table.rows)
    for kind in (QueueKind.OCCUPANCY, QueueKind.QUARANTINE):
        if kinds[kind] != 1:
            yield Mistake(
                table.file, 1, "kind", f"there must be exactly one queue of kind '{kind}', and there are {kinds[kind]}"
            )


def _category_mistakes(profile: Profile) -> Iterable[Mistake]:
    table, queues, partners = (
        profile.tables["categories"],
        _rows_by_code(profile, "queues"),
        _rows_by_code(profile, "partners"),
    )
    for row in table.rows:
        if row["answered_by"] is AnsweredBy.SIGNPOST:
            if not row["signposts"]:
                yield table.mistake_at(row, "signposts", "a category answered by a signpost needs one")
        elif not row["queue"]:
            yield table.mistake_at(row, "queue", "a category that opens the form needs a queue")
        elif queues[row["queue"]]["kind"] is not QueueKind.NORMAL:
            yield table.mistake_at(row, "queue", f"'{row['queue']}' is not a queue of kind 'normal'")
        elif queues[row["queue"]]["purpose"] is not row["purpose"]:
            yield table.mistake_at(
                row, "queue", f"'{row['queue']}' is for {queues[row['queue']]['purpose']}, not for {row['purpose']}"
            )
        if row["lead"] and partners[row["lead"]]["transfer_only"]:
            yield table.mistake_at(
                row,
                "lead",
                f"'{row['lead']}' takes cases only from a person, with a written reason: it leads no category",
            )
        yield from _protection_mistakes(table, row)


def _kind_mistakes(profile: Profile) -> Iterable[Mistake]:
    """Refuses a profile in which a way that the home page offers ends at an empty list of categories."""
    table = profile.tables["categories"]
    kinds = {row["kind"] for row in table.rows}
    for kind in Kind:
        if kind not in kinds:
            yield Mistake(table.file, 1, "kind", f"no category is of kind '{kind}', which the home page offers")


def _protection_mistakes(table: CsvTable, row: CsvRow) -> Iterable[Mistake]:
    if row["kind"] is Kind.CONCERN and row["protection"] is not Protection.NEVER_PUBLIC:
        yield table.mistake_at(row, "protection", "a worry about somebody is never public")
    if row["kind"] is Kind.CONCERN and row["photo"] is not PhotoRule.NO:
        yield table.mistake_at(row, "photo", "a worry about somebody takes no photo")
    if row["asks_belongings"] and not row["locks_works"]:
        yield table.mistake_at(row, "locks_works", "an answer about belongings must lock works")


def _danger_mistakes(profile: Profile) -> Iterable[Mistake]:
    """Refuses a profile in which nobody is told whom to call in danger."""
    for code in FIRST_SIGNPOSTS - profile.codes("signposts"):
        yield Mistake("signposts.csv", 1, "code", f"'{code}' is missing, which the first page of the form shows")
    if not any(row["level"] == "danger" for row in profile.tables["emergency_numbers"].rows):
        yield Mistake("emergency_numbers.csv", 1, "level", "no number is for danger: every page of the form shows one")


def _question_mistakes(profile: Profile) -> Iterable[Mistake]:
    table = profile.tables["questions"]
    for row in table.rows:
        codes = YES_NO_CODES if row["kind"] == "yes_no" else row["option_codes"]
        words = (len(row["options_fr"]), len(row["options_en"]), len(row["option_codes"]))
        if row["kind"] == "yes_no" and any(words):
            yield table.mistake_at(
                row, "option_codes", "a yes_no question has its options already: leave the three lists empty"
            )
        if row["kind"] == "choice" and (len(set(words)) != 1 or len(codes) < 2):
            yield table.mistake_at(
                row, "option_codes", "the three lists of options must be of the same length, two or more"
            )
        for column in ("raises", "shows", "blocks"):
            for option in row[column]:
                if option not in codes:
                    yield table.mistake_at(row, column, f"'{option}' is no option of this question: {', '.join(codes)}")


def _response_mistakes(profile: Profile) -> Iterable[Mistake]:
    """Refuses outcomes without a text for residents, and texts for unknown categories."""
    table, scopes = profile.tables["responses"], {*profile.codes("categories"), *Kind, FOR_ALL}
    for row in table.rows:
        if row["category"] not in scopes:
            yield table.mistake_at(
                row,
                "category",
                f"'{row['category']}' is no category of categories.csv, no kind ({', '.join(Kind)}) and not *",
            )
    outcomes_with_text = {row["outcome"] for row in table.rows if row["category"] == FOR_ALL}
    for outcome in ClosingReason:
        if outcome not in outcomes_with_text:
            yield Mistake(
                table.file, 1, "category", f"no row with * says what residents read when the outcome is '{outcome}'"
            )


def _legal_ground_mistakes(profile: Profile) -> Iterable[Mistake]:
    """Refuses a partner of transfers only (the police) without a ground in law on which to transfer a case."""
    table, positions = profile.tables["legal_grounds"], set()
    for row in table.rows:
        if row["position"] in positions:
            yield table.mistake_at(row, "position", "another ground has this position")
        positions.add(row["position"])
    police = next((row["code"] for row in profile.tables["partners"].rows if row["transfer_only"]), None)
    if police and not table.rows:
        yield Mistake(table.file, 1, "code", f"a transfer to '{police}' needs a ground in law: list at least one")


def _rule_mistakes(profile: Profile) -> Iterable[Mistake]:
    """Returns a mistake for each promise that the routing rules of the profile break."""
    return [
        _promise_mistake(profile, broken)
        for broken in promises.broken_promises(profile_rules.profile_rule_table(profile))
    ]


def _promise_mistake(profile: Profile, broken: BrokenPromise) -> Mistake:
    name, code, column = (
        ("rules", broken.rule, profile_rules.PROMISE_COLUMNS[broken.promise])
        if broken.rule
        else ("categories", broken.category, "code")
    )
    table = profile.tables[name]
    row = next(row for row in table.rows if row["code"] == code)
    partner = row["partner"] if broken.rule else ""
    return table.mistake_at(row, column, profile_rules.promise_sentence(broken, partner))


PROFILE_CHECKS: tuple[Callable[[Profile], Iterable[Mistake]], ...] = (
    _city_toml_mistakes,
    territory_checks.territory_mistakes,
    territory_checks.protected_site_mistakes,
    _action_mistakes,
    _queue_mistakes,
    _category_mistakes,
    _kind_mistakes,
    _danger_mistakes,
    _question_mistakes,
    _response_mistakes,
    _legal_ground_mistakes,
    _rule_mistakes,
)
