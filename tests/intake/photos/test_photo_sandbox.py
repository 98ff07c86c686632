"""The photo sandbox: only bare upright pixels come out of it, within limits; anything else is refused in one way."""

import io
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from cohab_report.errors import Invalid
from cohab_report.intake.photos import photo_sandbox, rules
from cohab_report.intake.photos.photo_sandbox import PictureRefused, ReencodedPicture
from tests import pictures
from tests.pictures import UPRIGHT

HEIC = Path(__file__).with_name("scene.heic")
"""The four quarters with position and owner in metadata, made with Debian's heif-enc from `tests.pictures`."""
WIDE = {"RGBA": "PNG", "LA": "PNG", "L": "JPEG", "CMYK": "JPEG", "1": "PNG", "P": "GIF"}


def refusal_of(data: bytes) -> str:
    """Returns why a photo is refused, by its first bytes or by the sandbox; "kept" if it isn't."""
    try:
        rules.refuse_impossible_photo(data)
        photo_sandbox.reencode(data)
    except (Invalid, PictureRefused) as refused:
        return str(refused.reason)
    return "kept"


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Replaces the decoder by another program."""
    return lambda program: monkeypatch.setattr(photo_sandbox, "DECODER_COMMAND", (sys.executable, "-I", "-c", program))


@pytest.mark.parametrize("orientation", pictures.FIRST_ROW_AND_COLUMN)
@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG", "AVIF"])
def test_a_picture_stands_upright_however_the_camera_was_held(kind: str, orientation: int) -> None:
    stored = pictures.stored_by_camera(orientation)
    picture = photo_sandbox.reencode(
        pictures.image_bytes(stored, kind, exif=pictures.exif_data(orientation), quality=95)
    )
    assert (picture.width, picture.height) == (64, 32)
    assert pictures.quarter_colours(picture.full) == pictures.quarter_colours(picture.small) == UPRIGHT


def test_nothing_but_pixels_comes_out() -> None:
    sent = pictures.jpeg_with_all_metadata(orientation=6)
    assert {b"Exif", b"http://ns.adobe.com", b"Photoshop", b"ICC", b"SECRET"} <= {
        word for word in pictures.PRIVATE_METADATA if word in sent
    }
    picture = photo_sandbox.reencode(sent)
    assert [word for word in pictures.PRIVATE_METADATA if word in picture.full + picture.small] == []
    assert not Image.open(io.BytesIO(picture.full)).info.keys() & {"exif", "xmp", "icc_profile", "comment"}
    assert pictures.quarter_colours(picture.full) == UPRIGHT


def test_a_picture_of_an_apple_phone_is_read() -> None:
    picture = photo_sandbox.reencode(HEIC.read_bytes())
    assert b"SECRET" in HEIC.read_bytes() and b"SECRET" not in picture.full
    assert (picture.width, picture.height) == (64, 32) and pictures.quarter_colours(picture.full) == UPRIGHT


@pytest.mark.parametrize("mode", WIDE)
def test_every_kind_of_colours_becomes_the_same_kind(mode: str) -> None:
    picture = photo_sandbox.reencode(pictures.image_bytes(pictures.coloured_quarters().convert(mode), WIDE[mode]))
    assert Image.open(io.BytesIO(picture.full)).mode == "RGB"


def test_sixteen_bits_a_channel_become_eight() -> None:
    grey = Image.new("I;16", (8, 8), 40_000)
    picture = Image.open(io.BytesIO(photo_sandbox.reencode(pictures.image_bytes(grey, "PNG")).full))
    assert all(150 < value < 162 for value in picture.convert("RGB").tobytes())


def test_what_is_transparent_is_white() -> None:
    clear = Image.new("RGBA", (16, 16), (0, 0, 0, 0))
    picture = Image.open(io.BytesIO(photo_sandbox.reencode(pictures.image_bytes(clear, "PNG")).full))
    assert all(value > 250 for value in picture.convert("RGB").tobytes())


def test_the_first_frame_of_several_is_kept() -> None:
    frames = [pictures.coloured_quarters(), Image.new("RGB", (64, 32), "black")]
    for kind in ("GIF", "WEBP", "MPO"):
        picture = photo_sandbox.reencode(pictures.image_bytes(frames[0], kind, save_all=True, append_images=frames[1:]))
        assert pictures.quarter_colours(picture.full) == UPRIGHT, kind


def test_a_large_picture_is_made_small_in_two_sizes() -> None:
    picture = photo_sandbox.reencode(pictures.image_bytes(pictures.coloured_quarters(4000, 3000), "JPEG"))
    assert (picture.width, picture.height) == (2048, 1536)
    assert Image.open(io.BytesIO(picture.small)).size == (400, 300)


@pytest.mark.parametrize(
    ("picture", "reason"),
    [
        (b"", "empty"),
        (b"\xff", "not_a_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not_a_picture"),
        (b"%PDF-1.7\n1 0 obj", "not_a_picture"),
        (b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" * 8, "not_a_picture"),
        (b"II*\0\x08\0\0\0" + b"\0" * 64, "not_a_picture"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 400, "not_a_picture"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 400, "not_a_picture"),
        (b"GIF89a=1;alert(document.domain)//", "too_large"),
        (pictures.png_with_size(2_000_000_000, 2_000_000_000), "too_large"),
        (pictures.png_with_size(7_100, 7_100), "too_large"),
        (pictures.png_with_size(5_000, 5_000), "unreadable"),
        (pictures.png_with_size(8, 8, text=b"a" * 100_000_000), "unreadable"),
        (pictures.image_bytes(pictures.coloured_quarters(400, 300))[:-2000], "unreadable"),
        (b"\xff\xd8\xff" + b"\0" * (15 * 1024 * 1024), "too_large"),
    ],
    ids=[
        "empty",
        "one byte",
        "svg",
        "pdf",
        "exe",
        "tiff",
        "begins like a jpeg",
        "begins like a heic",
        "gif that is a script",
        "header of four quintillion",
        "fifty megapixels",
        "no pixels behind the header",
        "text that unpacks to 100 MB",
        "cut off",
        "sixteen megabytes",
    ],
)
def test_what_is_no_picture_or_too_much_of_one_is_refused(picture: bytes, reason: str) -> None:
    assert refusal_of(picture) == reason


def archive() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as picture:
        picture.writestr("SECRET.txt", "SECRET")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("kind", "more"), [("JPEG", archive()), ("GIF", b"*/=1;alert('SECRET')//"), ("PNG", b"<?php SECRET ?>")]
)
def test_a_picture_that_is_something_else_too_is_only_a_picture_afterwards(kind: str, more: bytes) -> None:
    picture = photo_sandbox.reencode(pictures.image_bytes(pictures.coloured_quarters(), kind) + more)
    assert b"SECRET" not in picture.full + picture.small and pictures.quarter_colours(picture.full) == UPRIGHT


def test_broken_bytes_never_do_more_than_be_refused() -> None:
    chance = random.Random(7)
    others = [pictures.image_bytes(pictures.coloured_quarters(), kind) for kind in ("PNG", "WEBP", "AVIF")]
    for sent in (pictures.jpeg_with_all_metadata(), HEIC.read_bytes(), *others):
        for _ in range(4):
            broken = bytearray(sent)
            for _ in range(12):
                broken[chance.randrange(16, len(broken))] = chance.randrange(256)
            assert refusal_of(bytes(broken)) in ("kept", "unreadable", "too_large", "not_a_picture")


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ("import ctypes; ctypes.string_at(0)", "unreadable"),
        ("raise MemoryError", "unreadable"),
        ("import sys; sys.stdin.buffer.read(); print('{}')", "unreadable"),
        ('print(\'{"refused": "because"}\')', "unreadable"),
        ("print('no json')", "unreadable"),
        ("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass", "too_slow"),
    ],
    ids=["segfault", "raises", "says nothing", "says nonsense", "says no json", "works without end"],
)
def test_however_the_library_ends_it_is_a_refusal(instead: Callable[[str], None], program: str, reason: str) -> None:
    instead(program)
    assert refusal_of(pictures.image_bytes(pictures.coloured_quarters())) == reason


@pytest.mark.parametrize("number", ["SIGKILL", "SIGTERM"])
def test_a_decoder_that_somebody_else_ends_says_nothing_of_the_picture(
    instead: Callable[[str], None], number: str
) -> None:
    instead(f"import os, signal; os.kill(os.getpid(), signal.{number})")
    with pytest.raises(photo_sandbox.DecoderStopped):
        photo_sandbox.reencode(pictures.image_bytes(pictures.coloured_quarters()))


def test_a_library_that_sleeps_is_not_waited_for(
    instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photo_sandbox, "SANDBOX_SECONDS", 0.5)
    instead("import time; time.sleep(60)")
    assert refusal_of(pictures.image_bytes(pictures.coloured_quarters())) == "too_slow"


def test_a_library_that_gives_the_original_back_is_not_believed(instead: Callable[[str], None]) -> None:
    header = "{'width': 64, 'height': 32, 'full': len(sent), 'small': len(sent)}"
    out = f"sys.stdout.buffer.write(json.dumps({header}).encode() + b'\\n' + sent + sent)"
    instead(f"import json, sys; sent = sys.stdin.buffer.read(); {out}")
    assert refusal_of(pictures.jpeg_with_all_metadata()) == "unreadable"
    assert (
        refusal_of(pictures.image_bytes(pictures.coloured_quarters(), "WEBP", exif=pictures.exif_data()))
        == "unreadable"
    )


def test_a_bare_picture_has_no_place_for_anything_else() -> None:
    picture = photo_sandbox.reencode(pictures.image_bytes(pictures.coloured_quarters()))
    assert isinstance(picture, ReencodedPicture) and rules.is_bare_webp(picture.full)
    for more in (b"\0", b"EXIF\x04\0\0\0GPS!"):
        assert not rules.is_bare_webp(picture.full + more)
    assert not rules.is_bare_webp(pictures.image_bytes(pictures.coloured_quarters(), "WEBP", lossless=True))
    assert not rules.is_bare_webp(b"")


def test_the_sandbox_has_limits_and_no_secrets(
    instead: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COHAB_SECRET_KEY", "k" * 40)
    environment_names = tmp_path / "seen"
    instead(f"import os; open({str(environment_names)!r}, 'w').write(' '.join(os.environ))")
    assert refusal_of(pictures.image_bytes(pictures.coloured_quarters())) == "unreadable"
    assert "COHAB" not in environment_names.read_text() and "PATH" not in environment_names.read_text().split()


def test_the_decoder_can_write_no_file_and_no_memory_image(tmp_path: Path) -> None:
    leak, decoder = tmp_path / "leak", Path(photo_sandbox.__file__).with_name("decoder.py")
    lines = f"""
import resource, runpy
runpy.run_path({str(decoder)!r})["limit_resources"]()
print(resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_AS)[0], flush=True)
open({str(leak)!r}, "wb", buffering=0).write(b"raw")
"""
    ended = subprocess.run([sys.executable, "-I", "-c", lines], capture_output=True, text=True, check=False)
    assert ended.stdout.split() == ["(0,", "0)", str(1024**3)]
    assert ended.returncode != 0 and leak.read_bytes() == b""
