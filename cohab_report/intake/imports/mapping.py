"""The mapping file of an import: how another system's columns, codes, times and coordinates become ours.

A TOML file that the city maintains. It is read whole and refused whole: every mistake is named, and nothing is imported
with a mapping that has one. It reads no database: the job checks that its codes exist.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cohab_report import csv_tables
from cohab_report.geo import Point
from cohab_report.intake.imports.toml_reader import TomlReader
from cohab_report.intake.models import Belongings

REQUIRED_COLUMNS = ("id", "category", "created")
MAPPABLE_COLUMNS = (*REQUIRED_COLUMNS, "closed", "status", "lon", "lat", "text")
ISO, EPOCH_SECONDS, EPOCH_MILLISECONDS = "iso", "epoch", "epoch_ms"
MAX_SHIFT_DAYS = 36525
IMPORT_CLOSING_REASONS = (
    "done",
    "nothing_found",
    "already_followed",
    "help_offered",
    "outside_mandate",
    "redirected",
    "not_possible",
)
MAPPING_TABLES: Mapping[str, tuple[str, ...]] = {
    "file": ("encoding", "delimiter"),
    "columns": MAPPABLE_COLUMNS,
    "time": ("zone", "formats", "shift_days"),
    "shift": ("dlon", "dlat", "from", "to", "scale"),
    "defaults": ("category", "belongings", "language"),
    "closing": ("action", "out_of_plan"),
}
FREE_KEY_TABLES = ("categories", "refused", "status")
"""Tables whose keys are the other system's own words."""


@dataclass(frozen=True)
class MappedCategory:
    """The category that one of their types becomes, and the belongings answer where our category asks for one."""

    category: str
    belongings: Belongings


@dataclass(frozen=True)
class TimeFormats:
    """The formats of their times, their zone, and by how many days history is shifted."""

    zone: ZoneInfo
    formats: tuple[str, ...] = (ISO,)
    shift_days: int = 0


@dataclass(frozen=True)
class CoordinateShift:
    """A shift of coordinates in degrees: `start` becomes `end`, and distances from it are multiplied by `scale`."""

    start: Point
    end: Point
    scale: float = 1.0

    def apply(self, point: Point) -> Point:
        """Returns the shifted point."""
        lon = self.end.lon + (point.lon - self.start.lon) * self.scale
        return Point(lon, self.end.lat + (point.lat - self.start.lat) * self.scale)


@dataclass(frozen=True)
class ClosingRules:
    """How their finished requests are closed here: the action they count toward, or none, and a reason by state."""

    action: str
    out_of_plan: bool
    reasons: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SourceMapping:
    """Everything needed to import one other system's export."""

    source: str
    """Its name: part of each row's identity, so that two systems may use the same numbers."""
    columns: Mapping[str, str]
    times: TimeFormats
    shift: CoordinateShift | None = None
    categories: Mapping[str, MappedCategory] = field(default_factory=dict)
    refusal_reasons: Mapping[str, str] = field(default_factory=dict)
    """Reason codes of their types that are refused."""
    default_category: MappedCategory | None = None
    language: str = "fr"
    closing: ClosingRules | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = ","

    @property
    def category_codes(self) -> frozenset[str]:
        """Our categories that it names."""
        return frozenset(
            mapped_category.category
            for mapped_category in (
                *self.categories.values(),
                *([self.default_category] if self.default_category else []),
            )
        )


def read_mapping(path: Path) -> SourceMapping:
    """Reads a mapping file; raises `csv_tables.TableRefused` with every mistake in it."""
    text, mistakes = csv_tables.read_text(path)
    if mistakes:
        raise csv_tables.TableRefused(mistakes)
    return parse_mapping(text, path.name)


