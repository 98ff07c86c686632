"""The program that decodes the pictures strangers send and re-encodes them; started by `photo_sandbox`.

It is run by its path as a program of its own: it imports nothing of this application. First it limits itself, imports
the picture libraries, reads all of standard input and then gives up every system call but those of computing and
writing: before it looks at the first byte, it can open no file, no socket and no process any more (`system_calls`).
Where the kernel offers no such protection it ends with exit code 77, unless it is told to go on.

Its output is one line of JSON, `{"unprotected": true}`, `{"refused": reason}` or
`{"width": …, "height": …, "full": bytes, "small": bytes}`, then both pictures.
"""

import ctypes
import io
import json
import os
import resource
import runpy
import signal
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pi_heif
from PIL import AvifImagePlugin, Image, UnidentifiedImageError


def _beside(name: str) -> SimpleNamespace:
    """Returns what a module of this folder defines; run by its path, since its package would import the application."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name(name))))


picture_sizes, system_calls = _beside("picture_sizes.py"), _beside("system_calls.py")

MEMORY, SECONDS, THREADS = 1024 * 1024 * 1024, 15, 2
FULL, SMALL = 2048, 400
"""The longest side of both pictures, in pixels; a panorama's may be longer (`picture_sizes.kept_size`)."""
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF", "AVIF")
ORIENTATION = 0x0112
PLAIN = ("RGB", "L", "CMYK", "YCbCr")
UNPROTECTED, CHECK = "--unprotected", "--check"
"""Arguments: decode although the kernel offers no protection; only find out whether it does."""
EXIT_UNPROTECTED = 77
NOBODY = 65534
PR_SET_PDEATHSIG = 1


class UndecodablePicture(Exception):
    """The bytes are no picture that can be re-encoded; the reason is a code."""


def limit_resources() -> None:
    """Limits the memory and CPU time of this process and keeps it from writing files or a memory image."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.dont_write_bytecode = True


def import_picture_formats() -> None:
    """Imports all that decoding needs, since afterwards nothing can be imported any more."""
    # A fixed number of threads: each takes address space, and the limit must not depend on the machine's processors.
    AvifImagePlugin.DEFAULT_MAX_THREADS = pi_heif.options.DECODE_THREADS = THREADS
    pi_heif.register_heif_opener(thumbnails=False)
    Image.init()


def give_up_rights() -> bool:
    """Gives up root, further files and all system calls that reach outside; returns False if the kernel can't do that.

    The number of processes is not limited: the limit counts threads of the whole account.
    """
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    # Whoever started it may be killed, and nobody else knows of this process.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    are_refused = bool(system_calls.refuse_other_system_calls())
    if not are_refused:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    return are_refused


def reencoded_webp(data: bytes) -> tuple[int, int, bytes, bytes]:
    """Returns width, height, the full picture and the small one as WebP.

    Raises UndecodablePicture, or anything that a picture library raises.
    """
    picture = _open_picture(data)
    transposition = _upright_transposition(picture)
    full = _shrunk(picture, FULL)
    upright = _pixels_on_white(full if transposition is None else full.transpose(transposition))
    small = upright.resize(picture_sizes.kept_size(*upright.size, SMALL), reducing_gap=2.0)
    return upright.width, upright.height, _as_webp(upright, 80), _as_webp(small, 72)


def _open_picture(data: bytes) -> Any:
    if picture_sizes.has_too_many_pixels(data):
        raise UndecodablePicture("too_large")
    Image.MAX_IMAGE_PIXELS = None  # ours are the limits, and greater for a JPEG
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError:
        raise UndecodablePicture("not_a_picture") from None
    is_jpeg = picture.format in ("JPEG", "MPO")
    if picture.width * picture.height > (picture_sizes.MOST_JPEG_PIXELS if is_jpeg else picture_sizes.MOST_PIXELS):
        raise UndecodablePicture("too_large")
    return picture


def _upright_transposition(picture: Any) -> Any:
    """Returns the transposition that turns the picture upright by its EXIF orientation, or None."""
    turns = Image.Transpose
    transpositions = {
        2: turns.FLIP_LEFT_RIGHT,
        3: turns.ROTATE_180,
        4: turns.FLIP_TOP_BOTTOM,
        5: turns.TRANSPOSE,
        6: turns.ROTATE_270,
        7: turns.TRANSVERSE,
        8: turns.ROTATE_90,
    }
    try:
        return transpositions.get(picture.getexif().get(ORIENTATION))
    except Exception:  # noqa: BLE001 - broken metadata raises anything, and says nothing of the pixels
        return None


def _shrunk(picture: Any, side: int) -> Any:
    size = picture_sizes.kept_size(*picture.size, side)
    # A JPEG is decoded near the size that is needed, never whole. Others get colours that can be averaged first.
    picture.draft(None, (2 * size[0], 2 * size[1]))
    if picture.mode not in PLAIN:
        picture = _converted_to_colour(picture)
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _converted_to_colour(picture: Any) -> Any:
    """Converts the first frame to eight bits a channel, keeping transparency."""
    picture.load()
    if picture.mode.startswith("I"):
        return picture.point(lambda value: value / 256).convert("L")
    return picture.convert("RGBA")


def _pixels_on_white(picture: Any) -> Any:
    """Copies the pixels to a new RGB picture, transparent ones on white, and nothing else of the old one."""
    if picture.mode != "RGBA":
        picture = picture.convert("RGB")
    canvas = Image.new("RGB", picture.size, "white")
    canvas.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    return canvas


def _as_webp(picture: Any, quality: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=quality, method=2, exif=b"", xmp=b"", icc_profile=b"")
    return buffer.getvalue()


def main() -> None:
    """Re-encodes the picture on standard input, or ends with EXIT_UNPROTECTED."""
    limit_resources()
    import_picture_formats()
    data = b"" if CHECK in sys.argv else sys.stdin.buffer.read()
    if not give_up_rights() and UNPROTECTED not in sys.argv:
        sys.stdout.buffer.write(b'{"unprotected": true}\n')
        sys.stdout.buffer.flush()
        sys.exit(EXIT_UNPROTECTED)
    if CHECK not in sys.argv:
        _write_answer(data)


def _write_answer(data: bytes) -> None:
    try:
        width, height, full, small = reencoded_webp(data)
        header: dict[str, object] = {"width": width, "height": height, "full": len(full), "small": len(small)}
    except UndecodablePicture as refused:
        header, full, small = {"refused": str(refused)}, b"", b""
    except MemoryError:
        header, full, small = {"refused": "too_large"}, b"", b""
    except Exception:  # noqa: BLE001 - a picture library may raise anything for what strangers send
        header, full, small = {"refused": "unreadable"}, b"", b""
    sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + full + small)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
