"""What a photo must be to come in and to stay: every first byte, the last one that fits, and the one too many."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohab_report.catalogue.models import PhotoRule, Protection
from cohab_report.errors import Invalid
from cohab_report.intake.models import Belongings
from cohab_report.intake.photos import rules
from tests.factories import MONDAY

JPEG = b"\xff\xd8\xff"
WEBP = b"RIFF\x00\x00\x00\x00WEBP"
BRANDS = ("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "avif", "avis")
PICTURES = {
    "JPEG": JPEG,
    "PNG": b"\x89PNG\r\n\x1a\n",
    "GIF87a": b"GIF87a",
    "GIF89a": b"GIF89a",
    "WebP": WEBP,
    **{brand: b"\x00\x00\x00\x18ftyp" + brand.encode() for brand in BRANDS},
}


def why_refused(data: bytes) -> str | None:
    try:
        rules.refuse_impossible_photo(data)
    except Invalid as refused:
        return f"{refused.field}: {refused.reason}"
    return None


@pytest.mark.parametrize("rule", list(PhotoRule))
@pytest.mark.parametrize("belongings", list(Belongings))
@pytest.mark.parametrize("protection", list(Protection))
def test_photos_are_welcome_where_category_belongings_and_protection_all_allow_them(rule, belongings, protection):
    nobodys = belongings in {Belongings.NO, Belongings.NOT_ASKED}
    expected = rule is not PhotoRule.NO and nobodys and protection is not Protection.NEVER_PUBLIC
    assert rules.photos_allowed(rule, belongings, protection) is expected


def test_photos_are_taken_for_a_day_and_not_a_moment_longer():
    day = timedelta(hours=24)
    assert not rules.is_photo_window_over(MONDAY, MONDAY + day)
    assert rules.is_photo_window_over(MONDAY, MONDAY + day + timedelta(microseconds=1))


@pytest.mark.parametrize("name", list(PICTURES))
def test_every_kind_of_picture_is_known_by_all_of_its_first_bytes(name):
    head = PICTURES[name].ljust(16, b"\x01")
    assert rules.has_picture_signature(head) and why_refused(head) is None
    ignored = {0, 1, 2, 3} if name in BRANDS else {4, 5, 6, 7} if name == "WebP" else set()
    for place in range(len(PICTURES[name])):
        changed = head[:place] + bytes([head[place] ^ 0x20]) + head[place + 1 :]
        if name.startswith("GIF8") and rules.has_picture_signature(changed):
            continue  # one version of GIF turned into the other
        assert rules.has_picture_signature(changed) is (place in ignored), f"byte {place}"


@pytest.mark.parametrize("data", [b"RIFF\x00\x00\x00\x00WAVE", b"RIFX\x00\x00\x00\x00WEBP", b"%PDF-1.7", b"\x00" * 16])
def test_what_only_resembles_a_picture_is_none(data):
    assert why_refused(data) == "photos: not_a_picture"


def test_an_empty_file_and_one_a_byte_too_large_are_refused_and_the_largest_is_not():
    largest = JPEG.ljust(15 * 1024 * 1024, b"\x00")
    assert why_refused(b"") == "photos: empty"
    assert why_refused(largest) is None
    assert why_refused(largest + b"\x00") == "photos: too_large"


def bare_webp(image: bytes, *, riff: int = 0, chunk: int = 0, format_code: bytes = b"VP8 ") -> bytes:
    """One chunk in its header, padded to an even length; `riff` and `chunk` falsify the two sizes."""
    padded = image + b"\x00" * (len(image) % 2)
    inside = b"WEBP" + format_code + (len(image) + chunk).to_bytes(4, "little") + padded
    return b"RIFF" + (len(inside) + riff).to_bytes(4, "little") + inside


@given(image=st.binary(max_size=700))
def test_one_image_and_nothing_else_is_bare_whatever_its_length(image):
    whole = bare_webp(image)
    assert rules.is_bare_webp(whole)
    for more in (b"\x00", b"\x00\x00", b"EXIF"):
        assert not rules.is_bare_webp(whole + more)
    assert not rules.is_bare_webp(whole[:-1])


@pytest.mark.parametrize("length", [6, 7, 256, 70_000])
def test_sizes_that_lie_are_found_out(length):
    image = bytes(length)
    for wrong in (-2, -1, 1, 2, 256):
        assert not rules.is_bare_webp(bare_webp(image, riff=wrong))
    for wrong in (-2, 2, 256, 1 if length % 2 == 0 else -1 - 1):
        assert not rules.is_bare_webp(bare_webp(image, chunk=wrong))


@pytest.mark.parametrize("format_code", [b"VP8L", b"VP8X", b"vp8 "])
def test_lossless_and_extended_files_have_room_for_more_and_are_not_bare(format_code):
    assert not rules.is_bare_webp(bare_webp(b"1234", format_code=format_code))
    assert rules.is_bare_webp(bare_webp(b"1234"))
    assert not rules.is_bare_webp(b"RIFX" + bare_webp(b"1234")[4:])
