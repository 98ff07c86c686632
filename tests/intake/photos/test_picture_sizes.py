"""Sizes of pictures, read from headers before a receipt is given; giant JPEGs are decoded small, panoramas legible."""

import io
import struct
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from cohab_report.errors import Invalid
from cohab_report.intake.photos import photo_sandbox, picture_sizes, rules
from cohab_report.intake.photos.picture_sizes import has_too_many_pixels, kept_size
from tests import pictures
from tests.pictures import UPRIGHT

HEIC = Path(__file__).with_name("scene.heic")


def giant_jpeg(width: int, height: int, **more: object) -> bytes:
    """Returns a JPEG of the four coloured quarters in a few hundred kilobytes."""
    scene = pictures.coloured_quarters(64, 32).resize((width, height), Image.Resampling.NEAREST)
    return pictures.image_bytes(scene, "JPEG", quality=20, **more)


@pytest.fixture(scope="module")
def two_hundred_megapixels() -> bytes:
    return giant_jpeg(16_384, 12_288)


def test_a_photo_of_two_hundred_megapixels_is_decoded_small(two_hundred_megapixels: bytes) -> None:
    rules.refuse_impossible_photo(two_hundred_megapixels)
    picture = photo_sandbox.reencode(two_hundred_megapixels)
    assert (picture.width, picture.height) == (2048, 1536) and pictures.quarter_colours(picture.full) == UPRIGHT


