"""What an image file says besides its pixels, such as where a photo was taken.

It stays on the user's machine: only pixels, colours and which side is up are sent.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from contextlib import suppress

from routeway_magic.pictures import media_type_of

__all__ = ["without_metadata"]

# JPEG segments: EXIF and XMP, further pictures, Photoshop's and IPTC's, comments.
_EXIF, _PLURAL, _PHOTOSHOP, _COMMENT = 0xE1, 0xE2, 0xED, 0xFE
_COLOURS = b"ICC_PROFILE\0"  # as APP2 has it, which is for other things too
_SCAN, _END = 0xDA, 0xD9
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_TIFF = b"Exif\0\0"
_ORIENTATION = 0x0112
_UPRIGHT = 1

_PNG_CHUNKS = frozenset({b"eXIf", b"iTXt", b"tEXt", b"tIME", b"zTXt"})
_PNG_END = b"IEND"
_SIGNATURE = 8
_WEBP_CHUNKS = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0x08 | 0x04  # EXIF, XMP


def without_metadata(data: bytes) -> bytes:
    """The same image without EXIF, XMP, comments and whatever stands behind it.

    Which side is up is kept. What cannot be read as its format says stays as it is.

    Args:
        data: a PNG, JPEG, GIF or WebP file.
    """
    parts = _PARTS.get(media_type_of(data))
    if parts is not None:
        with suppress(struct.error, IndexError):  # cut short, or broken
            return b"".join(parts(data))
    return data


def _jpeg(data: bytes) -> Iterator[bytes]:
    yield data[:2]
    at = 2
    while (found := _NEXT_MARKER.search(data, at)) is not None:
        yield data[at : found.start()]  # pixels, behind the start of a scan
        at, marker = found.start(), data[found.start() + 1]
        if marker == _END:
            yield data[at : at + 2]
            return
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        yield _kept(marker, data[at:end])
        at = end
    raise IndexError


def _kept(marker: int, segment: bytes) -> bytes:
    if marker == _EXIF:
        return _only_orientation(segment[4:])
    is_other = marker == _PLURAL and segment[4:16] != _COLOURS
    return b"" if is_other or marker in (_PHOTOSHOP, _COMMENT) else segment


def _only_orientation(exif: bytes) -> bytes:
    """A segment that says which side is up; nothing if it is the usual one."""
    turned = _orientation(exif) if exif.startswith(_TIFF) else _UPRIGHT
    if turned == _UPRIGHT:
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION, 3, 1, turned, 0)
    told = _TIFF + b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(told) + 2) + told


def _orientation(exif: bytes) -> int:
    tiff = exif[len(_TIFF) :]
    order = "<" if tiff.startswith(b"II") else ">"
    with suppress(struct.error):
        start = struct.unpack_from(f"{order}I", tiff, 4)[0]
        count = struct.unpack_from(f"{order}H", tiff, start)[0]
        for number in range(count):
            tag, _, _, value = struct.unpack_from(
                f"{order}HHIH", tiff, start + 2 + 12 * number
            )
            if tag == _ORIENTATION:
                return int(value)
    return _UPRIGHT


def _png(data: bytes) -> Iterator[bytes]:
    yield data[:_SIGNATURE]
    at, kind = _SIGNATURE, b""
    while kind != _PNG_END:
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind not in _PNG_CHUNKS:
            yield data[at : at + 12 + length]
        at += 12 + length


def _webp(data: bytes) -> Iterator[bytes]:
    kept = b"".join(_webp_chunks(data))
    yield b"RIFF" + struct.pack("<I", len(kept) + 4) + b"WEBP" + kept


def _webp_chunks(data: bytes) -> Iterator[bytes]:
    at, end = 12, 8 + struct.unpack_from("<I", data, 4)[0]
    while at < min(end, len(data)):
        kind, length = struct.unpack_from("<4sI", data, at)
        chunk = data[at : at + 8 + length + length % 2]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_FLAGS]) + chunk[9:]
        if kind not in _WEBP_CHUNKS:
            yield chunk
        at += len(chunk)


_PARTS = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}
