"""The mapping file of an import: how another system's columns, words, times and coordinates become ours.

A TOML file that the city keeps. It is read whole and refused whole: every mistake is named, and nothing is imported by a mapping that
has one. It knows no database; whether its codes exist is asked by the job.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cohab_report import sheets
from cohab_report.geo import Point
from cohab_report.intake.imports.paper import Paper
from cohab_report.intake.models import Belongings

NEEDED_COLUMNS = ("id", "category", "created")
COLUMNS = (*NEEDED_COLUMNS, "closed", "status", "lon", "lat", "text")
ISO, SECONDS, MILLISECONDS = "iso", "epoch", "epoch_ms"
MOST_DAYS = 36525
REASONS = ("done", "nothing_found", "already_followed", "help_offered", "outside_mandate", "redirected", "not_possible")
TABLES: Mapping[str, tuple[str, ...]] = {
    "file": ("encoding", "delimiter"),
    "columns": COLUMNS,
    "time": ("zone", "formats", "shift_days"),
    "shift": ("dlon", "dlat", "from", "to", "scale"),
    "defaults": ("category", "belongings", "language"),
    "closing": ("action", "out_of_plan"),
}
FREE_TABLES = ("categories", "refused", "status")
"""Their keys are the other system's own words."""


@dataclass(frozen=True)
class Sort:
    """What one of their types is here: a category's code, and what is known of belongings where ours asks."""

    category: str
    belongings: Belongings


@dataclass(frozen=True)
class Times:
    """How their times are written, and by how many days history is moved."""

    zone: ZoneInfo
    formats: tuple[str, ...] = (ISO,)
    shift_days: int = 0


@dataclass(frozen=True)
class Shift:
    """A move of points: what lies at `start` comes to lie at `end`, and distances from there are multiplied by `scale`. Degrees."""

    start: Point
    end: Point
    scale: float = 1.0

    def moved(self, point: Point) -> Point:
        """Where the point comes to lie."""
        lon = self.end.lon + (point.lon - self.start.lon) * self.scale
        return Point(lon, self.end.lat + (point.lat - self.start.lat) * self.scale)


@dataclass(frozen=True)
class Closing:
    """What their finished requests count toward here, one action of the plan or none on purpose, and how each of their states is closed."""

    action: str
    out_of_plan: bool
    reasons: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SourceMapping:
    """Everything that is needed to read one other system's export."""

    source: str
    """Its name: part of each row's identity, so that two systems may use the same numbers."""
    columns: Mapping[str, str]
    times: Times
    shift: Shift | None = None
    sorts: Mapping[str, Sort] = field(default_factory=dict)
    refused: Mapping[str, str] = field(default_factory=dict)
    """Their types that are refused for a reason of their own, by its code."""
    default: Sort | None = None
    language: str = "fr"
    closing: Closing | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = ","

    @property
    def category_codes(self) -> frozenset[str]:
        """Our categories that it names."""
        return frozenset(sort.category for sort in (*self.sorts.values(), *([self.default] if self.default else [])))


def read_mapping(path: Path) -> SourceMapping:
    """The mapping in this file; raises `sheets.Refused` with every mistake in it."""
    text, unreadable = sheets.text_of(path)
    if unreadable:
        raise sheets.Refused(unreadable)
    return mapping_of(text, path.name)


