"""One row of another system becomes a draft of ours, or a reason why not: decided from facts, without the database."""

import hashlib
import hmac
from collections.abc import Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite
from uuid import UUID
from zoneinfo import ZoneInfo

from cohab_report.errors import Invalid
from cohab_report.geo import Point
from cohab_report.intake.imports.mapping import ISO, MILLISECONDS, SECONDS, Sort, SourceMapping, Times
from cohab_report.intake.imports.reading import GEOMETRY, ForeignRow
from cohab_report.intake.models import Belongings, Channel
from cohab_report.intake.rules import Draft

OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST_YEAR = 2900
LONGEST_ID = 100


@dataclass(frozen=True)
class Translated:
    """A row in our words: a draft, when it was received there, and when and why it was closed there, if it was."""

    draft: Draft
    at: datetime
    closed_at: datetime | None
    closing_reason: str
    """A closing reason of ours, or empty when it is open."""


def client_id(source: str, their_id: str, key: str) -> UUID:
    """The same version-4-shaped UUID each time for one row of one source, and a guess for nobody without the key.

    The follow-up code of an observation is made from its client id, so it must not be found from a number that stands in open data.
    """
    digest = hmac.new(key.encode(), f"import\0{source}\0{their_id}".encode(), hashlib.sha256).digest()
    return UUID(bytes=digest[:16], version=4)


def wanted_columns(mapping: SourceMapping) -> frozenset[str]:
    """The columns to read and no other; a GeoJSON point stands in where none are named for longitude and latitude."""
    return frozenset(mapping.columns.values()) | (frozenset() if "lon" in mapping.columns else frozenset(GEOMETRY))


def their_id(row: ForeignRow, mapping: SourceMapping) -> str:
    """What the other system calls the row; raises Invalid("id", missing | too_long) or Invalid("row", "unreadable")."""
    if not row.is_readable:
        raise Invalid("row", "unreadable")
    found = row.values.get(mapping.columns["id"], "")
    if not found or len(found) > LONGEST_ID:
        raise Invalid("id", "too_long" if found else "missing")
    return found


def translated(
    row: ForeignRow, mapping: SourceMapping, *, asking: Container[str], key: str, zone: ZoneInfo, now: datetime
) -> Translated:
    """The row in our words; `asking` holds the categories that ask about belongings, `zone` is the one our city lives in.

    Raises Invalid: row unreadable · id missing, too_long · category not_mapped or a reason of the mapping's own · created and closed
    missing, unreadable, future, too_old · place missing, unreadable.
    """
    named = their_id(row, mapping)
    sort = _sort(_value(row, mapping, "category"), mapping)
    at = time_of(_value(row, mapping, "created"), mapping.times, field="created", now=now)
    point = _point(row, mapping)
    draft = Draft(
        client_id=client_id(mapping.source, named, key), category=sort.category, point=point,
        observed_on=min(at.astimezone(there).date() for there in (mapping.times.zone, zone)), text=_value(row, mapping, "text"),
        belongings=sort.belongings if sort.category in asking else Belongings.NOT_ASKED, channel=Channel.IMPORT, language=mapping.language,
    )  # fmt: skip
    reason = mapping.closing.reasons.get(_value(row, mapping, "status"), "") if mapping.closing else ""
    return Translated(draft, at, _closed_at(row, mapping, at, now) if reason else None, reason)


def time_of(text: str, times: Times, *, field: str, now: datetime) -> datetime:
    """The instant that a text tells in one of the mapping's formats, moved by its days; raises Invalid(field, …) as `translated` tells."""
    if not text:
        raise Invalid(field, "missing")
    readings = (_read_time(text, pattern, times.zone) for pattern in times.formats)
    found = next((reading for reading in readings if reading is not None), None)
    if found is None or not OLDEST.year <= found.year <= LATEST_YEAR:
        raise Invalid(field, "unreadable" if found is None else "too_old" if found.year < OLDEST.year else "future")
    moved = found + timedelta(days=times.shift_days)
    if not OLDEST <= moved <= now:
        raise Invalid(field, "future" if moved > now else "too_old")
    return moved


def _read_time(text: str, pattern: str, zone: ZoneInfo) -> datetime | None:
    try:
        if pattern in (SECONDS, MILLISECONDS):
            return datetime.fromtimestamp(float(text) / (1 if pattern == SECONDS else 1000), UTC)
        if pattern == ISO:
            read = datetime.fromisoformat(text)
            return (read if read.tzinfo else read.replace(tzinfo=zone)).astimezone(UTC)
        if "%z" in pattern:
            return datetime.strptime(text, pattern).astimezone(UTC)
        return datetime.strptime(text, pattern).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _closed_at(row: ForeignRow, mapping: SourceMapping, at: datetime, now: datetime) -> datetime:
    """Never before it was received; at once where they do not tell."""
    text = _value(row, mapping, "closed")
    return max(at, time_of(text, mapping.times, field="closed", now=now)) if text else at


def _sort(theirs: str, mapping: SourceMapping) -> Sort:
    if theirs in mapping.refused:
        raise Invalid("category", mapping.refused[theirs])
    found = mapping.sorts.get(theirs, mapping.default)
    if found is None:
        raise Invalid("category", "not_mapped")
    return found


def _point(row: ForeignRow, mapping: SourceMapping) -> Point:
    lon, lat = (
        row.values.get(mapping.columns.get(name, there), "")
        for name, there in zip(("lon", "lat"), GEOMETRY, strict=True)
    )
    if not lon or not lat:
        raise Invalid("place", "missing")
    try:
        point = Point(float(lon), float(lat))
    except ValueError:
        raise Invalid("place", "unreadable") from None
    if not (isfinite(point.lon) and isfinite(point.lat) and abs(point.lon) <= 180 and abs(point.lat) <= 90):
        raise Invalid("place", "unreadable")
    if point == Point(0.0, 0.0):  # what many systems write where they know no place
        raise Invalid("place", "missing")
    return mapping.shift.moved(point) if mapping.shift else point


def _value(row: ForeignRow, mapping: SourceMapping, name: str) -> str:
    return row.values.get(mapping.columns.get(name, ""), "")
