"""What a profile says about the ground: a position that protects nothing or is elsewhere is named with what to do."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from cohab_report.cities.loader import check_profile
from cohab_report.cities.outline import Outline, read_outline
from cohab_report.cities.tables import PROFILES_FOLDER
from cohab_report.csv_tables import TableRefused

RIVEBELLE = Path(__file__).parent / "rivebelle"
SHIPPED = next(folder for folder in sorted(PROFILES_FOLDER.iterdir()) if (folder / "city.toml").exists())
Set = Callable[..., Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RIVEBELLE, tmp_path / "ville"))


@pytest.fixture
def put(folder: Path) -> Set:
    """Returns a function that sets cells of the row with this code."""

    def change(file: str, of: str, /, **cells: str) -> Path:
        path = folder / file
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(row | cells if row["code"] == of else row for row in rows)
        return folder

    return change


def found(folder: Path) -> list[str]:
    """Returns the mistakes of a refused profile and the warnings of an accepted one, as they are printed."""
    try:
        return [str(warning) for warning in check_profile(folder).warnings]
    except TableRefused as refused:
        return [str(mistake) for mistake in (*refused.mistakes, *refused.warnings)]


def replace(folder: Path, file: str, old: str, new: str) -> Path:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), encoding="utf-8")
    return folder


WRITE = "write lon -1.255 and lat 47.16, which lies in the city"
WRONG_POSITIONS = [
    ("47.16", "-1.255", f"longitude and latitude are exchanged: {WRITE}"),
    ("1.255", "47.16", f"the longitude has the wrong sign: {WRITE}"),
    ("-1.255", "-47.16", f"the latitude has the wrong sign: {WRITE}"),
    ("1.255", "-47.16", f"longitude and latitude have the wrong sign: {WRITE}"),
    ("47.16", "1.255", f"longitude and latitude are exchanged, and the longitude has the wrong sign: {WRITE}"),
    ("-47.16", "-1.255", f"longitude and latitude are exchanged, and the latitude has the wrong sign: {WRITE}"),
    ("-47.16", "1.255", f"longitude and latitude are exchanged, and both have the wrong sign: {WRITE}"),
    ("0", "0", "the position 0, 0 is in the sea off Africa: fill in the longitude and the latitude"),
    ("-1.255", "47.26", "the position lies outside of boundary.geojson, "),
]
IDS = ["exchanged", "east", "south", "antipode", "exchanged east", "exchanged south", "all", "null island", "far"]


@pytest.mark.parametrize(("lon", "lat", "words"), WRONG_POSITIONS, ids=IDS)
@pytest.mark.parametrize(
    ("file", "code", "line"),
    [("protected_sites.csv", "abri", 2), ("sectors.csv", "rive-nord", 2), ("places.csv", "halle", 2)],
)
def test_a_position_outside_of_the_city_is_refused_and_what_was_meant_is_said(
    put: Set, file: str, code: str, line: int, lon: str, lat: str, words: str
) -> None:
    (said,) = found(put(file, code, lon=lon, lat=lat))
    assert said.startswith(f"{file}:{line}:lon: {words}")
    assert ("the site 'abri' would protect nothing" in said) == (file == "protected_sites.csv")


def test_the_shelter_of_the_shipped_city_with_exchanged_or_unsigned_coordinates_is_refused(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "ville"))
    replace(folder, "protected_sites.csv", "-72.556,46.351", "46.351,-72.556")
    replace(folder, "protected_sites.csv", "-72.5172,46.3642", "72.5172,46.3642")
    said = found(folder)
    assert len(said) == 2
    assert "the longitude has the wrong sign: write lon -72.5172 and lat 46.3642" in said[0]
    assert "longitude and latitude are exchanged: write lon -72.556 and lat 46.351" in said[1]


def test_the_reference_point_is_recognized_in_the_same_way(folder: Path) -> None:
    (said,) = found(replace(folder, "city.toml", "lon = -1.25\nlat = 47.15", "lon = 1.25\nlat = 47.15"))
    assert said.startswith("city.toml:22:reference.lon: the longitude has the wrong sign: write lon -1.25")


def test_a_site_across_the_border_whose_circle_reaches_the_city_is_accepted(put: Set) -> None:
    edge = read_edge()
    assert found(put("protected_sites.csv", "abri", lon=f"{edge + 0.001:.5f}")) == []
    (said,) = found(put("protected_sites.csv", "abri", lon=f"{edge + 0.003:.5f}"))
    assert "the position lies outside of boundary.geojson, 0.2 km from it" in said


def read_edge() -> float:
    """Returns the longitude of the outline's eastern edge on the parallel of the shelter."""
    outline = read_outline(RIVEBELLE / "boundary.geojson", [])
    assert isinstance(outline, Outline)
    lon = -1.255
    while outline.contains(lon, 47.16):
        lon += 0.0001
    return lon


