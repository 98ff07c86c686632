"""The shipped city profile: the plan as published, its wording, and no rule or category that leads to the police or
names a shelter.
"""

import re
from pathlib import Path

import pytest

from cohab_report.catalogue.models import AnsweredBy, Kind, Protection
from cohab_report.cities.columns import PROFILE_COLUMNS
from cohab_report.cities.loader import check_profile
from cohab_report.cities.skeleton import SKELETON_FOLDER
from cohab_report.cities.tables import PROFILES_FOLDER, Profile, profile_folder
from cohab_report.csv_tables import CsvRow
from cohab_report.plan.models import ActionStatus, InPlan, Origin
from cohab_report.routing.models import RuleOccupancy
from cohab_report.triage.models import ClosingReason

RIVEBELLE = Path(__file__).parent / "rivebelle"
SHIPPED = [folder for folder in sorted(PROFILES_FOLDER.iterdir()) if (folder / "city.toml").exists()]
FIELDS = [
    "Sécurité dans l’espace public",
    "Aménagement, propreté et entretien de l’espace public",
    "Animation du milieu et occupation positive de l’espace public",
    "Inclusion sociale et participation citoyenne",
    "Hébergement et logement pour les clientèles vulnérables",
    "Expertise, innovation et concertation",
]


@pytest.fixture(scope="module", params=[*SHIPPED, SKELETON_FOLDER, RIVEBELLE], ids=lambda folder: folder.name)
def any_city(request: pytest.FixtureRequest) -> Profile:
    """Each profile that ships, the one that a new city begins with, and the made-up one."""
    return check_profile(request.param)


@pytest.fixture(scope="module")
def city() -> Profile:
    """The profile that ships."""
    return check_profile(SHIPPED[0])


def by_code(profile: Profile, table: str) -> dict[str, CsvRow]:
    return {row["code"]: row for row in profile.tables[table].rows}


def test_a_profile_has_no_mistake_and_every_reference_resolves(any_city: Profile) -> None:
    assert all(table.rows and not table.mistakes for table in any_city.tables.values())


def test_a_profile_is_found_by_its_name_or_by_its_folder() -> None:
    assert profile_folder(SHIPPED[0].name) == SHIPPED[0]
    assert profile_folder(str(RIVEBELLE)) == RIVEBELLE


def test_the_plan_has_its_six_fields_word_for_word_and_its_52_actions(city: Profile) -> None:
    assert [row["name_fr"] for row in city.tables["fields"].rows] == FIELDS
    actions = city.tables["actions"].rows
    assert len(actions) == 52
    assert len({row["code"] for row in actions}) == 52
    assert all(row["code"].startswith(f"{row['field']}-") for row in actions)


def test_an_action_says_where_it_was_read_or_that_it_was_not(city: Profile) -> None:
    published = [row for row in city.tables["actions"].rows if row["origin"] is Origin.PUBLISHED]
    demo = [row for row in city.tables["actions"].rows if row["origin"] is Origin.DEMO]
    sources = {row["key"]: row for row in city.tables["sources"].rows}
    assert (len(published), len(demo)) == (29, 23)
    assert all(sources[key]["url"] and sources[key]["seen_on"] for row in published for key in row["sources"])
    assert all(row["in_plan"] is InPlan.INFERRED and row["budget_cents"] is None for row in demo)


def test_nothing_is_invented_as_the_city_s_progress(city: Profile) -> None:
    published_statuses = {
        row["code"]: row["status"]
        for row in city.tables["actions"].rows
        if row["status"] is not ActionStatus.NOT_PUBLISHED
    }
    under_way, done = ActionStatus.UNDER_WAY, ActionStatus.DONE
    assert published_statuses == {
        "SEC-04": under_way,
        "AME-05": under_way,
        "ANI-02": under_way,
        "ANI-03": under_way,
        "INC-01": done,
        "HEB-03": under_way,
        "HEB-04": done,
    }


def test_the_22_categories_weigh_places_and_good_news_alike_and_keep_a_worry_apart(city: Profile) -> None:
    categories = by_code(city, "categories")
    kinds = [row["kind"] for row in categories.values()]
    assert {kind: kinds.count(kind) for kind in Kind} == {
        Kind.CLEANLINESS: 8,
        Kind.SAFETY: 7,
        Kind.POSITIVE: 6,
        Kind.CONCERN: 1,
    }
    never = {
        code
        for code, row in categories.items()
        if row["protection"] is Protection.NEVER_PUBLIC and row["answered_by"] is AnsweredBy.FORM
    }
    assert never == {"PROP-3", "PROP-8", "SECU-4", "SECU-5", "SECU-6", "SECU-7", "POSI-4"}
    assert {code for code, row in categories.items() if row["answered_by"] is AnsweredBy.SIGNPOST} == {
        "SECU-8",
        "POSI-6",
    }


