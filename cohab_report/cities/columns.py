"""The columns of a city profile's tables, and how their values are read."""

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from cohab_report import csv_values
from cohab_report.catalogue.models import AnsweredBy, Grain, Kind, PhotoRule, Priority, Protection
from cohab_report.csv_tables import Column
from cohab_report.errors import Invalid
from cohab_report.partners.hours import Hours
from cohab_report.partners.models import HiddenPoint, Purpose, SeesContact
from cohab_report.plan.csv_columns import ACTION_COLUMNS
from cohab_report.routing.models import RuleHours, RuleOccupancy
from cohab_report.triage.models import ClosingReason
from cohab_report.triage.waiting.models import QueueKind

EMAIL_PATTERN = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
RESPONSE_SCOPE_PATTERN = re.compile(r"\*|[A-Za-z][A-Za-z0-9_-]{0,15}")
CALL_TARGET_PATTERN = re.compile(r"tel:\+?[0-9]{2,15}|sms:\+?[0-9]{3,15}")
HOURS_MISTAKES = {
    "syntax": "is not written like mon-fri 08:30-16:30;sat 10:00-12:00 or 24/7",
    "day": "names a day other than mon, tue, wed, thu, fri, sat, sun or hol",
    "time": "has a time of day that does not exist",
    "overlap": "has two openings at the same time",
}


def read_hours(text: str) -> str:
    """Checks opening hours with `partners.hours` and returns them as text; raises ValueError with the reason."""
    try:
        Hours.parse(text, ZoneInfo("UTC"))
    except Invalid as error:
        raise ValueError(f"'{text}' {HOURS_MISTAKES[error.reason]}") from None
    return text.strip()


def _pattern_reader(pattern: re.Pattern[str], what: str) -> csv_values.ValueReader:
    def read(text: str) -> str:
        stripped = text.strip()
        if not pattern.fullmatch(stripped):
            raise ValueError(f"'{stripped}' is not {what}")
        return stripped

    return read


def _read_purposes(text: str) -> tuple[Purpose, ...]:
    return tuple(csv_values.enum_member(Purpose)(part) for part in csv_values.code_list(text))


def _read_protection(text: str) -> Protection:
    names = {member.name.lower(): member for member in Protection}
    return names[csv_values.one_of_words(*names)(text)]


def _read_priority(text: str) -> Priority:
    return Priority[csv_values.one_of_words(*Priority.__members__)(text)]


def _codes_column(name: str, *refers: str) -> Column:
    return Column(name, csv_values.code_list, needed=False, empty=(), refers=refers)


def _words_column(name: str, *, needed: bool = True) -> Column:
    return Column(name, csv_values.verbatim, needed)


def _bilingual_columns(name: str, *, needed: bool = True) -> tuple[Column, Column]:
    return _words_column(f"{name}_fr", needed=needed), _words_column(f"{name}_en", needed=needed)


POINT_COLUMNS = (Column("lon", csv_values.degrees(180)), Column("lat", csv_values.degrees(90)))
POSITION_COLUMN = Column("position", csv_values.integer(1, 99999))
APPROXIMATE_COLUMN = Column("approximate", csv_values.yes_no)
SECTOR_COLUMN = Column("sector", csv_values.code(40), refers=("sectors",))
ALSO_COLUMN = Column("also", csv_values.text_list, needed=False, empty=())
PLACE_KINDS = ("park", "square", "building", "waterfront", "venue", "transit", "garden", "campus", "health", "sports")
SITE_KINDS = ("shelter", "day_centre", "school", "clsc")
SHOWS_COLUMN = Column(
    "shows", csv_values.code_pairs(csv_values.code(24)), needed=False, empty={}, refers=("signposts",)
)

