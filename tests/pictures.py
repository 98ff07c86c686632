"""Images for tests: oriented colours, all the metadata that a phone writes, and files with false headers."""

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms

RED, GREEN, BLUE, YELLOW = (210, 30, 30), (30, 160, 40), (30, 50, 200), (240, 220, 40)
UPRIGHT = (RED, GREEN, BLUE, YELLOW)
"""Top left, top right, bottom left, bottom right."""
FIRST_ROW_AND_COLUMN = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}
"""For each Exif orientation: which side of the scene the first row and the first column are (Exif standard)."""
PRIVATE_METADATA = (
    b"Exif",
    b"EXIF",
    b"http://ns.adobe.com",
    b"xmp",
    b"XMP",
    b"GPS",
    b"Photoshop",
    b"8BIM",
    b"ICC",
    b"IPTC",
    b"SECRET",
    b"\xff\xd8\xff",
)
"""Bytes that no stored photo may contain; the last is where an embedded thumbnail begins."""


def coloured_quarters(width: int = 64, height: int = 32) -> Image.Image:
    """Returns an upright image of four coloured quarters."""
    image = Image.new("RGB", (width, height))
    for index, colour in enumerate(UPRIGHT):
        box = ((index % 2) * width // 2, (index // 2) * height // 2)
        image.paste(colour, (*box, box[0] + width // 2, box[1] + height // 2))
    return image


def stored_by_camera(orientation: int) -> Image.Image:
    """Returns the same scene, its pixels in the order in which a camera of this orientation stores them."""
    scene, (row, column) = coloured_quarters(), FIRST_ROW_AND_COLUMN[orientation]
    is_sideways = row in ("left", "right")
    stored = Image.new("RGB", scene.size[::-1] if is_sideways else scene.size)
    for y in range(stored.height):
        for x in range(stored.width):
            along = {row: y, column: x}
            across = along["left"] if "left" in along else scene.width - 1 - along["right"]
            down = along["top"] if "top" in along else scene.height - 1 - along["bottom"]
            stored.putpixel((x, y), scene.getpixel((across, down)) or (0, 0, 0))
    return stored


def quarter_colours(data: bytes) -> tuple[tuple[int, int, int], ...]:
    """Returns the nearest of the four colours in the middle of each quarter of an image file."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    spots = [(across, down) for down in (1, 3) for across in (1, 3)]
    colours = [image.getpixel((image.width * across // 4, image.height * down // 4)) for across, down in spots]
    return tuple(min(UPRIGHT, key=lambda reference: _distance(reference, colour)) for colour in colours)


def image_bytes(picture: Image.Image, kind: str = "JPEG", **more: Any) -> bytes:
    """Returns the image as a file of this format."""
    buffer = io.BytesIO()
    picture.save(buffer, kind, **more)
    return buffer.getvalue()


def exif_data(orientation: int = 1) -> Image.Exif:
    """Returns Exif data with an orientation, a position and an owner."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x8298] = orientation, "SECRET MAKER", "SECRET OWNER"
    exif.get_ifd(0x8825).update({1: "N", 2: (46.0, 20.0, 34.0), 3: "W", 4: (72.0, 32.0, 33.0), 29: "2026:11:16"})
    return exif


def jpeg_with_all_metadata(orientation: int = 1) -> bytes:
    """Returns a JPEG with Exif, colour profile, XMP, Photoshop block, comment, thumbnail and bytes after its end."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain = image_bytes(
        stored_by_camera(orientation),
        exif=exif_data(orientation),
        icc_profile=profile,
        comment=b"SECRET COMMENT",
        quality=95,
    )
    xmp = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta exif:GPSLatitude='SECRET'/>")
    photoshop = _segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x06SECRET")
    thumbnail = _segment(0xEC, b"SECRET" + image_bytes(coloured_quarters(16, 8)))
    return (
        plain[:2]
        + xmp
        + photoshop
        + thumbnail
        + plain[2:]
        + b"SECRET after the end"
        + image_bytes(coloured_quarters(16, 8))
    )


def png_with_size(width: int, height: int, *, text: bytes = b"") -> bytes:
    """Returns a PNG of a few bytes whose header claims this size; `text` is compressed into a comment."""
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