def parse_mapping(text: str, file: str = "mapping.toml") -> SourceMapping:
    """Parses the TOML text of a mapping; raises `csv_tables.TableRefused` with every mistake in it."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise csv_tables.TableRefused([csv_tables.Mistake(file, 1, "*", f"the file is not TOML: {error}")]) from None
    reader = TomlReader(file, text, data)
    reader.note_unknown_names(("source", *MAPPING_TABLES, *FREE_KEY_TABLES), MAPPING_TABLES)
    mapping = _read_tables(reader)
    if reader.mistakes or mapping is None:
        raise csv_tables.TableRefused(reader.mistakes)
    return mapping


def _read_tables(reader: TomlReader) -> SourceMapping | None:
    time_formats, belongings = (
        _time_formats(reader),
        _belongings_or_note(reader, "defaults.belongings", reader.text("defaults.belongings", "unknown")),
    )
    default_code = reader.text("defaults.category", "")
    named_columns = {
        name: reader.text(f"columns.{name}", "", needed=name in REQUIRED_COLUMNS) for name in MAPPABLE_COLUMNS
    }
    if bool(named_columns["lon"]) != bool(named_columns["lat"]):
        reader.note("columns.lon", "lon and lat go together")
    values = {
        "source": reader.text("source", "", needed=True),
        "columns": {name: their_code for name, their_code in named_columns.items() if their_code},
        "shift": _coordinate_shift(reader),
        "categories": _mapped_categories(reader, belongings),
        "refusal_reasons": _refusal_reasons(reader),
        "default_category": MappedCategory(default_code, belongings) if default_code else None,
        "language": reader.text("defaults.language", "fr"),
        "closing": _closing_rules(reader),
        "encoding": _encoding(reader),
        "delimiter": _delimiter(reader),
    }
    return SourceMapping(times=time_formats, **values) if time_formats else None  # type: ignore[arg-type]


def _time_formats(reader: TomlReader) -> TimeFormats | None:
    name, formats = reader.text("time.zone", "", needed=True), reader.texts("time.formats", (ISO,))
    try:
        zone = ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):  # unknown, malformed, or the name of a folder
        reader.note("time.zone", f"'{name}' is no time zone, one is America/Toronto")
        return None
    for pattern in formats:
        if pattern not in (ISO, EPOCH_SECONDS, EPOCH_MILLISECONDS) and not _is_pattern(pattern):
            reader.note(
                "time.formats",
                f"'{pattern}' is none of {ISO}, {EPOCH_SECONDS}, {EPOCH_MILLISECONDS}, "
                "nor a pattern such as %d/%m/%Y %H:%M",
            )
    days = reader.number("time.shift_days", 0)
    if abs(days) > MAX_SHIFT_DAYS or days != int(days):
        reader.note("time.shift_days", f"it is a whole number of days, {MAX_SHIFT_DAYS} at most")
        days = 0
    return TimeFormats(zone, formats, int(days))


def _is_pattern(pattern: str) -> bool:
    sample = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    try:
        return datetime.strptime(sample.strftime(pattern), pattern).replace(tzinfo=UTC).date() == sample.date()
    except ValueError:
        return False


def _coordinate_shift(reader: TomlReader) -> CoordinateShift | None:
    start, end, scale = reader.point("shift.from"), reader.point("shift.to"), reader.number("shift.scale", 1.0)
    if (start is None) != (end is None):
        reader.note("shift.from", "from and to go together")
    if scale <= 0:
        reader.note("shift.scale", "the scale is a positive number")
    offset = Point(reader.number("shift.dlon", 0.0), reader.number("shift.dlat", 0.0))
    if start and end:
        return CoordinateShift(start, end, scale)
    return CoordinateShift(Point(0.0, 0.0), offset, scale) if offset != Point(0.0, 0.0) else None


def _mapped_categories(reader: TomlReader, belongings: Belongings) -> dict[str, MappedCategory]:
    mapped = {}
    for their_code, our_code in reader.table("categories").items():
        key = f"categories.{their_code}"
        if isinstance(our_code, str):
            mapped[their_code] = MappedCategory(our_code, belongings)
        elif (
            isinstance(our_code, dict)
            and isinstance(our_code.get("category"), str)
            and not set(our_code) - {"category", "belongings"}
        ):
            mapped[their_code] = MappedCategory(
                our_code["category"], _belongings_or_note(reader, key, our_code.get("belongings", belongings.value))
            )
        else:
            reader.note(key, 'it is "OUR-CODE", "", or { category = "OUR-CODE", belongings = "no" }')
    return {their_code: mapped_category for their_code, mapped_category in mapped.items() if mapped_category.category}


def _belongings_or_note(reader: TomlReader, key: str, value: object) -> Belongings:
    if value not in ("unknown", "no", "yes"):
        reader.note(key, "belongings are unknown, no or yes")
        return Belongings.UNKNOWN
    return Belongings(value)


def _refusal_reasons(reader: TomlReader) -> dict[str, str]:
    reasons = {}
    for their_code, reason in reader.table("refused").items():
        if isinstance(reason, str) and reason.replace("_", "").isalpha() and reason.islower() and len(reason) <= 30:
            reasons[their_code] = reason
        else:
            reader.note(f"refused.{their_code}", "a reason is a short code such as about_people")
    return reasons


def _closing_rules(reader: TomlReader) -> ClosingRules | None:
    reasons, action = reader.table("status"), reader.text("closing.action", "")
    out_of_plan = reader.flag("closing.out_of_plan")
    for their_code, reason in reasons.items():
        if reason not in IMPORT_CLOSING_REASONS:
            reader.note(f"status.{their_code}", f"a closed state is one of {', '.join(IMPORT_CLOSING_REASONS)}")
    if not reasons:
        return None
    if bool(action) == out_of_plan:
        reader.note("closing.action", "what is closed counts toward an action, or out_of_plan = true: one of the two")
    return ClosingRules(action, out_of_plan, {their_code: str(reason) for their_code, reason in reasons.items()})


def _encoding(reader: TomlReader) -> str:
    encoding = reader.text("file.encoding", "utf-8-sig")
    try:
        "a".encode(encoding)
    except (LookupError, ValueError):
        reader.note("file.encoding", f"'{encoding}' is no encoding of text")
    return encoding


def _delimiter(reader: TomlReader) -> str:
    delimiter = reader.text("file.delimiter", ",")
    if len(delimiter) != 1 or delimiter in '"\r\n':
        reader.note("file.delimiter", "the delimiter is one character")
        return ","
    return delimiter