def test_no_category_is_about_people_tents_begging_or_loitering(any_city: Profile) -> None:
    forbidden = re.compile(
        r"\b(tentes?|campements?|itinéran\w*|sans-abri|mendi\w*|flân\w*|rôd\w*|squeegee|intoxiqu\w*|drogu\w*)\b",
        re.IGNORECASE,
    )
    assert not [row["name_fr"] for row in any_city.tables["categories"].rows if forbidden.search(row["name_fr"])]


def test_every_report_of_dirt_or_of_an_object_asks_about_belongings_and_locks_works(city: Profile) -> None:
    asking = {row["code"] for row in city.tables["categories"].rows if row["asks_belongings"]}
    assert asking == {*(f"PROP-{number}" for number in range(1, 9)), "SECU-1", "SECU-2", "SECU-3", "SECU-6"}
    assert asking == {row["code"] for row in city.tables["categories"].rows if row["locks_works"]}


def test_no_shelter_can_be_picked_as_a_place(city: Profile) -> None:
    names = " ".join(row["name_fr"] for table in ("places", "streets") for row in city.tables[table].rows).casefold()
    assert not [word for word in ("halte", "refuge", "havre", "ebyôn", "hébergement") if word in names]
    assert {"shelter", "day_centre", "school", "clsc"} == {row["kind"] for row in city.tables["protected_sites"].rows}


def test_every_place_that_can_be_picked_is_in_the_city_and_owns_to_being_approximate(city: Profile) -> None:
    pickable = [row for table in ("places", "streets") for row in city.tables[table].rows]
    assert all(city.outline.contains(row["lon"], row["lat"]) and row["approximate"] for row in pickable)


@pytest.mark.parametrize(
    ("lon", "lat", "inside"),
    [
        (-72.545, 46.344, True),
        (-72.577, 46.3465, True),
        (-72.679, 46.353, True),
        (-72.510, 46.372, True),
        (-72.43, 46.34, False),
        (-72.74, 46.566, False),
    ],
    ids=["city hall", "university", "airport", "east of the river", "across the river", "the town to the north"],
)
def test_the_coarse_outline_holds_the_city_and_leaves_its_neighbours_out(
    city: Profile, lon: float, lat: float, inside: bool
) -> None:
    assert city.outline.is_approximate
    assert city.outline.contains(lon, lat) is inside


def test_no_rule_and_no_category_leads_to_the_police(any_city: Profile) -> None:
    police = {row["code"] for row in any_city.tables["partners"].rows if row["transfer_only"]}
    assert police
    assert not [row["code"] for row in any_city.tables["rules"].rows if row["partner"] in police]
    assert not [row["code"] for row in any_city.tables["categories"].rows if row["lead"] in police]


def test_works_are_named_only_by_rules_for_places_where_nobody_lives(any_city: Profile) -> None:
    works = {row["code"] for row in any_city.tables["partners"].rows if row["does_works"]}
    asking = {row["code"] for row in any_city.tables["categories"].rows if row["asks_belongings"]}
    for rule in any_city.tables["rules"].rows:
        if rule["partner"] in works and asking & set(rule["categories"] or asking):
            assert rule["occupancy"] is RuleOccupancy.NONE, rule["code"]


def test_downtown_litter_goes_to_the_brigade_and_elsewhere_to_public_works(city: Profile) -> None:
    rules = [
        rule
        for rule in sorted(city.tables["rules"].rows, key=lambda row: int(row["position"]))
        if "PROP-2" in rule["categories"]
    ]
    assert [(rule["partner"], bool(rule["places"])) for rule in rules] == [("SDC", True), ("TP", False)]


def test_a_place_where_somebody_may_live_goes_to_outreach_first(city: Profile) -> None:
    rules = sorted(city.tables["rules"].rows, key=lambda row: int(row["position"]))
    first = [rule["partner"] for rule in rules if rule["occupancy"] is RuleOccupancy.POSSIBLE]
    assert first[:2] == ["NOMADE", "PDR"]
    assert [rule["code"] for rule in rules[: len(first)]] == [
        rule["code"] for rule in rules if rule["occupancy"] is RuleOccupancy.POSSIBLE
    ]


def test_a_lit_fire_a_person_in_danger_and_a_child_stop_the_form(city: Profile) -> None:
    stops = {
        (row["category"], option): post
        for row in city.tables["questions"].rows
        for option, post in row["blocks"].items()
    }
    assert stops["SECU-6", "lit"] == "A"
    assert stops["SECU-7", "yes"] in {"A", "CHILD"}
    numbers = by_code(city, "signposts")
    assert all("911" in numbers[post]["numbers"] for post in stops.values())


def test_only_hazards_raise_a_priority_and_they_always_raise_it(any_city: Profile) -> None:
    categories = by_code(any_city, "categories")
    for row in any_city.tables["questions"].rows:
        assert all(raised < categories[row["category"]]["priority"] for raised in row["raises"].values()), row["code"]


def test_placeholder_addresses_can_reach_nobody(any_city: Profile) -> None:
    assert not [
        row["email"]
        for row in any_city.tables["partners"].rows
        if row["email"] and not row["email"].endswith(".example")
    ]


