"""A city profile on paper: which files it has, which columns, and what their cells mean.

`read_profile` reads the whole folder, collects every mistake of every file and touches no database. Whether the rows make sense
together is asked in `checks`; writing them is `loader`'s.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from cohab_report import cells, sheets
from cohab_report.catalogue.models import AnsweredBy, Grain, Kind, PhotoRule, Priority, Protection
from cohab_report.cities.outline import Outline, read_outline
from cohab_report.cities.settlement import Settlement, read_settlement
from cohab_report.errors import Invalid
from cohab_report.partners.hours import Hours
from cohab_report.partners.models import HiddenPoint, Purpose, SeesContact
from cohab_report.plan.sheet import ACTIONS
from cohab_report.routing.models import WhenOccupied, WhenOpen
from cohab_report.sheets import Column, Mistake, Sheet, unknown
from cohab_report.triage.models import ClosingReason, QueueKind

PROFILES = Path(__file__).parent
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
ANSWERED = re.compile(r"\*|[A-Za-z][A-Za-z0-9_-]{0,15}")
TARGET = re.compile(r"tel:\+?[0-9]{2,15}|sms:\+?[0-9]{3,15}")
WHY_HOURS_FAIL = {
    "syntax": "is not written like mon-fri 08:30-16:30;sat 10:00-12:00 or 24/7",
    "day": "names a day other than mon, tue, wed, thu, fri, sat, sun or hol",
    "time": "has a time of day that does not exist",
    "overlap": "has two openings at the same time",
}


@dataclass(frozen=True)
class Profile:
    """Everything that a folder says about one city, typed, and without a mistake in any single cell."""

    settlement: Settlement
    outline: Outline
    tables: Mapping[str, Sheet]

    def codes(self, table: str) -> set[str]:
        """The codes that this table's rows have."""
        return {row[KEYS.get(table, ("code",))[-1]] for row in self.tables[table].rows}


def hours(text: str) -> str:
    """Opening hours in the form that `partners.hours` understands, kept as text."""
    try:
        Hours.parse(text, ZoneInfo("UTC"))
    except Invalid as error:
        raise ValueError(f"'{text}' {WHY_HOURS_FAIL[error.reason]}") from None
    return text.strip()


def _matching(pattern: re.Pattern[str], what: str) -> cells.Reader:
    def read(text: str) -> str:
        stripped = text.strip()
        if not pattern.fullmatch(stripped):
            raise ValueError(f"'{stripped}' is not {what}")
        return stripped

    return read


def _purposes(text: str) -> tuple[Purpose, ...]:
    return tuple(cells.member(Purpose)(part) for part in cells.codes(text))


def _protection(text: str) -> Protection:
    names = {member.name.lower(): member for member in Protection}
    return names[cells.choice(*names)(text)]


def _priority(text: str) -> Priority:
    return Priority[cells.choice(*Priority.__members__)(text)]


def _some(name: str, *refers: str) -> Column:
    return Column(name, cells.codes, needed=False, empty=(), refers=refers)


def _text(name: str, *, needed: bool = True) -> Column:
    return Column(name, cells.words, needed)


def _both(name: str, *, needed: bool = True) -> tuple[Column, Column]:
    return _text(f"{name}_fr", needed=needed), _text(f"{name}_en", needed=needed)


