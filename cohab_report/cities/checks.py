"""Whether the rows of a profile make sense together: the product's promises, asked of a city's data before any of it is written.

Each function looks at one promise and returns the mistakes it finds, on the line that has to be mended. None of them writes or asks
a database. A profile that passes can't send a case to the police by rule, nor public works to a place where somebody may live.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from cohab_report.catalogue.models import FOR_ALL, AnsweredBy, Kind, PhotoRule, Protection
from cohab_report.cities.settlement import Settlement
from cohab_report.cities.tables import Profile
from cohab_report.partners.hours import public_holidays
from cohab_report.plan import sheet as plan_sheet
from cohab_report.plan.models import ActionStatus, InPlan, Origin
from cohab_report.routing.models import WhenOccupied, WhenOpen
from cohab_report.sheets import Mistake, Row, Sheet, unknown
from cohab_report.triage.models import ClosingReason, QueueKind

YES_NO = ("yes", "no")


def mistakes_of(profile: Profile) -> list[Mistake]:
    """Everything in the profile that contradicts the rest of it, or what the product promises."""
    return [mistake for check in CHECKS for mistake in check(profile)]


def _by_code(profile: Profile, table: str) -> Mapping[str, Row]:
    return {row["code"]: row for row in profile.tables[table].rows}


def _city(profile: Profile) -> Iterable[Mistake]:
    city = profile.settlement
    west, south, east, north = (city[f"accept.{side}"] for side in ("west", "south", "east", "north"))
    if not (west < east and south < north):
        yield city.at("accept.west", "the box is empty: west must be less than east, and south less than north")
    if not profile.outline.holds(city["reference.lon"], city["reference.lat"]):
        yield city.at("reference.lon", "the reference point lies outside of boundary.geojson")
    bounds = profile.outline.shape.bounds
    if not (west <= bounds[0] and south <= bounds[1] and bounds[2] <= east and bounds[3] <= north):
        yield city.at("accept.west", "the outline of boundary.geojson reaches beyond the box")
    if city["team.partner"] not in profile.codes("partners"):
        yield city.at("team.partner", unknown(city["team.partner"], profile.codes("partners"), "partners.csv"))
    if city["plan.first_year"] > city["plan.last_year"]:
        yield city.at("plan.last_year", "the plan ends before it begins")
    if not _has_holidays(city):
        yield city.at(
            "holidays.subdivision", f"'{city['holidays.subdivision']}' is no subdivision of {city['holidays.country']}"
        )


def _has_holidays(city: Settlement) -> bool:
    try:
        public_holidays(city["holidays.country"], city["holidays.subdivision"] or None)
    except NotImplementedError:
        return False
    return True


def _pickable_places(profile: Profile) -> Iterable[Mistake]:
    places = _by_code(profile, "places")
    for table in ("places", "streets"):
        sheet = profile.tables[table]
        for row in sheet.rows:
            if not profile.outline.holds(row["lon"], row["lat"]):
                yield sheet.at(
                    row, "lon", "the point lies outside of boundary.geojson, where residents' points are refused"
                )
            if table == "streets" and row["code"] in places:
                yield sheet.at(
                    row, "code", f"'{row['code']}' is already a place, in places.csv line {places[row['code']].line}"
                )
    yield from _shelters(profile)


def _shelters(profile: Profile) -> Iterable[Mistake]:
    """A place where people sleep is never offered to residents: it would invite reports on those who use it."""
    refuges = {
        row["name_fr"].casefold(): row
        for row in profile.tables["protected_sites"].rows
        if row["kind"] in ("shelter", "day_centre")
    }
    codes = {row["code"] for row in refuges.values()}
    for table in ("places", "streets"):
        sheet = profile.tables[table]
        for row in sheet.rows:
            if row["code"] in codes or any(name in row["name_fr"].casefold() for name in refuges):
                yield sheet.at(row, "code", "a shelter or day centre can't be a place that residents pick")


def _actions(profile: Profile) -> Iterable[Mistake]:
    """A profile claims of the plan only what a source bears out."""
    sheet = profile.tables["actions"]
    yield from plan_sheet.mistakes_of(sheet)
    for row in sheet.rows:
        if row["origin"] is Origin.PUBLISHED and not row["sources"]:
            yield sheet.at(row, "sources", "a published action needs the source that says so")
        if row["origin"] is Origin.DEMO and row["in_plan"] is not InPlan.INFERRED:
            yield sheet.at(row, "in_plan", "a demo action can only be inferred: no source puts it in the plan")
        if row["origin"] is Origin.DEMO and row["status"] is not ActionStatus.NOT_PUBLISHED:
            yield sheet.at(row, "status", "a demo action has no published status")


def _queues(profile: Profile) -> Iterable[Mistake]:
    sheet = profile.tables["queues"]
    kinds = Counter(row["kind"] for row in sheet.rows)
    for kind in (QueueKind.OCCUPANCY, QueueKind.QUARANTINE):
        if kinds[kind] != 1:
            yield Mistake(
                sheet.file, 1, "kind", f"there must be exactly one queue of kind '{kind}', and there are {kinds[kind]}"
            )


def _categories(profile: Profile) -> Iterable[Mistake]:
    sheet, queues, partners = profile.tables["categories"], _by_code(profile, "queues"), _by_code(profile, "partners")
    for row in sheet.rows:
        if row["answered_by"] is AnsweredBy.SIGNPOST:
            if not row["signposts"]:
                yield sheet.at(row, "signposts", "a category answered by a signpost needs one")
        elif not row["queue"]:
            yield sheet.at(row, "queue", "a category that opens the form needs a queue")
        elif queues[row["queue"]]["kind"] is not QueueKind.NORMAL:
            yield sheet.at(row, "queue", f"'{row['queue']}' is not a queue of kind 'normal'")
        elif queues[row["queue"]]["purpose"] is not row["purpose"]:
            yield sheet.at(
                row, "queue", f"'{row['queue']}' is for {queues[row['queue']]['purpose']}, not for {row['purpose']}"
            )
        if row["lead"] and partners[row["lead"]]["transfer_only"]:
            yield sheet.at(
                row,
                "lead",
                f"'{row['lead']}' takes cases only from a person, with a written reason: it leads no category",
            )
        yield from _protection(sheet, row)


def _protection(sheet: Sheet, row: Row) -> Iterable[Mistake]:
    if row["kind"] is Kind.CONCERN and row["protection"] is not Protection.NEVER_PUBLIC:
        yield sheet.at(row, "protection", "a worry about somebody is never public")
    if row["kind"] is Kind.CONCERN and row["photo"] is not PhotoRule.NO:
        yield sheet.at(row, "photo", "a worry about somebody takes no photo")
    if row["asks_belongings"] and not row["locks_works"]:
        yield sheet.at(row, "locks_works", "an answer about belongings must lock works")


def _questions(profile: Profile) -> Iterable[Mistake]:
    sheet = profile.tables["questions"]
    for row in sheet.rows:
        codes = YES_NO if row["kind"] == "yes_no" else row["option_codes"]
        words = (len(row["options_fr"]), len(row["options_en"]), len(row["option_codes"]))
        if row["kind"] == "yes_no" and any(words):
            yield sheet.at(
                row, "option_codes", "a yes_no question has its options already: leave the three lists empty"
            )
        if row["kind"] == "choice" and (len(set(words)) != 1 or len(codes) < 2):
            yield sheet.at(row, "option_codes", "the three lists of options must be of the same length, two or more")
        for column in ("raises", "shows", "blocks"):
            for option in row[column]:
                if option not in codes:
                    yield sheet.at(row, column, f"'{option}' is no option of this question: {', '.join(codes)}")


def _responses(profile: Profile) -> Iterable[Mistake]:
    """Whatever a case is about and however it ends, its residents have words to read."""
    sheet, known = profile.tables["responses"], {*profile.codes("categories"), *Kind, FOR_ALL}
    for row in sheet.rows:
        if row["category"] not in known:
            yield sheet.at(
                row,
                "category",
                f"'{row['category']}' is no category of categories.csv, no kind ({', '.join(Kind)}) and not *",
            )
    answered = {row["outcome"] for row in sheet.rows if row["category"] == FOR_ALL}
    for outcome in ClosingReason:
        if outcome not in answered:
            yield Mistake(
                sheet.file, 1, "category", f"no row with * says what residents read when the outcome is '{outcome}'"
            )


def _rules(profile: Profile) -> Iterable[Mistake]:
    sheet, partners, categories = (
        profile.tables["rules"],
        _by_code(profile, "partners"),
        profile.tables["categories"].rows,
    )
    positions = Counter(row["position"] for row in sheet.rows)
    for row in sheet.rows:
        if positions[row["position"]] > 1:
            yield sheet.at(row, "position", "two rules have this position, so which comes first can't be told")
        # What a rule doesn't name it fits all the same: one without categories speaks for each of its queues, or for all.
        fitted = [
            each
            for each in categories
            if each["answered_by"] is AnsweredBy.FORM and _speaks(row, each, row["occupancy"])
        ]
        yield from _rule_partner(sheet, row, partners[row["partner"]], fitted)


def _rule_partner(sheet: Sheet, rule: Row, partner: Row, categories: Iterable[Row]) -> Iterable[Mistake]:
    if partner["transfer_only"]:
        yield sheet.at(
            rule,
            "partner",
            f"'{rule['partner']}' takes cases only from a person, with a written reason: no rule may name it",
        )
    if rule["occupancy"] is WhenOccupied.POSSIBLE and not partner["does_outreach"]:
        yield sheet.at(rule, "partner", f"'{rule['partner']}' does no outreach, and somebody may live there")
    if rule["occupancy"] is WhenOccupied.POSSIBLE:
        return
    for category in categories:
        if category["locks_works"] and partner["does_works"] and rule["occupancy"] is WhenOccupied.ANY:
            yield sheet.at(
                rule, "occupancy", f"works are locked for {category['code']} until outreach clears it: write 'none'"
            )
        if category["purpose"] not in partner["purposes"]:
            yield sheet.at(
                rule,
                "partner",
                f"'{rule['partner']}' does not work for {category['purpose']}, as {category['code']} asks",
            )


def _coverage(profile: Profile) -> Iterable[Mistake]:
    """Every category of the form has a partner to suggest whatever the place, the hour and the answer about belongings."""
    sheet = profile.tables["categories"]
    everywhere = [
        row
        for row in profile.tables["rules"].rows
        if not (row["places"] or row["sectors"]) and row["hours"] is WhenOpen.ANY
    ]
    for row in sheet.rows:
        if row["answered_by"] is AnsweredBy.SIGNPOST:
            continue
        for occupancy in (WhenOccupied.NONE, *((WhenOccupied.POSSIBLE,) if row["asks_belongings"] else ())):
            if not any(_speaks(rule, row, occupancy) for rule in everywhere):
                yield sheet.at(
                    row, "code", f"no rule of rules.csv always fits '{row['code']}' when occupancy is '{occupancy}'"
                )


def _speaks(rule: Row, category: Row, occupancy: WhenOccupied) -> bool:
    return (
        rule["occupancy"] in (WhenOccupied.ANY, occupancy)
        and (not rule["categories"] or category["code"] in rule["categories"])
        and (not rule["queues"] or category["queue"] in rule["queues"])
    )


CHECKS: tuple[Callable[[Profile], Iterable[Mistake]], ...] = (
    _city, _pickable_places, _actions, _queues, _categories, _questions, _responses, _rules, _coverage,
)  # fmt: skip
