"""How many points a picture has, by its header alone, and how many of them are kept; nothing is decoded here.

Asked before a receipt is given, and again by `decoder`, which runs this file by its path: only the standard library is
imported.
"""

import math
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST_PIXELS = 50_000_000
"""Points of a picture that must be decoded whole."""
MOST_JPEG_PIXELS = 250_000_000
"""Points of a JPEG, which is decoded at a half, a quarter or an eighth of its size, line by line."""
MOST_COEFFICIENT_BYTES = 640 * 1024 * 1024
"""Memory for a JPEG that comes in several scans: its coefficients are all kept until the last one."""
ELONGATED = 4
"""From this ratio of its sides on a picture may be longer, up to so many times: its short side stays legible."""
_MOST_PARTS, _LARGEST_META_BOX = 1000, 1024 * 1024
"""Segments or boxes, and bytes, that are read of a header: a file can be made of millions of empty ones."""
_SCALABLE_FRAMES = (0xC0, 0xC1, 0xC2, 0xC9, 0xCA)
_PROGRESSIVE_FRAMES = (0xC2, 0xCA)
_OTHER_FRAMES = (0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF)
_START_OF_SCAN = 0xDA


@dataclass(frozen=True)
class _JpegFrame:
    """What a JPEG's header says: its kind (the marker), size, and the sampling factors of its colours (T.81, B.2.2)."""

    marker: int
    width: int
    height: int
    samplings: tuple[tuple[int, int], ...]

    @property
    def coefficient_bytes(self) -> int:
        """Bytes of all coefficients, two each."""
        widest, highest = max(across for across, _ in self.samplings), max(down for _, down in self.samplings)
        pixels = self.width * self.height
        return 2 * sum(pixels * across * down // (widest * highest) for across, down in self.samplings)


def kept_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Returns the width and height at which a picture is kept, never more than its own.

    Its long side is at most `side`; that of a panorama up to four times as much, while the short one has at least a
    quarter of `side`. So no picture has more points than a square of that side.
    """
    long, short = max(width, height), min(width, height)
    longest = min(ELONGATED * side, max(side, side * long / (ELONGATED * short)))
    scale = min(1.0, longest / long)
    return max(1, round(width * scale)), max(1, round(height * scale))


def has_too_many_pixels(data: bytes) -> bool:
    """Tells by the header whether a picture has more points than can be decoded; False where it says nothing."""
    try:
        if data[:3] == b"\xff\xd8\xff":
            return _is_jpeg_too_large(data)
        width, height = next((read(data) for head, read in _READERS if head.match(data)), (0, 0))
    except (struct.error, IndexError, ValueError):
        return False
    return width * height > MOST_PIXELS


def _is_jpeg_too_large(data: bytes) -> bool:
    frame: _JpegFrame | None = None
    for marker, content in _jpeg_segments(data):
        if marker in (*_SCALABLE_FRAMES, *_OTHER_FRAMES):
            frame = _jpeg_frame(marker, content)
        elif marker == _START_OF_SCAN and frame is not None:
            return _is_frame_too_large(frame, colours_in_scan=content[0])
    return False


def _is_frame_too_large(frame: _JpegFrame, *, colours_in_scan: int) -> bool:
    pixels = frame.width * frame.height
    if frame.marker not in _SCALABLE_FRAMES:
        return pixels > MOST_PIXELS
    has_several_scans = frame.marker in _PROGRESSIVE_FRAMES or colours_in_scan < len(frame.samplings)
    return pixels > MOST_JPEG_PIXELS or (has_several_scans and frame.coefficient_bytes > MOST_COEFFICIENT_BYTES)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yields marker and content of each segment up to the first scan."""
    position = 2
    for _ in range(_MOST_PARTS):
        if position + 4 > len(data) or data[position] != 0xFF:
            return
        marker = data[position + 1]
        if marker == 0xFF:  # a fill byte
            position += 1
            continue
        (length,) = struct.unpack_from(">H", data, position + 2)
        yield marker, data[position + 4 : position + 2 + length]
        position += 2 + length


def _jpeg_frame(marker: int, content: bytes) -> _JpegFrame:
    _, height, width, colours = struct.unpack_from(">BHHB", content)
    samplings = tuple((content[7 + 3 * each] >> 4, content[7 + 3 * each] & 15) for each in range(colours))
    if not all(across and down for across, down in samplings) or not samplings:
        raise ValueError("no sampling factors")
    return _JpegFrame(marker, width, height, samplings)


def _png_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif_size(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _webp_size(data: bytes) -> tuple[int, int]:
    """Returns the size that RFC 9649 puts into the first chunk: `VP8X`, `VP8L` or `VP8 `."""
    kind = data[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _heif_size(data: bytes) -> tuple[int, int]:
    """Returns the size of the largest item that the `meta` box describes (ISO/IEC 23008-12, 6.5.3 `ispe`)."""
    sizes = [struct.unpack(">II", found) for found in re.findall(rb"ispe\0{4}(.{8})", _meta_box(data), re.DOTALL)]
    return max(sizes, key=math.prod, default=(0, 0))


def _meta_box(data: bytes) -> bytes:
    position = 0
    for _ in range(_MOST_PARTS):
        if position + 8 > len(data):
            break
        length, kind = struct.unpack_from(">I4s", data, position)
        if kind == b"meta":
            return data[position : position + min(length, _LARGEST_META_BOX)]
        if length < 8:
            break
        position += length
    return b""


_READERS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], tuple[int, int]]], ...] = (
    (re.compile(rb"\x89PNG"), _png_size),
    (re.compile(rb"GIF8"), _gif_size),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), _webp_size),
    (re.compile(rb".{4}ftyp", re.DOTALL), _heif_size),
)