def test_an_empty_list_of_protected_sites_needs_a_word(folder: Path) -> None:
    header = (folder / "protected_sites.csv").read_text(encoding="utf-8").splitlines()[0]
    (folder / "protected_sites.csv").write_text(header + "\n", encoding="utf-8")
    (said,) = found(folder)
    assert said.startswith(
        "protected_sites.csv:1:*: the list is empty: name each shelter, or write 'no_protected_sites"
    )
    assert found(replace(folder, "city.toml", "population", "no_protected_sites = true\npopulation")) == []


def test_a_profile_that_says_that_it_has_no_site_names_none(folder: Path) -> None:
    assert found(replace(folder, "city.toml", "population", "no_protected_sites = true\npopulation")) == [
        "city.toml:4:no_protected_sites: protected_sites.csv names a site: take this line out"
    ]


def test_the_word_for_no_sites_at_the_end_of_the_file_is_told_where_it_belongs(folder: Path) -> None:
    path = folder / "city.toml"
    path.write_text(path.read_text(encoding="utf-8") + "no_protected_sites = true\n", encoding="utf-8")
    (said,) = found(folder)
    assert "'no_protected_sites' stands above the first line in square brackets" in said


@pytest.mark.parametrize("radius", ["0", "-150", "5001", "150,5", "1e2"])
def test_a_radius_that_protects_nothing_or_everything_is_refused(put: Set, radius: str) -> None:
    (said,) = found(put("protected_sites.csv", "abri", radius_m=radius))
    assert said.startswith("protected_sites.csv:2:radius_m: ")


def test_a_comma_in_a_number_is_told_from_other_mistakes(put: Set, folder: Path) -> None:
    assert found(put("protected_sites.csv", "abri", lat="47,16")) == [
        "protected_sites.csv:2:lat: '47,16' has a comma: write 47.16, with a point"
    ]
    (said,) = found(replace(folder, "protected_sites.csv", '"47,16"', "47,16"))
    assert said.endswith("a text with a comma stands in double quotes, a number has a point")


def test_a_comma_in_a_number_of_city_toml_is_told_with_its_line(folder: Path) -> None:
    (said,) = found(replace(folder, "city.toml", "lon = -1.25", "lon = -1,25"))
    assert said.startswith("city.toml:22:*: the file is not TOML: ")
    assert said.endswith(": a number has a point, not a comma")


@pytest.mark.parametrize(("separator", "noun"), [(";", "semicolons"), ("\t", "tabs")])
def test_a_file_that_a_spreadsheet_saved_without_commas_is_one_mistake(folder: Path, separator: str, noun: str) -> None:
    path = folder / "protected_sites.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", separator), encoding="utf-8")
    assert found(folder) == [f"protected_sites.csv:1:*: the cells are separated by {noun}: save the file with commas"]


@pytest.mark.parametrize(
    ("file", "code"),
    [("protected_sites.csv", "abri"), ("partners.csv", "MAIRIE"), ("places.csv", "halle"), ("actions.csv", "BER-1")],
)
def test_two_codes_that_differ_only_in_case_are_one(folder: Path, file: str, code: str) -> None:
    path = folder / file
    lines = path.read_text(encoding="utf-8").splitlines()
    row = next(line for line in lines if line.startswith(f"{code},"))
    path.write_text("\n".join([*lines, code.swapcase() + row[len(code) :]]) + "\n", encoding="utf-8")
    said = f"'{code.swapcase()}' differs only in case from '{code}' on line {lines.index(row) + 1}"
    assert found(folder) == [f"{file}:{len(lines) + 1}:code: {said}"]


def test_a_street_with_a_place_s_code_in_another_case_is_refused(put: Set) -> None:
    (said,) = found(put("streets.csv", "rue-haute", code="QUAI"))
    assert said == "streets.csv:3:code: 'QUAI' is already a place, in places.csv line 4"


def test_doubtful_protected_sites_are_warned_of_and_accepted(put: Set, folder: Path) -> None:
    assert found(put("protected_sites.csv", "ecole", lon="-1.255", lat="47.16")) == [
        "protected_sites.csv:3:lon: warning: the position is that of 'abri', on line 2"
    ]
    assert found(put("protected_sites.csv", "ecole", lon="-1.25", lat="47.16")) == [
        "protected_sites.csv:3:lon: warning: two decimals are about 1 km: give the position with four or five"
    ]
    assert check_profile(folder).warnings


def test_two_sectors_at_one_position_are_refused(put: Set) -> None:
    assert found(put("sectors.csv", "rive-sud", lon="-1.25", lat="47.17")) == [
        "sectors.csv:3:lon: the position is that of 'rive-nord', on line 2"
    ]