POINT = (Column("lon", cells.degrees(180)), Column("lat", cells.degrees(90)))
POSITION = Column("position", cells.whole(1, 99999))
APPROXIMATE = Column("approximate", cells.yes_no)
SECTOR = Column("sector", cells.code(40), refers=("sectors",))
ALSO = Column("also", cells.texts, needed=False, empty=())
PLACE_KINDS = ("park", "square", "building", "waterfront", "venue", "transit", "garden", "campus", "health", "sports")
SITE_KINDS = ("shelter", "day_centre", "school", "clsc")
_POINTS_TO = Column("shows", cells.pairs(cells.code(24)), needed=False, empty={}, refers=("signposts",))

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "sectors": (Column("code", cells.code(40)), *_both("name"), *POINT, APPROXIMATE),
    "districts": (Column("code", cells.code(40)), *_both("name")),
    "places": (
        Column("code", cells.code(60)), *_both("name"), Column("kind", cells.choice(*PLACE_KINDS)), *POINT, APPROXIMATE, SECTOR, ALSO,
    ),
    "streets": (Column("code", cells.code(60)), _text("name_fr"), *POINT, APPROXIMATE, SECTOR, ALSO),
    "protected_sites": (
        Column("code", cells.code(60)), _text("name_fr"), Column("kind", cells.choice(*SITE_KINDS)), *POINT,
        Column("radius_m", cells.whole(10, 5000)), APPROXIMATE,
    ),
    "partners": (
        Column("code", cells.code(24)), *_both("name"), *_both("role"),
        Column("purposes", _purposes, needed=False, empty=()),
        Column("email", _matching(EMAIL, "an e-mail address"), needed=False),
        _text("phone", needed=False), Column("hours", hours, needed=False), *_both("fallback", needed=False),
        Column("hidden_point", cells.member(HiddenPoint)), _some("exact_categories", "categories"),
        Column("sees_contact", cells.member(SeesContact)), Column("transfer_only", cells.yes_no), Column("does_works", cells.yes_no),
        Column("does_outreach", cells.yes_no), _some("source", "sources"),
    ),
    "sources": (
        Column("key", cells.code(24)), _text("title"), Column("url", cells.web_address, needed=False),
        Column("seen_on", cells.day, needed=False, empty=None),
    ),
    "fields": (Column("code", cells.code(12)), POSITION, *_both("name")),
    "actions": ACTIONS,
    "emergency_numbers": (
        Column("code", cells.code(24)), POSITION, _text("number"), Column("tel", _matching(TARGET, "a target like tel:+18005550199")),
        *_both("label"), *_both("when"), Column("level", cells.choice("danger", "help", "city")), _some("source", "sources"),
    ),
    "signposts": (Column("code", cells.code(24)), POSITION, *_both("title"), *_both("body"), _some("numbers", "emergency_numbers")),
    "categories": (
        Column("code", cells.code(16)), Column("kind", cells.member(Kind)), POSITION, *_both("name"), *_both("help"),
        Column("protection", _protection), Column("purpose", cells.member(Purpose)),
        Column("lead", cells.code(24), needed=False, refers=("partners",)), _some("actions", "actions"), Column("priority", _priority),
        _some("signposts", "signposts"), Column("asks_belongings", cells.yes_no), Column("locks_works", cells.yes_no),
        Column("photo", cells.member(PhotoRule)), Column("answered_by", cells.member(AnsweredBy)),
        Column("queue", cells.code(24), needed=False, refers=("queues",)), Column("near_protected", cells.member(Grain)),
    ),
    "questions": (
        Column("category", cells.code(16), refers=("categories",)), Column("code", cells.code(24)), POSITION,
        Column("kind", cells.choice("choice", "yes_no")), Column("required", cells.yes_no), *_both("text"),
        Column("options_fr", cells.texts, needed=False, empty=()), Column("options_en", cells.texts, needed=False, empty=()),
        Column("option_codes", cells.codes, needed=False, empty=()), Column("raises", cells.pairs(_priority), needed=False, empty={}),
        _POINTS_TO, Column("blocks", _POINTS_TO.read, needed=False, empty={}, refers=("signposts",)),
    ),
    "responses": (
        Column("category", _matching(ANSWERED, "a category, a kind or *")), Column("outcome", cells.choice(*ClosingReason)), *_both("text"),
    ),
    "queues": (
        Column("code", cells.code(24)), POSITION, *_both("name"), Column("purpose", cells.member(Purpose)), _some("actions", "actions"),
        Column("kind", cells.member(QueueKind)),
    ),
    "rules": (
        Column("code", cells.code(40)), POSITION, _some("categories", "categories"), _some("queues", "queues"),
        _some("places", "places", "streets"), _some("sectors", "sectors"), Column("occupancy", cells.member(WhenOccupied)),
        Column("hours", cells.member(WhenOpen)), Column("partner", cells.code(24), refers=("partners",)), *_both("because"),
    ),
}  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = {
    "sources": ("key",),
    "questions": ("category", "code"),
    "responses": ("category", "outcome"),
}


def folder_of(name_or_folder: str) -> Path:
    """The folder of a profile: one that ships with the product, by name, or any other by its path."""
    shipped = PROFILES / name_or_folder
    return shipped if name_or_folder.isidentifier() and shipped.is_dir() else Path(name_or_folder)


def read_profile(folder: Path) -> Profile:
    """The profile in this folder; raises `sheets.Refused` with every mistake of every file."""
    if not folder.is_dir():
        raise sheets.Refused([Mistake(str(folder), 1, "*", "there is no such folder")])
    mistakes: list[Mistake] = []
    settlement = read_settlement(folder / "city.toml", hours, mistakes)
    outline = read_outline(folder / "boundary.geojson", mistakes)
    tables = {name: _sheet(folder, name) for name in COLUMNS}
    mistakes += [mistake for sheet in tables.values() for mistake in sheet.mistakes]
    mistakes += [mistake for name in tables for mistake in _broken_references(name, tables)]
    if mistakes or settlement is None or outline is None:
        raise sheets.Refused(mistakes)
    return Profile(settlement, outline, tables)


def _sheet(folder: Path, table: str) -> Sheet:
    file = f"{table}.csv"
    text, mistakes = sheets.text_of(folder / file)
    return (
        Sheet(file, (), mistakes)
        if mistakes
        else sheets.read(file, text, COLUMNS[table], key=KEYS.get(table, ("code",)))
    )


def _broken_references(table: str, tables: Mapping[str, Sheet]) -> list[Mistake]:
    """Codes that name nothing; a table with mistakes of its own is not held against those who name its rows."""
    sheet, found = tables[table], []
    for column in COLUMNS[table]:
        targets = [tables[name] for name in column.refers]
        if not targets or any(target.mistakes for target in targets):
            continue
        known = {row[KEYS.get(name, ("code",))[-1]] for name in column.refers for row in tables[name].rows}
        nouns = " or ".join(f"{name}.csv" for name in column.refers)
        for row in sheet.rows:
            found += [
                sheet.at(row, column.name, unknown(code, known, nouns))
                for code in _named(row[column.name])
                if code not in known
            ]
    return found


def _named(value: object) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(value.values())
    return value if isinstance(value, tuple) else (str(value),) if value else ()