PROFILE_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "sectors": (Column("code", csv_values.code(40)), *_bilingual_columns("name"), *POINT_COLUMNS, APPROXIMATE_COLUMN),
    "districts": (Column("code", csv_values.code(40)), *_bilingual_columns("name")),
    "places": (
        Column("code", csv_values.code(60)),
        *_bilingual_columns("name"),
        Column("kind", csv_values.one_of_words(*PLACE_KINDS)),
        *POINT_COLUMNS,
        APPROXIMATE_COLUMN,
        SECTOR_COLUMN,
        ALSO_COLUMN,
    ),
    "streets": (
        Column("code", csv_values.code(60)),
        _words_column("name_fr"),
        *POINT_COLUMNS,
        APPROXIMATE_COLUMN,
        SECTOR_COLUMN,
        ALSO_COLUMN,
    ),
    "protected_sites": (
        Column("code", csv_values.code(60)),
        _words_column("name_fr"),
        Column("kind", csv_values.one_of_words(*SITE_KINDS)),
        *POINT_COLUMNS,
        Column("radius_m", csv_values.integer(10, 5000)),
        APPROXIMATE_COLUMN,
    ),
    "partners": (
        Column("code", csv_values.code(24)),
        *_bilingual_columns("name"),
        *_bilingual_columns("role"),
        Column("purposes", _read_purposes, needed=False, empty=()),
        Column("email", _pattern_reader(EMAIL_PATTERN, "an e-mail address"), needed=False),
        _words_column("phone", needed=False),
        Column("hours", read_hours, needed=False),
        *_bilingual_columns("fallback", needed=False),
        Column("hidden_point", csv_values.enum_member(HiddenPoint)),
        _codes_column("exact_categories", "categories"),
        Column("sees_contact", csv_values.enum_member(SeesContact)),
        Column("transfer_only", csv_values.yes_no),
        Column("does_works", csv_values.yes_no),
        Column("does_outreach", csv_values.yes_no),
        _codes_column("source", "sources"),
    ),
    "sources": (
        Column("key", csv_values.code(24)),
        _words_column("title"),
        Column("url", csv_values.web_address, needed=False),
        Column("seen_on", csv_values.iso_date, needed=False, empty=None),
    ),
    "fields": (Column("code", csv_values.code(12)), POSITION_COLUMN, *_bilingual_columns("name")),
    "actions": ACTION_COLUMNS,
    "emergency_numbers": (
        Column("code", csv_values.code(24)),
        POSITION_COLUMN,
        Column("number", csv_values.short_text(40)),
        Column("tel", _pattern_reader(CALL_TARGET_PATTERN, "a target like tel:+18005550199")),
        *_bilingual_columns("label"),
        *_bilingual_columns("when"),
        Column("level", csv_values.one_of_words("danger", "help", "city")),
        _codes_column("source", "sources"),
    ),
    "signposts": (
        Column("code", csv_values.code(24)),
        POSITION_COLUMN,
        *_bilingual_columns("title"),
        *_bilingual_columns("body"),
        _codes_column("numbers", "emergency_numbers"),
    ),
    "categories": (
        Column("code", csv_values.code(16)),
        Column("kind", csv_values.enum_member(Kind)),
        POSITION_COLUMN,
        *_bilingual_columns("name"),
        *_bilingual_columns("help"),
        Column("protection", _read_protection),
        Column("purpose", csv_values.enum_member(Purpose)),
        Column("lead", csv_values.code(24), needed=False, refers=("partners",)),
        _codes_column("actions", "actions"),
        Column("priority", _read_priority),
        _codes_column("signposts", "signposts"),
        Column("asks_belongings", csv_values.yes_no),
        Column("locks_works", csv_values.yes_no),
        Column("photo", csv_values.enum_member(PhotoRule)),
        Column("answered_by", csv_values.enum_member(AnsweredBy)),
        Column("queue", csv_values.code(24), needed=False, refers=("queues",)),
        Column("near_protected", csv_values.enum_member(Grain)),
    ),
    "questions": (
        Column("category", csv_values.code(16), refers=("categories",)),
        Column("code", csv_values.code(24)),
        POSITION_COLUMN,
        Column("kind", csv_values.one_of_words("choice", "yes_no")),
        Column("required", csv_values.yes_no),
        *_bilingual_columns("text"),
        Column("options_fr", csv_values.text_list, needed=False, empty=()),
        Column("options_en", csv_values.text_list, needed=False, empty=()),
        Column("option_codes", csv_values.code_list, needed=False, empty=()),
        Column("raises", csv_values.code_pairs(_read_priority), needed=False, empty={}),
        SHOWS_COLUMN,
        Column("blocks", SHOWS_COLUMN.read, needed=False, empty={}, refers=("signposts",)),
    ),
    "responses": (
        Column("category", _pattern_reader(RESPONSE_SCOPE_PATTERN, "a category, a kind or *")),
        Column("outcome", csv_values.one_of_words(*ClosingReason)),
        *_bilingual_columns("text"),
    ),
    "queues": (
        Column("code", csv_values.code(24)),
        POSITION_COLUMN,
        *_bilingual_columns("name"),
        Column("purpose", csv_values.enum_member(Purpose)),
        _codes_column("actions", "actions"),
        Column("kind", csv_values.enum_member(QueueKind)),
    ),
    "legal_grounds": (
        Column("code", csv_values.code(24)),
        POSITION_COLUMN,
        *_bilingual_columns("name"),
        _words_column("article"),
        Column("source", csv_values.code(24), refers=("sources",)),
    ),
    "rules": (
        Column("code", csv_values.code(40)),
        POSITION_COLUMN,
        _codes_column("categories", "categories"),
        _codes_column("queues", "queues"),
        _codes_column("places", "places", "streets"),
        _codes_column("sectors", "sectors"),
        Column("occupancy", csv_values.enum_member(RuleOccupancy)),
        Column("hours", csv_values.enum_member(RuleHours)),
        Column("partner", csv_values.code(24), refers=("partners",)),
        *_bilingual_columns("because"),
    ),
}
KEY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "sources": ("key",),
    "questions": ("category", "code"),
    "responses": ("category", "outcome"),
}