def test_a_sector_that_hardly_any_point_belongs_to_is_warned_of(folder: Path) -> None:
    path = folder / "sectors.csv"
    rows = "milieu,Milieu,Middle,-1.25,47.1701,no\nnord,Nord,North,-1.25,47.1702,no\n"
    path.write_text(path.read_text(encoding="utf-8") + rows, encoding="utf-8")
    (said,) = found(folder)
    assert said.startswith("sectors.csv:4:lon: warning: only 0.")
    assert said.endswith("of the city's area is nearest to this position")


def test_an_outline_that_holds_no_position_of_the_profile_is_one_mistake(folder: Path) -> None:
    path = folder / "boundary.geojson"
    document = json.loads(path.read_text(encoding="utf-8"))
    rings = document["geometry"]["coordinates"]
    document["geometry"]["coordinates"] = [[[lat, lon] for lon, lat in ring] for ring in rings]
    path.write_text(json.dumps(document), encoding="utf-8")
    said = found(folder)
    assert [each.split(":")[0] for each in said] == ["boundary.geojson", "city.toml"]
    assert "none of the profile's positions lies in it: GeoJSON has the longitude first" in said[0]
    assert "reaches beyond the box: it goes from 47." in said[1]


@pytest.mark.parametrize(("zone", "is_refused"), [("America/Toronto", True), ("Europe/Warsaw", False)])
def test_a_city_on_another_side_of_the_earth_than_its_time_zone_is_refused(
    folder: Path, zone: str, is_refused: bool
) -> None:
    said = found(replace(folder, "city.toml", "Europe/Paris", zone))
    assert bool(said) == is_refused
    assert all("the longitude -1.25 does not go with America/Toronto" in each for each in said)


@pytest.mark.parametrize(("old", "new"), [("dlon = 0.002", "dlon = 0.0005"), ("dlat = 0.0014", "dlat = 0.01")])
def test_cells_that_tell_too_much_or_too_little_are_refused(folder: Path, old: str, new: str) -> None:
    (said,) = found(replace(folder, "city.toml", old, new))
    assert said.startswith(f"city.toml:1{'6' if 'dlon' in old else '7'}:lattice.{old[:4]}: a cell has ")


def test_the_terminal_prints_warnings_and_accepts(app: Flask, put: Set) -> None:
    folder = put("protected_sites.csv", "ecole", lon="-1.255", lat="47.16")
    done = app.test_cli_runner().invoke(args=["check-city", str(folder)])
    assert done.exit_code == 0
    assert "protected_sites.csv:3:lon: warning: the position is that of 'abri'" in done.output
    assert "rivebelle: no mistake" in done.output


def test_headers_alone_are_one_mistake_a_file_and_nothing_follows_from_them(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    said = found(folder)
    assert sorted(each.split(":")[0] for each in said) == sorted(
        f"{name}.csv"
        for name in (
            "sectors",
            "partners",
            "emergency_numbers",
            "signposts",
            "categories",
            "queues",
            "responses",
            "rules",
        )
    )
    assert all(":1:*: the file has no row: " in each for each in said)


@pytest.mark.parametrize("file", sorted(path.name for path in RIVEBELLE.glob("*.csv")))
def test_one_file_of_headers_alone_is_one_mistake_or_none(folder: Path, file: str) -> None:
    path = folder / file
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    said = found(folder)
    assert all(each.startswith(f"{file}:1:") for each in said)
    assert len(said) <= 1
    assert bool(said) == (file not in {"districts.csv", "questions.csv"})


@pytest.mark.parametrize("comment", ["# One line.\n", "# Two\n#lines, with a comma\n\n", '"# Of a spreadsheet",,,\n'])
def test_lines_before_the_header_that_begin_with_a_number_sign_are_comments(folder: Path, comment: str) -> None:
    path = folder / "districts.csv"
    path.write_text(comment + path.read_text(encoding="utf-8"), encoding="utf-8")
    assert found(folder) == []
    replace(folder, "districts.csv", "name_en", "name_english")
    assert {each.split(":")[1] for each in found(folder)} == {str(comment.count("\n") + 1)}


def test_a_file_without_its_header_is_one_mistake(folder: Path) -> None:
    path = folder / "districts.csv"
    path.write_text("port,Le Port,The Port\n", encoding="utf-8")
    assert found(folder) == ["districts.csv:1:*: the line is not the header, which is code,name_fr,name_en"]


@pytest.mark.parametrize("text", ["", " \n", "# Only a comment.\n", "[name]\n"])
def test_a_city_toml_without_a_value_is_one_mistake(folder: Path, text: str) -> None:
    (folder / "city.toml").write_text(text, encoding="utf-8")
    assert found(folder) == ["city.toml:1:*: the file is empty: `flask new-city` writes one to fill in"]


def test_no_line_after_the_header_is_taken_for_a_comment(folder: Path) -> None:
    path = folder / "protected_sites.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("\nabri,", "\n#abri,"), encoding="utf-8")
    (said,) = found(folder)
    assert said.startswith("protected_sites.csv:2:code: '#abri' is not a code")
