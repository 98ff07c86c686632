"""Re-encodes a picture in a process of its own and trusts neither its exit nor its output.

The process has no environment, no open file, no terminal and no right to open anything (`decoder`), so nothing is
within its reach but the picture, which it gets through a pipe; and it is killed when it takes too long.
"""

import json
import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from cohab_report.errors import Unavailable
from cohab_report.intake.photos import decoder_service
from cohab_report.intake.photos.models import PhotoReason
from cohab_report.intake.photos.rules import is_bare_webp

log = logging.getLogger(__name__)
DECODER_COMMAND = (sys.executable, "-I", "-B", str(Path(__file__).with_name("decoder.py")))
DECODER_ENVIRONMENT = {"MALLOC_ARENA_MAX": "2"}
"""Nothing of ours; few arenas, since each takes its share of the address space that the process may use."""
SANDBOX_SECONDS = 60
"""Wall-clock limit for one picture; the process itself limits its CPU seconds."""
STOPPED_FROM_OUTSIDE = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP)
"""Exit codes of a decoder that somebody else ended, such as a machine that is short of memory."""
UNPROTECTED, CHECK, EXIT_UNPROTECTED = "--unprotected", "--check", 77
"""What `decoder` reads and answers where the kernel can't keep it from opening files and sockets."""
PROBE_SECONDS: float = 5
"""How long a decoder behind a socket may take to answer that it is there."""
UNPROTECTED_ANSWER = b'{"unprotected"'
LARGEST_DECODER_OUTPUT = 8 * 1024 * 1024
LONGEST_PICTURE_SIDE = 8192


@dataclass(frozen=True)
class _DecoderEnd:
    """How the decoder ended: its exit code, whether it took too long, and what it wrote, cut off beyond the limit."""

    code: int
    was_late: bool
    output: bytes