def test_every_number_to_call_can_be_dialled_as_it_is_shown(city: Profile) -> None:
    for row in city.tables["emergency_numbers"].rows:
        digits = re.sub(r"\D", "", row["number"].split(",")[0])
        if "(" not in row["number"]:
            assert row["tel"].partition(":")[2].lstrip("+").removeprefix("1" if digits[0] != "1" else "") == digits, (
                row["code"]
            )


def test_the_words_about_a_worry_are_the_same_whatever_was_found(any_city: Profile) -> None:
    worries = {row["code"] for row in any_city.tables["categories"].rows if row["kind"] is Kind.CONCERN}
    responses = [row for row in any_city.tables["responses"].rows if row["category"] in {Kind.CONCERN, *worries}]
    outcomes = {"done", "nothing_found", "already_followed", "help_offered"}
    assert {row["outcome"] for row in responses} == set(ClosingReason)
    assert len({row["text_fr"] for row in responses if row["outcome"] in outcomes}) == 1
    assert len({row["text_en"] for row in responses if row["outcome"] in outcomes}) == 1


def test_where_nothing_is_public_the_words_do_not_tell_that_somebody_was_there(any_city: Profile) -> None:
    responses = {(row["category"], row["outcome"]): row for row in any_city.tables["responses"].rows}
    for category in any_city.tables["categories"].rows:
        if category["protection"] is Protection.NEVER_PUBLIC and category["answered_by"] is AnsweredBy.FORM:
            names = (category["code"], category["kind"], "*")
            row = next(responses[name, "help_offered"] for name in names if (name, "help_offered") in responses)
            assert not re.search(r"\baide\b|offert", row["text_fr"]), category["code"]
            assert not re.search(r"\bhelp|offered", row["text_en"]), category["code"]


def test_what_residents_read_at_the_end_promises_nothing(any_city: Profile) -> None:
    future = re.compile(r"\b\w+(?:era|eront|ira|iront|erons)\b|\b(?:will|shall|promise)\b", re.IGNORECASE)
    rows = any_city.tables["responses"].rows
    assert not [text for row in rows for text in (row["text_fr"], row["text_en"]) if future.search(text)]


def french_texts(profile: Profile) -> list[tuple[str, str]]:
    """Returns every French text of the profile with its file, line and column."""
    texts = [
        (f"{table.file}:{row.line}:{name}", str(value))
        for table in profile.tables.values()
        for row in table.rows
        for name, value in french(row)
    ]
    return texts + [
        (name, str(value)) for name, value in profile.city_toml.values.items() if name.endswith(("_fr", ".fr"))
    ]


def french(row: CsvRow) -> list[tuple[str, object]]:
    texts = [(name, value) for name, value in row.values.items() if name.endswith("_fr") or name == "title"]
    return [(name, part) for name, value in texts for part in (value if isinstance(value, tuple) else (value,))]


def test_french_is_typeset_as_french(any_city: Profile) -> None:
    wrong = re.compile(r"['\"]|[^\u00a0\u202f][:;?!»](?=\s|$|\|)|«[^\u00a0\u202f]|\.\.\.| [:;?!»]|\d (\d{3}\b|[h$%])")
    assert not [(where, text) for where, text in french_texts(any_city) if wrong.search(text)]


def test_the_words_are_those_of_the_trade(any_city: Profile) -> None:
    banned = re.compile(
        r"\b(sans-abris?|itinérants?|plaintes? citoyennes?|dénonc\w+|toxicomanes?|drogués?|clochards?|Oups)\b|!",
        re.IGNORECASE,
    )
    assert not [(where, text) for where, text in french_texts(any_city) if banned.search(text)]


def test_english_stands_beside_every_french_text_and_uses_typographic_apostrophes(any_city: Profile) -> None:
    for name, table in any_city.tables.items():
        pairs = [
            column.name
            for column in PROFILE_COLUMNS[name]
            if column.name.endswith("_fr") and f"{column.name[:-3]}_en" in dict(table.rows[0].values)
        ]
        for row in table.rows:
            assert not [pair for pair in pairs if bool(row[pair]) != bool(row[f"{pair[:-3]}_en"])], (name, row.line)
            assert not [pair for pair in pairs if "'" in str(row[f"{pair[:-3]}_en"]) and isinstance(row[pair], str)], (
                name,
                row.line,
            )


def test_no_city_s_name_is_in_the_code() -> None:
    names = re.compile(r"trois[-_ ]rivi|rivebelle|trifluvien|mauricie|\bCIUSSS\b|NOMADE", re.IGNORECASE)
    code = PROFILES_FOLDER.parent
    files = [*code.rglob("*.py"), *(code / "templates").rglob("*.html")]
    files_with_names = {
        path.relative_to(code).as_posix() for path in files if names.search(path.read_text(encoding="utf-8"))
    }
    assert files_with_names <= {"settings.py"}, "only the setting that chooses a profile may name one"
