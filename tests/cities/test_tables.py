"""Mistakes in a city profile: all of them are named at once, by file, line and column, before anything is written."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohab_report.cities.loader import check_profile
from cohab_report.csv_tables import Mistake, TableRefused

RIVEBELLE = Path(__file__).parent / "rivebelle"
Spoil = Callable[[str, str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the test city's profile that a test may change."""
    return Path(shutil.copytree(RIVEBELLE, tmp_path / "ville"))


@pytest.fixture
def spoil(folder: Path) -> Spoil:
    """Returns a function that replaces a text that stands once in a file."""

    def replace(file: str, old: str, new: str) -> Path:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return folder

    return replace


def mistakes(folder: Path) -> tuple[Mistake, ...]:
    """Returns the mistakes of a profile that is refused."""
    with pytest.raises(TableRefused) as refused:
        check_profile(folder)
    return refused.value.mistakes


def mistakes_if_any(folder: Path) -> tuple[Mistake, ...]:
    """Returns the mistakes of a profile, or none if it is accepted."""
    try:
        check_profile(folder)
    except TableRefused as refused:
        return refused.mistakes
    return ()


VALUE_MISTAKES = [
    ("actions.csv", "BER-2,BER,2,", "BER 2,BER,2,", 3, "code", "'BER 2' is not a code"),
    ("actions.csv", "BER-2,BER,2,", "BER-2,BER,two,", 3, "position", "'two' is not a whole number"),
    ("actions.csv", "2027,2027,2027,2027", "3027,2027,2027,2027", 3, "from_year", "3027 is not between 1990 and 2100"),
    ("actions.csv", "2027,2027,2027,2027", "2027,2026,2027,2027", 3, "to_year", "2026 comes before 2027"),
    ("actions.csv", ",upcoming,", ",soon,", 3, "status", "'soon' is not one of not_published, upcoming"),
    ("actions.csv", "Light the quay", "", 3, "title_en", "the cell is empty"),
    ("actions.csv", ",120000,", ",1200.00,", 2, "budget_cents", "'1200.00' is not a whole number"),
    (
        "actions.csv",
        "published,city_page,PLAN",
        "published,city_page,",
        3,
        "sources",
        "a published action needs the source",
    ),
    (
        "actions.csv",
        "Outings,,,,,demo,inferred",
        "Outings,,,,,demo,stated",
        4,
        "in_plan",
        "a demo action can only be inferred",
    ),
    (
        "actions.csv",
        "Every summer,not_published",
        "Every summer,done",
        5,
        "status",
        "a demo action has no published status",
    ),
    ("actions.csv", "TOI-2,TOI", "TOI-1,TOI", 5, "code", "'TOI-1' is already on line 4"),
    ("places.csv", "-1.26,47.149", "-1.26,47,149", 4, "*", "the line has 10 cells where the header has 9"),
    ("places.csv", "-1.26,47.149", "-191.26,47.149", 4, "lon", "beyond 180 degrees"),
    ("places.csv", "-1.26,47.149", "west,47.149", 4, "lon", "'west' is not a number of degrees"),
    ("places.csv", "-1.26,47.149", "-1.26,47.3", 4, "lon", "outside of boundary.geojson"),
    (
        "places.csv",
        "waterfront,-1.26,47.149,no",
        "waterfront,-1.26,47.149,non",
        4,
        "approximate",
        "'non' is not one of yes, no",
    ),
    ("places.csv", "waterfront", "beach", 4, "kind", "'beach' is not one of park"),
    (
        "places.csv",
        "quai,Quai des Brumes",
        "abri,Quai des Brumes",
        4,
        "code",
        "a shelter or day centre can't be a place",
    ),
    (
        "places.csv",
        "Quai des Brumes",
        "Abords de l’Abri du soir",
        4,
        "code",
        "a shelter or day centre can't be a place",
    ),
    ("streets.csv", "rue-haute,", "quai,", 3, "code", "'quai' is already a place, in places.csv line 4"),
    (
        "streets.csv",
        ",rive-nord,\nrue-haute",
        ",rive-nor,\nrue-haute",
        2,
        "sector",
        "'rive-nor', did you mean 'rive-nord'?",
    ),
    ("protected_sites.csv", "47.142,150", "47.142,5", 3, "radius_m", "5 is not between 10 and 5000"),
    ("partners.csv", "voirie@rivebelle.example", "voirie@rivebelle", 3, "email", "is not an e-mail address"),
    ("partners.csv", "mon-fri 06:00-14:00", "lun-ven 6 h-14 h", 3, "hours", "is not written like mon-fri 08:30-16:30"),
    (
        "partners.csv",
        "mon-fri 06:00-14:00",
        "mon-fri 06:00-14:00;wed 09:00-10:00",
        3,
        "hours",
        "two openings at the same time",
    ),
    ("partners.csv", "mon-fri 06:00-14:00", "mon-fri 06:00-26:00", 3, "hours", "a time of day that does not exist"),
    (
        "partners.csv",
        "sector,DECHET-2",
        "sector,DECHET-9",
        3,
        "exact_categories",
        "no row of categories.csv has the code 'DECHET-9'",
    ),
    (
        "partners.csv",
        "maintenance;safety;thanks,voirie",
        "upkeep,voirie",
        3,
        "purposes",
        "'upkeep' is not one of maintenance",
    ),
    ("sources.csv", "https://rivebelle.example/plan", "rivebelle.example/plan", 2, "url", "is not a web address"),
    ("sources.csv", "2026-01-15", "15/01/2026", 2, "seen_on", "'15/01/2026' is not a date"),
    ("emergency_numbers.csv", "tel:112", "112 ", 2, "tel", "'112' is not a target like tel:"),
    ("emergency_numbers.csv", "Life in danger,danger", "Life in danger,help", 1, "level", "no number is for danger"),
    ("signposts.csv", ",115;112", ",115;113", 4, "numbers", "no row of emergency_numbers.csv has the code '113'"),
    ("categories.csv", "DECHET-3,cleanliness", "DECHET-3,dirt", 4, "kind", "'dirt' is not one of cleanliness"),
    ("categories.csv", "public_cell", "private", 4, "protection", "'private' is not one of public_exact"),
    ("categories.csv", "BER-1,P4", "BER-1,P6", 4, "priority", "'P6' is not one of P1"),
    (
        "categories.csv",
        "lira.,An outreach team reads it.,never_public",
        "lira.,It,public_cell",
        7,
        "protection",
        "is never public",
    ),
    ("categories.csv", "A;C,no,no,no", "A;C,no,no,yes", 7, "photo", "a worry about somebody takes no photo"),
    ("categories.csv", "P4,,yes,yes", "P4,,yes,no", 4, "locks_works", "an answer about belongings must lock works"),
    ("categories.csv", "P5,GIVE,", "P5,,", 9, "signposts", "a category answered by a signpost needs one"),
    ("categories.csv", "form,lumiere", "form,", 5, "queue", "a category that opens the form needs a queue"),
    ("categories.csv", "form,lumiere", "form,quarantaine", 5, "queue", "is not a queue of kind 'normal'"),
    ("categories.csv", "form,lumiere", "form,mercis", 5, "queue", "'mercis' is for thanks, not for safety"),
    ("categories.csv", "safety,VOIRIE", "safety,GARDE", 5, "lead", "'GARDE' takes cases only from a person"),
    ("questions.csv", "yes:P2", "yes", 2, "raises", "'yes' is not a pair like option:value"),
    ("questions.csv", "yes:P2", "oui:P2", 2, "raises", "'oui' is no option of this question: yes, no"),
    ("questions.csv", "yes:A", "yes:Z", 3, "blocks", "no row of signposts.csv has the code 'Z'"),
    (
        "questions.csv",
        "La nuit;Le silence",
        "La nuit",
        4,
        "option_codes",
        "the three lists of options must be of the same length",
    ),
    ("questions.csv", "Is there glass?,,,", "Is there glass?,,,yes;no", 2, "option_codes", "has its options already"),
    (
        "queues.csv",
        "TOI-1,occupancy",
        "TOI-1,normal",
        1,
        "kind",
        "exactly one queue of kind 'occupancy', and there are 0",
    ),
    ("legal_grounds.csv", "art. 7,LOI", "art. 7,", 3, "source", "the cell is empty"),
    ("legal_grounds.csv", "art. 7,LOI", "art. 7,LOIS", 3, "source", "did you mean 'LOI'?"),
    ("legal_grounds.csv", "art. 7", "", 3, "article", "the cell is empty"),
    ("legal_grounds.csv", "DELIT,2", "DELIT,1", 3, "position", "another ground has this position"),
    ("rules.csv", "mercis,50", "mercis,45", 6, "position", "two rules have this position"),
    ("rules.csv", "any,open,VOIRIE", "any,open,GARDE", 6, "partner", "no rule may name it"),
    ("rules.csv", "possible,any,MARAUDE", "possible,any,VOIRIE", 2, "partner", "'VOIRIE' does no outreach"),
    ("rules.csv", "none,any,VOIRIE", "any,any,VOIRIE", 3, "occupancy", "works are locked for DECHET-1"),
    (
        "rules.csv",
        "any,any,MAIRIE,La mairie étudie",
        "any,any,VOIRIE,La mairie étudie",
        4,
        "partner",
        "does not work for mediation",
    ),
    (
        "rules.csv",
        "souci,40,SOUCI,,",
        "souci,40,,rencontre;lumiere,",
        5,
        "partner",
        "'MARAUDE' does not work for safety, as LIEU-1 asks",
    ),
    (
        "rules.csv",
        "jardin-des-saules",
        "jardin-des-roses",
        6,
        "places",
        "no row of places.csv or streets.csv has the code",
    ),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "column", "words"),
    VALUE_MISTAKES,
    ids=[f"{row[0]}:{row[4]}:{row[2]}" for row in VALUE_MISTAKES],
)
def test_a_mistake_is_named_by_file_line_and_column(
    spoil: Spoil, file: str, old: str, new: str, line: int, column: str, words: str
) -> None:
    found = mistakes(spoil(file, old, new))
    at_position = [each for each in found if (each.file, each.line, each.column) == (file, line, column)]
    assert at_position, f"not among {[str(each) for each in found]}"
    assert any(words in each.message for each in at_position), at_position[0].message