def test_a_giant_jpeg_needs_little_memory(two_hundred_megapixels: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole it would be 604 MB of colours."""
    decoder = Path(photo_sandbox.__file__).with_name("decoder.py")
    with_less = f"""
import runpy
main = runpy.run_path({str(decoder)!r}, run_name="decoder")["main"]
main.__globals__["MEMORY"] = 320 * 1024 * 1024
main()
"""
    command = (*photo_sandbox.DECODER_COMMAND[:3], "-c", with_less)
    monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", command)
    assert photo_sandbox.reencode(two_hundred_megapixels).width == 2048


@pytest.mark.parametrize(
    ("size", "kept"),
    [((16_384, 3_900), (2151, 512)), ((20_000, 1_000), (8192, 410)), ((1_000, 20_000), (410, 8192))],
)
def test_a_panorama_keeps_a_short_side_that_can_be_read(size: tuple[int, int], kept: tuple[int, int]) -> None:
    picture = photo_sandbox.reencode(giant_jpeg(*size))
    assert (picture.width, picture.height) == kept and pictures.quarter_colours(picture.full) == UPRIGHT
    small = Image.open(io.BytesIO(picture.small))
    assert min(small.size) >= 80 and max(small.size) <= 1600
    assert pictures.quarter_colours(picture.small) == UPRIGHT


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_giant_jpeg_stands_upright(orientation: int) -> None:
    stored = pictures.stored_by_camera(orientation)
    large = stored.resize((stored.width * 160, stored.height * 160), Image.Resampling.NEAREST)
    sent = pictures.image_bytes(large, exif=pictures.exif_data(orientation))
    assert large.width * large.height > picture_sizes.MOST_PIXELS
    picture = photo_sandbox.reencode(sent)
    assert (picture.width, picture.height) == (2048, 1024) and pictures.quarter_colours(picture.full) == UPRIGHT


def test_a_giant_jpeg_of_each_kind_is_read() -> None:
    scene = pictures.coloured_quarters(10_240, 5_120)
    assert scene.width * scene.height > picture_sizes.MOST_PIXELS
    other = Image.new("RGB", (64, 32), "black")
    kinds = {
        "in several scans": pictures.image_bytes(scene, progressive=True),
        "with all colours": pictures.image_bytes(scene, progressive=True, subsampling=0),
        "for print": pictures.image_bytes(scene.convert("CMYK")),
        "with a second picture": pictures.image_bytes(scene, "MPO", save_all=True, append_images=[other]),
    }
    for kind, sent in kinds.items():
        assert not has_too_many_pixels(sent), kind
        picture = photo_sandbox.reencode(sent)
        assert (picture.width, pictures.quarter_colours(picture.full)) == (2048, UPRIGHT), kind


def with_size(sent: bytes, width: int, height: int) -> bytes:
    """Returns the JPEG with another size in its header."""
    place = next(place for place in (sent.find(bytes((0xFF, mark))) for mark in (0xC0, 0xC1, 0xC2)) if place > 0)
    return sent[: place + 5] + struct.pack(">HH", height, width) + sent[place + 9 :]


@pytest.mark.parametrize(
    ("sent", "is_too_large"),
    [
        (with_size(pictures.image_bytes(pictures.coloured_quarters()), 20_000, 12_500), False),
        (with_size(pictures.image_bytes(pictures.coloured_quarters()), 20_000, 12_501), True),
        (with_size(pictures.image_bytes(pictures.coloured_quarters(), progressive=True), 16_384, 12_288), False),
        (with_size(pictures.image_bytes(pictures.coloured_quarters(), progressive=True), 18_000, 13_000), True),
        (
            with_size(
                pictures.image_bytes(pictures.coloured_quarters(), progressive=True, subsampling=0), 16_384, 12_288
            ),
            True,
        ),
        (pictures.png_with_size(7_000, 7_000), False),
        (pictures.png_with_size(7_100, 7_100), True),
        (b"GIF89a" + struct.pack("<HH", 7_000, 7_000) + b"\0" * 40, False),
        (b"GIF89a" + struct.pack("<HH", 65_535, 65_535) + b"\0" * 40, True),
    ],
)
def test_a_header_says_whether_a_picture_can_be_decoded(sent: bytes, is_too_large: bool) -> None:
    assert has_too_many_pixels(sent) == is_too_large
    if is_too_large:
        with pytest.raises(Invalid, match="too_large"):
            rules.refuse_impossible_photo(sent)


@pytest.mark.parametrize("more", [{}, {"lossless": True}, {"exif": pictures.exif_data()}], ids=["VP8", "VP8L", "VP8X"])
def test_the_size_of_each_kind_of_webp_is_read(more: dict[str, object]) -> None:
    sent = pictures.image_bytes(pictures.coloured_quarters(300, 200), "WEBP", **more)
    assert picture_sizes._webp_size(sent) == (300, 200)


def test_the_size_of_the_pictures_of_phones_is_read() -> None:
    avif = pictures.image_bytes(pictures.coloured_quarters(300, 200), "AVIF")
    assert picture_sizes._heif_size(avif) == (300, 200)
    assert picture_sizes._heif_size(HEIC.read_bytes()) == (64, 64), "the coded size, before it is cropped"
    giant = avif.replace(struct.pack(">II", 300, 200), struct.pack(">II", 20_000, 10_000), 1)
    assert not has_too_many_pixels(avif) and has_too_many_pixels(giant)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_header_that_ends_early_says_nothing(kind: str) -> None:
    sent = pictures.image_bytes(pictures.coloured_quarters(), kind)
    assert not any(has_too_many_pixels(sent[:length]) for length in range(min(len(sent), 700)))


@given(
    st.binary(max_size=80), st.sampled_from([b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF____WEBPVP8X", b"____ftyp"])
)
def test_no_bytes_break_the_reading_of_a_header(more: bytes, head: bytes) -> None:
    assert has_too_many_pixels(head + more) in (True, False)


@pytest.mark.parametrize(
    "sent",
    [
        b"\xff\xd8" + b"\xff" * rules.LARGEST_PHOTO,
        b"\xff\xd8" + b"\xff\xe0\0\2" * (rules.LARGEST_PHOTO // 4),
        b"\0\0\0\x08ftyp" + b"\0\0\0\x08free" * (rules.LARGEST_PHOTO // 8),
        b"\0\0\0\x08ftyp\0\xf0\0\0meta" + (b"ispe" + b"\0" * 12) * (rules.LARGEST_PHOTO // 16),
    ],
    ids=["fill bytes", "empty segments", "empty boxes", "a million sizes"],
)
def test_a_header_of_fifteen_megabytes_costs_no_request_its_time(sent: bytes) -> None:
    begun = time.process_time()
    has_too_many_pixels(sent)
    assert time.process_time() - begun < 0.25


@given(st.integers(1, 65_500), st.integers(1, 65_500), st.sampled_from([400, 2048]))
def test_what_is_kept_is_never_larger_than_it_was_nor_than_a_square(width: int, height: int, side: int) -> None:
    across, down = kept_size(width, height, side)
    assert 1 <= across <= width and 1 <= down <= height
    assert max(across, down) <= 4 * side and across * down <= side * side * 1.01 + 4 * side