class PictureRefused(Exception):
    """The picture can't be re-encoded, for this reason."""

    def __init__(self, reason: PhotoReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class DecoderStopped(Exception):
    """The decoder could not begin, or was killed from outside: this says nothing of the picture."""


class DecoderUnprotected(Unavailable):
    """The kernel can't keep the decoder from opening files and sockets, so it decoded nothing."""


@dataclass(frozen=True)
class ReencodedPicture:
    """A re-encoded picture in two sizes, both WebP without metadata; width and height of the full one, in pixels."""

    full: bytes
    small: bytes
    width: int
    height: int


def reencode(data: bytes, *, unprotected: bool = False, service: str = "") -> ReencodedPicture:
    """Re-encodes picture bytes to two upright WebP pictures without metadata.

    `service` is the socket of a decoder with an account of its own; without it, this process starts one. With
    `unprotected` it does so where the kernel can't shut the decoder off, too, and says so in the log. Raises
    PictureRefused, DecoderStopped, DecoderUnprotected, or DecoderAway.
    """
    output = service_output(service, data) if service else decoder_output(data, unprotected=unprotected)
    head, _, pictures = output.partition(b"\n")
    return _split_pictures(_parse_header(head), pictures)


def service_output(service: str, data: bytes, *, seconds: float = decoder_service.SECONDS) -> bytes:
    """Returns what the decoder behind this socket answered; nobody has looked at it yet. Raises as `reencode` does."""
    try:
        output = decoder_service.ask_decoder(service, data, most=LARGEST_DECODER_OUTPUT, seconds=seconds)
    except decoder_service.DecoderLate:
        raise PictureRefused(PhotoReason.TOO_SLOW) from None
    if not output:
        # Whether the picture broke it or somebody ended it, only its service manager knows.
        raise DecoderStopped
    if output.startswith(UNPROTECTED_ANSWER):
        raise DecoderUnprotected
    if len(output) > LARGEST_DECODER_OUTPUT:
        raise PictureRefused(PhotoReason.UNREADABLE)
    return output


def decoder_output(data: bytes, *, unprotected: bool = False) -> bytes:
    """Returns what the decoder wrote; nobody has looked at it yet. Raises as `reencode` does."""
    decoder = _run_decoder(data)
    if decoder.code == EXIT_UNPROTECTED and unprotected:
        log.warning("the decoder of pictures is not protected: the kernel offers no seccomp, or libseccomp is missing")
        decoder = _run_decoder(data, UNPROTECTED)
    if decoder.code == EXIT_UNPROTECTED:
        raise DecoderUnprotected
    if decoder.was_late or decoder.code == -signal.SIGXCPU:
        raise PictureRefused(PhotoReason.TOO_SLOW)
    if len(decoder.output) > LARGEST_DECODER_OUTPUT:
        raise PictureRefused(PhotoReason.UNREADABLE)
    if decoder.code in STOPPED_FROM_OUTSIDE:
        raise DecoderStopped
    if decoder.code != 0:
        raise PictureRefused(PhotoReason.UNREADABLE)
    return decoder.output


@cache
def can_be_protected() -> bool:
    """Tells whether this machine's kernel can keep the decoder from opening files and sockets; asked once a process.

    Raises DecoderStopped when the decoder does not start.
    """
    return _run_decoder(b"", CHECK).code != EXIT_UNPROTECTED


def state_of_service(service: str) -> str:
    """Returns "" when the decoder behind this socket answers and is protected, else a few words on what is wrong."""
    try:
        service_output(service, b"", seconds=PROBE_SECONDS)
    except DecoderUnprotected:
        return "decoder not protected by the kernel"
    except decoder_service.DecoderAway:
        return "decoder away"
    except (DecoderStopped, PictureRefused):
        return "decoder does not answer"
    return ""


def _run_decoder(data: bytes, *arguments: str) -> _DecoderEnd:
    try:
        decoder = subprocess.Popen(
            (*DECODER_COMMAND, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=DECODER_ENVIRONMENT,
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    except OSError as error:
        raise DecoderStopped from error
    was_late = threading.Event()

    def end_late() -> None:
        was_late.set()
        decoder.kill()

    timer = threading.Timer(SANDBOX_SECONDS, end_late)
    timer.start()
    try:
        output = _converse(decoder, data)
    finally:
        timer.cancel()
        decoder.kill()
        decoder.wait()
    return _DecoderEnd(decoder.returncode, was_late.is_set(), output)


def _converse(decoder: subprocess.Popen[bytes], data: bytes) -> bytes:
    """Writes the bytes to the decoder, and returns what it answers; waits for its end unless it writes too much."""
    stdin, stdout = cast(BinaryIO, decoder.stdin), cast(BinaryIO, decoder.stdout)
    with suppress(BrokenPipeError), stdin:
        stdin.write(data)
    with stdout:
        output = stdout.read(LARGEST_DECODER_OUTPUT + 1)
    if len(output) <= LARGEST_DECODER_OUTPUT:
        decoder.wait()
    return output


def _parse_header(head: bytes) -> Mapping[str, Any]:
    try:
        header = json.loads(head)
        if "refused" in header:
            raise PictureRefused(PhotoReason(header["refused"]))
        return {name: int(header[name]) for name in ("width", "height", "full", "small")}
    except (ValueError, KeyError, TypeError):
        raise PictureRefused(PhotoReason.UNREADABLE) from None


def _split_pictures(header: Mapping[str, int], pictures: bytes) -> ReencodedPicture:
    full, small = pictures[: header["full"]], pictures[header["full"] :]
    is_plausible = (
        0 < header["width"] <= LONGEST_PICTURE_SIDE
        and 0 < header["height"] <= LONGEST_PICTURE_SIDE
        and len(small) == header["small"]
    )
    if not (is_plausible and is_bare_webp(full) and is_bare_webp(small)):
        raise PictureRefused(PhotoReason.UNREADABLE)
    return ReencodedPicture(full, small, header["width"], header["height"])
