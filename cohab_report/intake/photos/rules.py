"""What a photo must be to come in, and what a developed one must be to stay: decided from facts and first bytes, never decoding."""

from datetime import datetime, timedelta

from cohab_report.catalogue.models import PhotoRule, Protection
from cohab_report.errors import Invalid
from cohab_report.intake.models import Belongings

LARGEST = 15 * 1024 * 1024
"""Bytes of one photo as it is sent."""
SEND_WITHIN = timedelta(hours=24)
"""How long after its receipt an observation takes photos."""
MOST_ROWS = 12
"""Photos of one observation ever tried, the refused ones included: whoever fails so often is not helped by trying on."""
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
_RIFF, _WEBP, _LOSSY = b"RIFF", b"WEBP", b"VP8 "


def are_welcome(rule: PhotoRule, belongings: Belongings, protection: Protection) -> bool:
    """Whether an observation may carry photos: its category says so, nobody's belongings may be on them (domain.md 6.4, guard rail 1),
    and something of it may ever be public.
    """
    untouched = belongings in (Belongings.NO, Belongings.NOT_ASKED)
    return rule is not PhotoRule.NO and untouched and protection < Protection.NEVER_PUBLIC


def is_late(received_at: datetime, at: datetime) -> bool:
    """Whether an observation received then takes no photos any more."""
    return at - received_at > SEND_WITHIN


def refuse_impossible(data: bytes) -> None:
    """Returns for bytes that may be a picture; raises Invalid("photos", empty | too_large | not_a_picture)."""
    if not data:
        raise Invalid("photos", "empty")
    if len(data) > LARGEST:
        raise Invalid("photos", "too_large")
    if not looks_like_a_picture(data[:16]):
        raise Invalid("photos", "not_a_picture")


def looks_like_a_picture(head: bytes) -> bool:
    """Whether the first sixteen bytes are those of JPEG, PNG, GIF, WebP, HEIC or AVIF."""
    if head.startswith(_BEGINNINGS):
        return True
    if head[:4] == _RIFF and head[8:12] == _WEBP:
        return True
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def is_bare_webp(data: bytes) -> bool:
    """Whether these bytes are a WebP picture and nothing else: one lossy image, no place for metadata, nothing after its end.

    RFC 9649, section 2.5: a simple file is the RIFF header and a single `VP8 ` chunk, padded to an even length.
    """
    if data[:4] != _RIFF or data[8:16] != _WEBP + _LOSSY:
        return False
    inside, length = int.from_bytes(data[4:8], "little"), int.from_bytes(data[16:20], "little")
    return len(data) == inside + 8 == length + (length % 2) + 20
