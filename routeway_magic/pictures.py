"""What an image's first bytes tell: its media type and its size in pixels."""

from __future__ import annotations

import binascii
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from routeway_magic.types import JSONObject

__all__ = ["ImageFacts", "image_facts", "media_type_of", "pixel_size"]

Size = tuple[int, int]

_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD9)})


@dataclass(frozen=True, slots=True)
class ImageFacts:
    """An image as received.

    Args:
        media_type: by its bytes; empty for what is no known image.
        size: width and height in pixels, where its header tells.
        length: bytes, decoded.
    """

    media_type: str
    size: Size | None
    length: int


def image_facts(source: JSONObject) -> ImageFacts | None:
    """The facts of a base64 source; None for any other."""
    if source.get("type") != "base64":
        return None
    data = binascii.a2b_base64(str(source.get("data", "")))
    return ImageFacts(media_type_of(data), pixel_size(data), len(data))


def media_type_of(data: bytes) -> str:
    """The media type by the first bytes, or an empty string."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return ""


def pixel_size(data: bytes) -> Size | None:
    """Width and height by the header; None where it is unknown, 0 or cut short."""
    try:
        size = _size(data)
    except (struct.error, IndexError):
        return None
    return size if size and all(size) else None


def _size(data: bytes) -> Size | None:
    match media_type_of(data):
        case "image/png":
            return _pair(struct.unpack_from(">II", data, 16))
        case "image/gif":
            return _pair(struct.unpack_from("<HH", data, 6))
        case "image/jpeg":
            return _jpeg(data)
        case "image/webp":
            return _webp(data)
        case _:
            return None


def _pair(numbers: tuple[int, ...]) -> Size:
    return numbers[0], numbers[1]


def _jpeg(data: bytes) -> Size | None:
    position = 2
    while data[position] == 0xFF:  # noqa: PLR2004 - the mark of a JPEG segment
        marker = data[position + 1]
        if marker == 0xFF:  # noqa: PLR2004 - a fill byte
            position += 1
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        elif marker in _JPEG_ALONE:
            position += 2
        else:
            position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    return None


def _webp(data: bytes) -> Size | None:
    match data[12:16]:
        case b"VP8 ":
            width, height = struct.unpack_from("<HH", data, 26)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L":
            bits = struct.unpack_from("<I", data, 21)[0]
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X":
            width = int.from_bytes(_three(data, 24), "little") + 1
            return width, int.from_bytes(_three(data, 27), "little") + 1
        case _:
            return None


def _three(data: bytes, start: int) -> bytes:
    if len(data) < start + 3:
        raise IndexError
    return data[start : start + 3]
