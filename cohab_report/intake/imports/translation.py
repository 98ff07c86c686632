"""Translates a row of another system to a submission, or refuses it: decided from facts, without the database."""

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
from cohab_report.intake.imports.mapping import (
    EPOCH_MILLISECONDS,
    EPOCH_SECONDS,
    ISO,
    MappedCategory,
    SourceMapping,
    TimeFormats,
)
from cohab_report.intake.imports.reading import GEOMETRY_COLUMNS, ExportRow
from cohab_report.intake.models import Belongings, Channel
from cohab_report.intake.rules import Submission

OLDEST_IMPORT = datetime(1990, 1, 1, tzinfo=UTC)
LATEST_IMPORT_YEAR = 2900
LONGEST_THEIR_ID = 100


@dataclass(frozen=True)
class TranslatedRow:
    """A row as a submission, when it was received there, and when and why it was closed there, if it was."""

    submission: Submission
    received_at: datetime
    closed_at: datetime | None
    closing_reason: str
    """A closing reason of ours; empty when it is open."""


def import_client_id(source: str, their_id: str, key: str) -> UUID:
    """Derives a client id (UUID version 4) from the source and id of a row: always the same for one key.

    The follow-up code of an observation is derived from its client id, so without the key it must not be computable
    from a number that is in open data.
    """
    digest = hmac.new(key.encode(), f"import\0{source}\0{their_id}".encode(), hashlib.sha256).digest()
    return UUID(bytes=digest[:16], version=4)


def columns_to_read(mapping: SourceMapping) -> frozenset[str]:
    """Returns the columns to read; a GeoJSON point is read where the mapping names no longitude and latitude."""
    return frozenset(mapping.columns.values()) | (
        frozenset() if "lon" in mapping.columns else frozenset(GEOMETRY_COLUMNS)
    )


def their_id(row: ExportRow, mapping: SourceMapping) -> str:
    """Returns the other system's id of the row.

    Raises Invalid("id", missing | too_long) or Invalid("row", "unreadable").
    """
    if not row.is_readable:
        raise Invalid("row", "unreadable")
    row_id = row.values.get(mapping.columns["id"], "")
    if not row_id or len(row_id) > LONGEST_THEIR_ID:
        raise Invalid("id", "too_long" if row_id else "missing")
    return row_id


def translate_row(
    row: ExportRow,
    mapping: SourceMapping,
    *,
    asking_belongings: Container[str],
    key: str,
    zone: ZoneInfo,
    now: datetime,
) -> TranslatedRow:
    """Translates a row to a submission.

    `asking_belongings` are the categories that ask about belongings, `zone` is our city's time zone. Raises Invalid:
    row unreadable · id missing, too_long · category not_mapped or a reason of the mapping's own · created and closed
    missing, unreadable, future, too_old · place missing, unreadable.
    """
    row_id = their_id(row, mapping)
    category = _mapped_category_or_refuse(_value_of(row, mapping, "category"), mapping)
    received_at = parse_time(_value_of(row, mapping, "created"), mapping.times, field="created", now=now)
    point = _point_or_refuse(row, mapping)
    submission = Submission(
        client_id=import_client_id(mapping.source, row_id, key),
        category=category.category,
        point=point,
        observed_on=min(received_at.astimezone(time_zone).date() for time_zone in (mapping.times.zone, zone)),
        text=_value_of(row, mapping, "text"),
        belongings=category.belongings if category.category in asking_belongings else Belongings.NOT_ASKED,
        channel=Channel.IMPORT,
        language=mapping.language,
    )
    reason = mapping.closing.reasons.get(_value_of(row, mapping, "status"), "") if mapping.closing else ""
    return TranslatedRow(
        submission, received_at, _closed_at(row, mapping, received_at, now) if reason else None, reason
    )


def parse_time(text: str, times: TimeFormats, *, field: str, now: datetime) -> datetime:
    """Parses a time in one of the mapping's formats and shifts it by the mapping's days.

    Raises Invalid(field, missing | unreadable | future | too_old).
    """
    if not text:
        raise Invalid(field, "missing")
    times_read = (_parse_with_pattern(text, pattern, times.zone) for pattern in times.formats)
    time = next((reading for reading in times_read if reading is not None), None)
    if time is None or not OLDEST_IMPORT.year <= time.year <= LATEST_IMPORT_YEAR:
        raise Invalid(
            field, "unreadable" if time is None else "too_old" if time.year < OLDEST_IMPORT.year else "future"
        )
    shifted = time + timedelta(days=times.shift_days)
    if not OLDEST_IMPORT <= shifted <= now:
        raise Invalid(field, "future" if shifted > now else "too_old")
    return shifted


def _parse_with_pattern(text: str, pattern: str, zone: ZoneInfo) -> datetime | None:
    try:
        if pattern in (EPOCH_SECONDS, EPOCH_MILLISECONDS):
            return datetime.fromtimestamp(float(text) / (1 if pattern == EPOCH_SECONDS else 1000), UTC)
        if pattern == ISO:
            time = datetime.fromisoformat(text)
            return (time if time.tzinfo else time.replace(tzinfo=zone)).astimezone(UTC)
        if "%z" in pattern:
            return datetime.strptime(text, pattern).astimezone(UTC)
        return datetime.strptime(text, pattern).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _closed_at(row: ExportRow, mapping: SourceMapping, received_at: datetime, now: datetime) -> datetime:
    """Returns the closing time, never before the receipt; the receipt itself where the row has none."""
    text = _value_of(row, mapping, "closed")
    return max(received_at, parse_time(text, mapping.times, field="closed", now=now)) if text else received_at


def _mapped_category_or_refuse(their_type: str, mapping: SourceMapping) -> MappedCategory:
    if their_type in mapping.refusal_reasons:
        raise Invalid("category", mapping.refusal_reasons[their_type])
    category = mapping.categories.get(their_type, mapping.default_category)
    if category is None:
        raise Invalid("category", "not_mapped")
    return category


def _point_or_refuse(row: ExportRow, mapping: SourceMapping) -> Point:
    lon, lat = (
        row.values.get(mapping.columns.get(name, geometry_column), "")
        for name, geometry_column in zip(("lon", "lat"), GEOMETRY_COLUMNS, strict=True)
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
    return mapping.shift.apply(point) if mapping.shift else point


def _value_of(row: ExportRow, mapping: SourceMapping, name: str) -> str:
    return row.values.get(mapping.columns.get(name, ""), "")
