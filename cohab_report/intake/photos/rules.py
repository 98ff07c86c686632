"""Rules for the bytes of a photo, as sent and as re-encoded: decided from facts and headers, never by decoding."""

from datetime import datetime, timedelta

from cohab_report.catalogue.models import PhotoRule, Protection
from cohab_report.errors import Invalid
from cohab_report.intake.models import Belongings
from cohab_report.intake.photos.picture_sizes import has_too_many_pixels

LARGEST_PHOTO = 15 * 1024 * 1024
"""Bytes of the largest photo that may be sent."""
PHOTO_WINDOW = timedelta(hours=24)
"""How long after its receipt an observation takes photos."""
MAX_PHOTO_ATTEMPTS = 12
"""Photos of one observation ever sent, refused ones included; more attempts would not help."""
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
_FTYP_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
_RIFF, _WEBP, _LOSSY = b"RIFF", b"WEBP", b"VP8 "


def photos_allowed(rule: PhotoRule, belongings: Belongings, protection: Protection) -> bool:
    """Tells whether an observation may carry photos.

    Its category must allow them, no belongings may be in use (domain.md 6.4, guard rail 1), and something of it may be
    public.
    """
    no_belongings = belongings in (Belongings.NO, Belongings.NOT_ASKED)
    return rule is not PhotoRule.NO and no_belongings and protection < Protection.NEVER_PUBLIC


def is_photo_window_over(received_at: datetime, at: datetime) -> bool:
    """Tells whether an observation received at this time takes no photos any more."""
    return at - received_at > PHOTO_WINDOW


def refuse_impossible_photo(data: bytes) -> None:
    """Raises Invalid("photos", empty | too_large | not_a_picture) for bytes that can't be a photo."""
    if not data:
        raise Invalid("photos", "empty")
    if len(data) > LARGEST_PHOTO:
        raise Invalid("photos", "too_large")
    if not has_picture_signature(data[:16]):
        raise Invalid("photos", "not_a_picture")
    if has_too_many_pixels(data):
        raise Invalid("photos", "too_large")


def has_picture_signature(head: bytes) -> bool:
    """Tells whether the first sixteen bytes are those of JPEG, PNG, GIF, WebP, HEIC or AVIF."""
    if head.startswith(_SIGNATURES):
        return True
    if head[:4] == _RIFF and head[8:12] == _WEBP:
        return True
    return head[4:8] == b"ftyp" and head[8:12] in _FTYP_BRANDS


def is_bare_webp(data: bytes) -> bool:
    """Tells whether the bytes are one lossy WebP image with no metadata and nothing after its end.

    RFC 9649, section 2.5: a simple file is the RIFF header and a single `VP8 ` chunk, padded to an even length.
    """
    if data[:4] != _RIFF or data[8:16] != _WEBP + _LOSSY:
        return False
    riff_size, chunk_size = int.from_bytes(data[4:8], "little"), int.from_bytes(data[16:20], "little")
    return len(data) == riff_size + 8 == chunk_size + (chunk_size % 2) + 20