def mapping_of(text: str, file: str = "mapping.toml") -> SourceMapping:
    """The mapping that this TOML text holds; raises `sheets.Refused` with every mistake in it."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise sheets.Refused([sheets.Mistake(file, 1, "*", f"the file is not TOML: {error}")]) from None
    paper = Paper(file, text, data)
    paper.refuse_unknown(("source", *TABLES, *FREE_TABLES), TABLES)
    mapping = _read(paper)
    if paper.mistakes or mapping is None:
        raise sheets.Refused(paper.mistakes)
    return mapping


def _read(paper: Paper) -> SourceMapping | None:
    times, belongings = (
        _times(paper),
        _belongings(paper, "defaults.belongings", paper.text("defaults.belongings", "unknown")),
    )
    default = paper.text("defaults.category", "")
    columns = {name: paper.text(f"columns.{name}", "", needed=name in NEEDED_COLUMNS) for name in COLUMNS}
    if bool(columns["lon"]) != bool(columns["lat"]):
        paper.note("columns.lon", "lon and lat go together")
    found = {
        "source": paper.text("source", "", needed=True), "columns": {name: theirs for name, theirs in columns.items() if theirs},
        "shift": _shift(paper), "sorts": _sorts(paper, belongings), "refused": _refused(paper),
        "default": Sort(default, belongings) if default else None, "language": paper.text("defaults.language", "fr"),
        "closing": _closing(paper), "encoding": _encoding(paper), "delimiter": _delimiter(paper),
    }  # fmt: skip
    return SourceMapping(times=times, **found) if times else None  # type: ignore[arg-type]


def _times(paper: Paper) -> Times | None:
    name, formats = paper.text("time.zone", "", needed=True), paper.texts("time.formats", (ISO,))
    try:
        zone = ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):  # unknown, malformed, or the name of a folder
        paper.note("time.zone", f"'{name}' is no time zone, one is America/Toronto")
        return None
    for pattern in formats:
        if pattern not in (ISO, SECONDS, MILLISECONDS) and not _is_pattern(pattern):
            paper.note(
                "time.formats",
                f"'{pattern}' is none of {ISO}, {SECONDS}, {MILLISECONDS}, nor a pattern such as %d/%m/%Y %H:%M",
            )
    days = paper.number("time.shift_days", 0)
    if abs(days) > MOST_DAYS or days != int(days):
        paper.note("time.shift_days", f"it is a whole number of days, {MOST_DAYS} at most")
        days = 0
    return Times(zone, formats, int(days))


def _is_pattern(pattern: str) -> bool:
    some = datetime(2001, 2, 3, 4, 5, 6, tzinfo=UTC)
    try:
        return datetime.strptime(some.strftime(pattern), pattern).replace(tzinfo=UTC).date() == some.date()
    except ValueError:
        return False


def _shift(paper: Paper) -> Shift | None:
    start, end, scale = paper.point("shift.from"), paper.point("shift.to"), paper.number("shift.scale", 1.0)
    if (start is None) != (end is None):
        paper.note("shift.from", "from and to go together")
    if scale <= 0:
        paper.note("shift.scale", "the scale is a positive number")
    by = Point(paper.number("shift.dlon", 0.0), paper.number("shift.dlat", 0.0))
    if start and end:
        return Shift(start, end, scale)
    return Shift(Point(0.0, 0.0), by, scale) if by != Point(0.0, 0.0) else None


def _sorts(paper: Paper, belongings: Belongings) -> dict[str, Sort]:
    found = {}
    for theirs, ours in paper.table("categories").items():
        key = f"categories.{theirs}"
        if isinstance(ours, str):
            found[theirs] = Sort(ours, belongings)
        elif (
            isinstance(ours, dict)
            and isinstance(ours.get("category"), str)
            and not set(ours) - {"category", "belongings"}
        ):
            found[theirs] = Sort(ours["category"], _belongings(paper, key, ours.get("belongings", belongings.value)))
        else:
            paper.note(key, 'it is "OUR-CODE", "", or { category = "OUR-CODE", belongings = "no" }')
    return {theirs: sort for theirs, sort in found.items() if sort.category}


def _belongings(paper: Paper, key: str, value: object) -> Belongings:
    if value not in ("unknown", "no", "yes"):
        paper.note(key, "belongings are unknown, no or yes")
        return Belongings.UNKNOWN
    return Belongings(value)


def _refused(paper: Paper) -> dict[str, str]:
    found = {}
    for theirs, reason in paper.table("refused").items():
        if isinstance(reason, str) and reason.replace("_", "").isalpha() and reason.islower() and len(reason) <= 30:
            found[theirs] = reason
        else:
            paper.note(f"refused.{theirs}", "a reason is a short code such as about_people")
    return found


def _closing(paper: Paper) -> Closing | None:
    reasons, action = paper.table("status"), paper.text("closing.action", "")
    out_of_plan = paper.flag("closing.out_of_plan")
    for theirs, reason in reasons.items():
        if reason not in REASONS:
            paper.note(f"status.{theirs}", f"a closed state is one of {', '.join(REASONS)}")
    if not reasons:
        return None
    if bool(action) == out_of_plan:
        paper.note("closing.action", "what is closed counts toward an action, or out_of_plan = true: one of the two")
    return Closing(action, out_of_plan, {theirs: str(reason) for theirs, reason in reasons.items()})


def _encoding(paper: Paper) -> str:
    named = paper.text("file.encoding", "utf-8-sig")
    try:
        "a".encode(named)
    except (LookupError, ValueError):
        paper.note("file.encoding", f"'{named}' is no encoding of text")
    return named


def _delimiter(paper: Paper) -> str:
    sign = paper.text("file.delimiter", ",")
    if len(sign) != 1 or sign in '"\r\n':
        paper.note("file.delimiter", "the delimiter is one character")
        return ","
    return sign