CITY = [
    ('"Europe/Paris"', '"Europe/Rivebelle"', 3, "time_zone", "is not a time zone"),
    ("population = 21400", "population = -1", 4, "population", "a whole number"),
    ('country = "FR"', 'country = "ZZ"', 12, "holidays.country", "the public holidays of 'ZZ' are not known"),
    ('subdivision = ""', 'subdivision = "XX"', 13, "holidays.subdivision", "'XX' is no subdivision of FR"),
    ("dlon = 0.002", "dlon = 0", 16, "lattice.dlon", "a number between 0.0001 and 1"),
    ("origin_lon = 0.0", "origin_lon = 0.5", 18, "lattice.origin_lon", "the lattice begins at 0, 0"),
    ("lon = -1.25\n", "lon = -2.25\n", 22, "reference.lon", "lies outside of boundary.geojson"),
    ("west = -1.34", "west = -1.30", 26, "accept.west", "reaches beyond the box"),
    ("east = -1.16\n", "", 25, "accept.east", "the value is missing"),
    ("last_year = 2028", "last_year = 2020", 35, "plan.last_year", "the plan ends before it begins"),
    ('partner = "MAIRIE"', 'partner = "MARIE"', 44, "team.partner", "did you mean 'MAIRIE'?"),
    ('hours = "mon-thu 09:00-12:00;mon', 'hours = "mon-thu 9-12;mon', 43, "team.hours", "is not written like"),
    ('P1 = "2 h"', 'P1 = "soon"', 47, "deadlines.P1", "is not a delay like '4 h'"),
    ("[demo]\nnotice_fr", "[demo]\nnotice_rf", 54, "demo.notice_rf", "did you mean 'demo.notice_fr'?"),
    ("[reference]", "[reference", 21, "*", "the file is not TOML"),
]


