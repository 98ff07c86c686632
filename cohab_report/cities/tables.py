"""Reads a city profile's folder: `read_profile` collects every mistake of every file, without a database.

`columns` says what each file holds, `checks` checks the rows against each other; `loader` writes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from cohab_report import csv_tables
from cohab_report.cities.city_toml import CityToml, read_city_toml
from cohab_report.cities.columns import KEY_COLUMNS, PROFILE_COLUMNS, read_hours
from cohab_report.cities.outline import Outline, read_outline
from cohab_report.csv_tables import CsvTable, Mistake, unknown_code_sentence

PROFILES_FOLDER = Path(__file__).parent
NEEDED_TABLES: Mapping[str, str] = {
    "sectors": "every point belongs to one",
    "partners": "somebody must receive what residents send",
    "emergency_numbers": "the first page of the form shows them",
    "signposts": "the first page of the form shows 'A' and 'C'",
    "categories": "residents choose one",
    "queues": "every category waits in one",
    "responses": "residents read one when a case ends",
    "rules": "every category needs a partner",
}
"""The tables that may not be empty, and why."""


@dataclass(frozen=True)
class Profile:
    """A city profile as read from its folder: typed values, without a mistake in any single value."""

    city_toml: CityToml
    outline: Outline
    tables: Mapping[str, CsvTable]
    warnings: tuple[Mistake, ...] = ()
    """What is doubtful in it and refuses nothing."""

    def codes(self, table: str) -> set[str]:
        """Returns the codes of this table's rows."""
        return {row[KEY_COLUMNS.get(table, ("code",))[-1]] for row in self.tables[table].rows}


def profile_folder(name_or_folder: str) -> Path:
    """Returns a profile's folder: one that ships with the product, by name, or any other by its path."""
    shipped = PROFILES_FOLDER / name_or_folder
    return shipped if name_or_folder.isidentifier() and shipped.is_dir() else Path(name_or_folder)


def profile_source(folder: Path) -> str:
    """Returns where a profile is loaded from: the name of one that ships with the product, or a folder's whole path.

    Links are not followed: a release that is installed beside another is no other profile.
    """
    return folder.name if folder.parent == PROFILES_FOLDER else str(folder.absolute())


def read_profile(folder: Path) -> Profile:
    """Reads the profile in this folder; raises `TableRefused` with every mistake of every file."""
    if not folder.is_dir():
        raise csv_tables.TableRefused([Mistake(str(folder), 1, "*", "there is no such folder")])
    mistakes: list[Mistake] = []
    city_toml = read_city_toml(folder / "city.toml", read_hours, mistakes)
    outline = read_outline(folder / "boundary.geojson", mistakes)
    tables = {name: _read_profile_table(folder, name) for name in PROFILE_COLUMNS}
    mistakes += [mistake for table in tables.values() for mistake in table.mistakes]
    mistakes += [mistake for name in tables for mistake in _unknown_references(name, tables)]
    if mistakes or city_toml is None or outline is None:
        raise csv_tables.TableRefused(mistakes)
    return Profile(city_toml, outline, tables)


def _read_profile_table(folder: Path, name: str) -> CsvTable:
    file = f"{name}.csv"
    text, mistakes = csv_tables.read_text(folder / file)
    if mistakes:
        return CsvTable(file, (), mistakes)
    table = csv_tables.read_table(file, text, PROFILE_COLUMNS[name], key=KEY_COLUMNS.get(name, ("code",)))
    if table.rows or table.mistakes or name not in NEEDED_TABLES:
        return table
    return replace(table, mistakes=(Mistake(file, 1, "*", f"the file has no row: {NEEDED_TABLES[name]}"),))


def _unknown_references(name: str, tables: Mapping[str, CsvTable]) -> list[Mistake]:
    """Returns a mistake for each code of this table that no other table has.

    Codes of tables with mistakes are not checked, and all codes of an empty table are one mistake, of that table.
    """
    table, mistakes = tables[name], []
    for column in PROFILE_COLUMNS[name]:
        targets = [tables[target] for target in column.refers]
        if not targets or any(target.mistakes for target in targets):
            continue
        empty = next((target.file for target in targets if not target.rows), "")
        if empty and any(_codes_in_value(row[column.name]) for row in table.rows):
            mistakes.append(Mistake(empty, 1, "*", "the file has no row, and other files name its codes"))
            continue
        codes = {row[KEY_COLUMNS.get(target, ("code",))[-1]] for target in column.refers for row in tables[target].rows}
        files = " or ".join(f"{target}.csv" for target in column.refers)
        for row in table.rows:
            mistakes += [
                table.mistake_at(row, column.name, unknown_code_sentence(code, codes, files))
                for code in _codes_in_value(row[column.name])
                if code not in codes
            ]
    return mistakes


def _codes_in_value(value: object) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(value.values())
    return value if isinstance(value, tuple) else (str(value),) if value else ()
