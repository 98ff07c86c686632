"""Pictures made here: with colours that say which way is up, with all that a phone writes beside them, and files that only pretend."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms

RED, GREEN, BLUE, YELLOW = (210, 30, 30), (30, 160, 40), (30, 50, 200), (240, 220, 40)
UPRIGHT = (RED, GREEN, BLUE, YELLOW)
"""Top left, top right, bottom left, bottom right."""
FIRST_ROW_AND_COLUMN = {
    1: ("top", "left"), 2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"),
    5: ("left", "top"), 6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom"),
}  # fmt: skip
"""What the Exif standard says of each orientation: which side of the scene the first row and the first column are."""
PRIVATE = (
    b"Exif", b"EXIF", b"http://ns.adobe.com", b"xmp", b"XMP", b"GPS", b"Photoshop", b"8BIM", b"ICC", b"IPTC", b"SECRET", b"\xff\xd8\xff",
)  # fmt: skip
"""What none of the stored bytes may hold; the last is where an embedded thumbnail begins."""


def quarters(width: int = 64, height: int = 32) -> Image.Image:
    """Four coloured quarters, wider than high, standing upright."""
    made = Image.new("RGB", (width, height))
    for index, colour in enumerate(UPRIGHT):
        box = ((index % 2) * width // 2, (index // 2) * height // 2)
        made.paste(colour, (*box, box[0] + width // 2, box[1] + height // 2))
    return made


def as_a_camera_held_so(orientation: int) -> Image.Image:
    """The same scene as its pixels are stored by a camera that writes this orientation; made from the standard's words alone."""
    scene, (row, column) = quarters(), FIRST_ROW_AND_COLUMN[orientation]
    lies = row in ("left", "right")
    stored = Image.new("RGB", scene.size[::-1] if lies else scene.size)
    for y in range(stored.height):
        for x in range(stored.width):
            along = {row: y, column: x}
            across = along["left"] if "left" in along else scene.width - 1 - along["right"]
            down = along["top"] if "top" in along else scene.height - 1 - along["bottom"]
            stored.putpixel((x, y), scene.getpixel((across, down)) or (0, 0, 0))
    return stored


def corners(data: bytes) -> tuple[tuple[int, int, int], ...]:
    """The nearest of the four colours in the middle of each quarter of a stored picture."""
    shown = Image.open(io.BytesIO(data)).convert("RGB")
    spots = [(across, down) for down in (1, 3) for across in (1, 3)]
    seen = [shown.getpixel((shown.width * across // 4, shown.height * down // 4)) for across, down in spots]
    return tuple(min(UPRIGHT, key=lambda known: _distance(known, colour)) for colour in seen)


def saved(picture: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    """The picture as a file of this kind."""
    written = io.BytesIO()
    picture.save(written, kind, **more)
    return written.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """Where and with what it was taken."""
    made = Image.Exif()
    made[0x0112], made[0x010F], made[0x8298] = orientation, "SECRET MAKER", "SECRET OWNER"
    made.get_ifd(0x8825).update({1: "N", 2: (46.0, 20.0, 34.0), 3: "W", 4: (72.0, 32.0, 33.0), 29: "2026:11:16"})
    return made


def with_everything(orientation: int = 1) -> bytes:
    """A JPEG with position, owner, colour profile, XMP, Photoshop block, comment, an embedded thumbnail and bytes after its end."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = saved(
        as_a_camera_held_so(orientation),
        exif=exif(orientation),
        icc_profile=profile,
        comment=b"SECRET COMMENT",
        quality=95,
    )
    xmp = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta exif:GPSLatitude='SECRET'/>")
    photoshop = _segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x06SECRET")
    thumbnail = _segment(0xEC, b"SECRET" + saved(quarters(16, 8)))
    return plain[:2] + xmp + photoshop + thumbnail + plain[2:] + b"SECRET after the end" + saved(quarters(16, 8))


def png_that_claims(width: int, height: int, *, text: bytes = b"") -> bytes:
    """A PNG of a few bytes whose header says how large it is; `text` is packed into a comment."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    comment = _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(text, 9)) if text else b""
    body = _chunk(b"IDAT", zlib.compress(b"\0" * 64))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + comment + body + _chunk(b"IEND", b"")


def _distance(one: tuple[int, ...], other: Any) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