@pytest.mark.parametrize(("old", "new", "line", "column", "words"), CITY, ids=[row[3] for row in CITY])
def test_a_mistake_in_city_toml_is_named_by_line_and_name(
    spoil: Spoil, old: str, new: str, line: int, column: str, words: str
) -> None:
    found = [each for each in mistakes(spoil("city.toml", old, new)) if (each.line, each.column) == (line, column)]
    assert found and words in found[0].message, found


def test_every_mistake_of_every_file_is_named_at_once(spoil: Spoil) -> None:
    spoil("actions.csv", ",upcoming,", ",soon,")
    spoil("city.toml", '"Europe/Paris"', '"Mars"')
    folder = spoil("rules.csv", "none,any,VOIRIE", "none,any,VOIRE")
    assert [(each.file, each.line, each.column) for each in mistakes(folder)] == [
        ("actions.csv", 3, "status"),
        ("city.toml", 3, "time_zone"),
        ("rules.csv", 3, "partner"),
    ]


def test_a_mistake_reads_as_file_line_column_and_one_sentence(spoil: Spoil) -> None:
    found = mistakes(spoil("rules.csv", "none,any,VOIRIE", "none,any,VOIRE"))
    assert str(found[0]) == "rules.csv:3:partner: no row of partners.csv has the code 'VOIRE', did you mean 'VOIRIE'?"


