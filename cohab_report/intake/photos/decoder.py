"""The room in which a picture library touches what strangers sent.

Run by its path as a program of its own: it imports nothing of this house, reads bytes from its standard input and writes a fresh picture
to its standard output, between limits that it sets itself first. It writes no file, and leaves no memory image when it crashes.

Its answer is one line of JSON, `{"refused": reason}` or `{"width": …, "height": …, "full": bytes, "small": bytes}`, then both pictures.
"""

import io
import json
import resource
import sys
from typing import Any

MEMORY, SECONDS, THREADS = 1024 * 1024 * 1024, 15, 2
FULL, SMALL = 2048, 400
MOST_PIXELS = 50_000_000
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
ORIENTATION = 0x0112
PLAIN = ("RGB", "L", "CMYK", "YCbCr")


class Refused(Exception):
    """It is no picture that can be kept; the reason is a code."""


def limit() -> None:
    """From here on this process can't use more memory or time, write a file, or leave its memory on the disk."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.dont_write_bytecode = True


def developed(data: bytes) -> tuple[int, int, bytes, bytes]:
    """Width, height, the full picture and the small one as WebP; raises Refused, or whatever a picture library comes up with."""
    picture = _opened(data)
    turn = _turn_of(picture)
    full = _small_enough(picture, FULL)
    upright = _on_paper(full if turn is None else full.transpose(turn))
    small = upright.copy()
    small.thumbnail((SMALL, SMALL))
    return upright.width, upright.height, _as_webp(upright, 80), _as_webp(small, 72)


def _opened(data: bytes) -> Any:
    import pi_heif
    from PIL import AvifImagePlugin, Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    # As many threads everywhere: each takes address space, and how much a picture may take must not hang on the machine.
    AvifImagePlugin.DEFAULT_MAX_THREADS = pi_heif.options.DECODE_THREADS = THREADS
    pi_heif.register_heif_opener(thumbnails=False)
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise Refused("too_large") from None
    except UnidentifiedImageError:
        raise Refused("not_a_picture") from None
    if picture.width * picture.height > MOST_PIXELS:
        raise Refused("too_large")
    return picture


def _turn_of(picture: Any) -> Any:
    """How it must be turned to stand upright, by its EXIF orientation; None when it stands or nothing readable says so."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM, 5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE, 8: Transpose.ROTATE_90,
    }  # fmt: skip
    try:
        return turns.get(picture.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001 - broken metadata raises anything, and says nothing of the pixels
        return None


def _small_enough(picture: Any, side: int) -> Any:
    # Read in colours that can be averaged first; a JPEG is then decoded at the size that is needed, never whole.
    if picture.mode not in PLAIN:
        picture = _in_colours(picture)
    picture.thumbnail((side, side), reducing_gap=2.0)
    return picture


def _in_colours(picture: Any) -> Any:
    """The first frame with eight bits a channel, its transparency kept."""
    picture.load()
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value / 256).convert("L")
    return picture.convert("RGBA")


def _on_paper(picture: Any) -> Any:
    """The pixels alone, in RGB, what is transparent on white: a new picture that carries nothing else of the old one."""
    from PIL import Image

    if picture.mode != "RGBA":
        picture = picture.convert("RGB")
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return paper


def _as_webp(picture: Any, quality: int) -> bytes:
    written = io.BytesIO()
    picture.save(written, "WEBP", quality=quality, method=2, exif=b"", xmp=b"", icc_profile=b"")
    return written.getvalue()


def main() -> None:
    """Answers for what stands on the standard input."""
    limit()
    try:
        width, height, full, small = developed(sys.stdin.buffer.read())
        said: dict[str, object] = {"width": width, "height": height, "full": len(full), "small": len(small)}
    except Refused as refused:
        said, full, small = {"refused": str(refused)}, b"", b""
    except MemoryError:
        said, full, small = {"refused": "too_large"}, b"", b""
    except Exception:  # noqa: BLE001 - a picture library may raise anything for what strangers send
        said, full, small = {"refused": "unreadable"}, b"", b""
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + full + small)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
