"""`docs/city-profile.md` names every file, column and key that is read, and no other, with examples that pass."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from cohab_report.cities.city_toml import CITY_TOML_CHECKS, CITY_TOML_DEFAULTS
from cohab_report.cities.columns import PROFILE_COLUMNS
from cohab_report.cities.tables import NEEDED_TABLES, PROFILES_FOLDER
from cohab_report.csv_tables import Column

PAGE = (PROFILES_FOLDER.parent.parent / "docs" / "city-profile.md").read_text(encoding="utf-8")
COLUMNS = [(table, column) for table, columns in PROFILE_COLUMNS.items() for column in columns]


@dataclass(frozen=True)
class Entry:
    """A row of the page about a column or a key."""

    value: str
    needed: str
    example: str
    words: str


def section(file: str) -> str:
    """Returns what the page says of a file."""
    return PAGE.partition(f"### `{file}`\n")[2].partition("\n#")[0]


def entries(file: str) -> Mapping[str, Entry]:
    """Returns the page's rows about a file, by the name of the column or key."""
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in section(file).splitlines() if line.startswith("| `")]
    cells = [[cell.strip().replace("\\|", "|") for cell in row] for row in rows]
    return {
        name.strip("`"): Entry(value, needed, example.strip("`"), words)
        for name, value, needed, example, words in cells
    }


def test_the_page_has_a_section_for_every_file_and_for_no_other() -> None:
    assert re.findall(r"^### `(.+)`$", PAGE, re.MULTILINE) == [
        "city.toml",
        "boundary.geojson",
        *(f"{name}.csv" for name in PROFILE_COLUMNS),
    ]


@pytest.mark.parametrize("table", PROFILE_COLUMNS)
def test_every_column_stands_there_in_order_and_no_other(table: str) -> None:
    assert list(entries(f"{table}.csv")) == [column.name for column in PROFILE_COLUMNS[table]]


def test_every_key_of_city_toml_stands_there_and_no_other() -> None:
    assert list(entries("city.toml")) == list(CITY_TOML_CHECKS)


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=lambda each: getattr(each, "name", each))
def test_a_column_is_described_as_it_is_read(table: str, column: Column) -> None:
    entry = entries(f"{table}.csv")[column.name]
    assert entry.needed == ("yes" if column.needed else "no")
    assert entry.value and entry.words
    column.read(entry.example)
    for allowed in words_allowed(column):
        assert f"`{allowed}`" in entry.value + entry.words
    for target in column.refers:
        assert f"`{target}.csv`" in entry.words


def words_allowed(column: Column) -> list[str]:
    """Returns the words of which a value of this column must be one, if there is such a list."""
    try:
        column.read("neverOneOfThem")
    except ValueError as error:
        return str(error).partition(" is not one of ")[2].split(", ") if " is not one of " in str(error) else []
    return []


@pytest.mark.parametrize("name", CITY_TOML_CHECKS)
def test_a_key_is_described_as_it_is_read(name: str) -> None:
    entry = entries("city.toml")[name]
    CITY_TOML_CHECKS[name](tomllib.loads(f"value = {entry.example}")["value"])
    default = CITY_TOML_DEFAULTS.get(name)
    assert entry.needed == ("needed" if default is None else f"`{str(default).lower()}`")
    assert entry.value and entry.words


def test_the_page_says_which_file_may_have_no_row() -> None:
    for table in PROFILE_COLUMNS:
        text = section(f"{table}.csv")
        may_be_empty = "may have no row" in text or "header alone" in text or "At least one row if" in text
        assert may_be_empty == (table not in NEEDED_TABLES), table


def test_the_page_names_every_command_on_profiles() -> None:
    for command in ("new-city", "check-city", "load-city", "export-plan", "import-plan", "create-person", "db upgrade"):
        assert f"`flask {command}" in PAGE