def test_a_header_says_which_column_is_missing_and_which_is_too_many(spoil: Spoil) -> None:
    found = mistakes(spoil("queues.csv", "position", "positions"))
    assert {(each.line, each.column, each.message) for each in found} == {
        (1, "position", "the column is missing"),
        (1, "positions", "the column is unknown, did you mean 'position'?"),
    }


def test_columns_may_stand_in_another_order(folder: Path) -> None:
    (folder / "districts.csv").write_text("name_en,code,name_fr\nThe Port,port,Le Port\n", encoding="utf-8")
    assert check_profile(folder).tables["districts"].rows[0]["name_fr"] == "Le Port"


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "streets.csv").unlink()
    assert [str(each) for each in mistakes(folder)] == [
        "streets.csv:1:*: the file can't be read: no such file or directory"
    ]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    assert "there is no such folder" in str(mistakes(tmp_path / "nowhere")[0])


def test_a_file_that_is_not_utf_8_is_named_with_the_line_that_shows_it(folder: Path) -> None:
    text = (folder / "fields.csv").read_text(encoding="utf-8").replace("Un toit", "Un toît")
    (folder / "fields.csv").write_bytes(text.encode("latin-1"))
    assert [str(each) for each in mistakes(folder)] == ["fields.csv:3:*: the file is not in UTF-8"]


def test_a_spreadsheet_s_byte_order_mark_and_line_ends_do_no_harm(folder: Path) -> None:
    path = folder / "fields.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n") + b",,,\r\n")
    assert check_profile(folder).codes("fields") == {"BER", "TOI"}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "the file is empty"),
        ('code,name_fr,name_en\n"port,Le Port\n', "the line is not CSV"),
        ("code,name_fr,name_en\na\0,b,c\n", "NUL"),
    ],
)
def test_a_file_that_is_no_table_is_refused(folder: Path, text: str, what: str) -> None:
    (folder / "districts.csv").write_text(text, encoding="utf-8")
    found = mistakes(folder)
    assert found[0].file == "districts.csv"
    assert what in found[0].message


def test_a_line_after_a_cell_of_several_lines_keeps_its_number(folder: Path) -> None:
    (folder / "districts.csv").write_text(
        'code,name_fr,name_en\nport,"Le\nPort",The Port\nmoulins,,The Mills\n', encoding="utf-8"
    )
    assert [str(each) for each in mistakes(folder)] == ["districts.csv:4:name_fr: the cell is empty and must not be"]


def test_a_profile_without_the_signposts_of_the_first_page_is_refused(spoil: Spoil) -> None:
    spoil("categories.csv", "P1,A;C,no", "P1,C,no")
    spoil("categories.csv", ",A;D,", ",D,")
    spoil("questions.csv", "yes:A", "yes:C")
    found = mistakes(spoil("signposts.csv", "A,1,Appelez", "Z,1,Appelez"))
    assert [str(each) for each in found] == [
        "signposts.csv:1:code: 'A' is missing, which the first page of the form shows"
    ]


def test_a_way_of_the_home_page_without_a_category_is_named(spoil: Spoil) -> None:
    found = mistakes(spoil("categories.csv", "SOUCI,concern,1", "SOUCI,safety,3"))
    assert [str(each) for each in found] == [
        "categories.csv:1:kind: no category is of kind 'concern', which the home page offers"
    ]


def test_a_category_that_no_rule_always_fits_is_named(spoil: Spoil) -> None:
    found = mistakes(spoil("rules.csv", "souci,40,SOUCI,,,,any,any", "souci,40,SOUCI,,,rive-nord,any,any"))
    assert [str(each) for each in found] == [
        "categories.csv:7:code: no rule always fits 'SOUCI' when occupancy is 'none'"
    ]


def test_a_file_with_a_mistake_is_not_held_against_those_that_name_its_rows(spoil: Spoil) -> None:
    folder = spoil("queues.csv", "berges,2,", "berges,deux,")
    assert [each.file for each in mistakes(folder)] == ["queues.csv"]


FILES = sorted(path.name for path in RIVEBELLE.glob("*.csv"))
ODD = st.sampled_from(
    [
        "",
        " ",
        ";",
        ":",
        "a:b;a:c",
        "-",
        "1e9",
        "9" * 40,
        "é\u0301",
        "\u2028",
        "=1+1",
        "24/7",
        "mon-",
        "٣",
        "NaN",
        "yes",
        "P1",
        "|",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), cell=ODD | st.text(max_size=12))
def test_whatever_value_a_column_has_mistakes_are_named(folder: Path, data: st.DataObject, cell: str) -> None:
    path = folder / data.draw(st.sampled_from(FILES))
    whole = path.read_bytes()
    rows = list(csv.reader(whole.decode().splitlines()))
    line = data.draw(st.integers(0, len(rows) - 1))
    rows[line][data.draw(st.integers(0, len(rows[0]) - 1))] = cell
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows(rows)
    refused_for = mistakes_if_any(folder)
    path.write_bytes(whole)
    assert all(each.message and each.line >= 1 and each.column for each in refused_for)


def square(west: float, south: float, side: float = 0.05) -> list[list[float]]:
    """A ring around a square."""
    return [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]


BOW = [[-1.3, 47.1], [-1.2, 47.2], [-1.2, 47.1], [-1.3, 47.2], [-1.3, 47.1]]
OUTLINES = [
    ({"type": "Polygon", "coordinates": [BOW]}, "the polygon is not valid: Self-intersection"),
    ({"type": "Point", "coordinates": [-1.25, 47.15]}, "the geometry is 'Point'"),
    ({"type": "Polygon", "coordinates": []}, "the polygon is empty"),
    ({"type": "Polygon", "coordinates": "here"}, "the coordinates do not make a polygon"),
    ({"type": "Polygon", "coordinates": [square(355_000, 6_690_000, 900)]}, "may be metres of another projection"),
    ({"type": "FeatureCollection", "features": []}, "the collection has no features"),
    ({"type": "Feature", "properties": {}, "geometry": None}, "a feature has no geometry"),
    ([1, 2], "the file holds no GeoJSON object"),
    (
        {"type": "Polygon", "crs": {"properties": {"name": "EPSG:2154"}}, "coordinates": [BOW]},
        "its 'crs' is 'EPSG:2154'",
    ),
]


@pytest.mark.parametrize(("document", "words"), OUTLINES, ids=[row[1] for row in OUTLINES])
def test_what_can_t_be_an_outline_is_refused_with_its_reason(folder: Path, document: object, words: str) -> None:
    (folder / "boundary.geojson").write_text(json.dumps(document), encoding="utf-8")
    found = mistakes(folder)
    assert (found[0].file, found[0].line, found[0].column) == ("boundary.geojson", 1, "geometry")
    assert words in found[0].message


def test_an_outline_that_is_not_json_is_named_by_line(folder: Path) -> None:
    (folder / "boundary.geojson").write_text('{\n "type": "Polygon",,\n}', encoding="utf-8")
    assert mistakes(folder)[0].line == 2


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "DECHET-2,done",
            "DECHET-9,done",
            "responses.csv:27:category: 'DECHET-9' is no category of categories.csv, no kind",
        ),
        (
            "safety,done",
            "safty,done",
            "responses.csv:12:category: 'safty' is no category of categories.csv, no kind (cleanliness, safety,",
        ),
        ("DECHET-2,done", "DECHET 2,done", "responses.csv:27:category: 'DECHET 2' is not a category, a kind or *"),
        (
            "DECHET-2,done",
            "DECHET-2,finished",
            "responses.csv:27:outcome: 'finished' is not one of done, nothing_found,",
        ),
        (
            "*,redirected",
            "safety,redirected",
            "responses.csv:1:category: no row with * says what residents read when the outcome is",
        ),
        ("DECHET-2,done", "safety,done", "responses.csv:27:outcome: 'safety done' is already on line 12"),
    ],
    ids=["no category", "no kind", "no code", "no outcome", "an outcome without words", "twice the same"],
)
def test_a_mistake_in_what_residents_will_read_is_named(spoil: Spoil, old: str, new: str, said: str) -> None:
    (found,) = mistakes(spoil("responses.csv", f"\n{old},", f"\n{new},"))
    assert str(found).startswith(said)
