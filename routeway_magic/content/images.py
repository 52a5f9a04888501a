"""Images that are bytes already: files, `_repr_png_`, and what a chart is drawn to.

Pillow makes them smaller if the user has imported it; it is never imported for that.
"""

from __future__ import annotations

import base64
import binascii
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.fitting import MOST_BYTES, MOST_PIXELS, pixels
from routeway_magic.content.guarded import (
    BrokenFileError,
    Failed,
    attribute,
    call,
    declared,
    kind_of,
)
from routeway_magic.content.metadata import without_metadata
from routeway_magic.errors import InputError
from routeway_magic.pictures import media_type_of, pixel_size
from routeway_magic.types import ContentBlock

__all__ = [
    "IMAGE_SUFFIXES",
    "describe_by_picture",
    "describe_bytes_as_media",
    "describe_image",
    "image_block",
    "may_be_media",
]

IMAGE_SUFFIXES = frozenset(
    {".avif", ".bmp", ".gif", ".heic", ".ico", ".jpeg", ".jpg", ".png", ".tif"}
    | {".tiff", ".webp"}
)
"""Names of files that are taken for images, whatever their first bytes say."""

_PDF = b"%PDF-"
_METHODS = ("_repr_png_", "_repr_jpeg_")
_IMPORT_PIL = "`import PIL.Image` and run the cell again: it is then made smaller."


def image_block(data: bytes) -> ContentBlock:
    """The content block of an image, in base64, without where and when it was made.

    Args:
        data: a PNG, JPEG, GIF or WebP file.
    """
    encoded = base64.b64encode(without_metadata(data)).decode()
    kind = media_type_of(data)
    source = {"type": "base64", "media_type": kind, "data": encoded}
    return {"type": "image", "source": source}


def describe_image(source: bytes | Path, kind: str, limits: Limits) -> Described:
    """An image file, made smaller if it is larger than the model looks at.

    Args:
        source: the file's bytes, or where it is.
        kind: what it is called in the label.
        limits: how much of it may be sent.

    Raises:
        InputError: if it cannot be read, or cannot be sent as large as it is and
            Pillow is not imported.
    """
    if "PIL.Image" in sys.modules:
        from routeway_magic.content.pil_images import describe_file

        opened = BytesIO(source) if isinstance(source, bytes) else source
        return describe_file(opened, kind, limits)
    return _as_it_is(source, kind)


def _as_it_is(source: bytes | Path, kind: str) -> Described:
    data = source if isinstance(source, bytes) else _short_file(source)
    size = pixel_size(data)
    if size is None and media_type_of(data):
        raise BrokenFileError(f"The {kind} cannot be read.", "See whether it opens.")
    if size is None:
        raise InputError(f"The {kind} cannot be sent in this format.", _IMPORT_PIL)
    if len(data) > MOST_BYTES or max(size) > MOST_PIXELS:
        what = f"{pixels(size)} and {len(data):,} bytes"
        raise InputError(f"The {kind} is too large to be sent: {what}.", _IMPORT_PIL)
    return Described(kind=kind, size=pixels(size), blocks=[image_block(data)])


def _short_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST_BYTES + 1)


def describe_by_picture(value: Any, limits: Limits) -> Described | None:
    """What an object draws of itself by `_repr_png_` or `_repr_jpeg_`.

    Args:
        value: any object; IPython's convention is that the methods give bytes, base64
            text, one of both with metadata, or None.
        limits: how much of it may be sent.

    Returns:
        None if its class has no such method, or it gave no picture.

    Raises:
        Failed: if none of them gave one and one of them raised.
    """
    failures: list[Failed] = []
    for name in _METHODS:
        try:
            data = _drawn(value, name)
            if media_type_of(data):
                return describe_image(data, kind_of(value), limits)
        except (Failed, InputError) as failure:  # another method may do better
            failures.append(Failed(f"{name} failed: {failure}"))
    if failures:
        raise failures[0]
    return None


def _drawn(value: Any, name: str) -> bytes:
    if isinstance(value, type) or declared(value, name) is None:
        return b""
    given = call(attribute(value, name))
    return _decoded(given[0] if isinstance(given, tuple) and given else given)


def _decoded(given: Any) -> bytes:
    if isinstance(given, (bytes, bytearray)):
        return bytes(given)
    if not isinstance(given, str):
        return b""
    try:
        return binascii.a2b_base64(given)
    except ValueError:
        return b""


def may_be_media(data: bytes) -> bool:
    """Whether bytes begin as an image or a PDF does."""
    return bool(media_type_of(data)) or data.startswith(_PDF)


def describe_bytes_as_media(
    data: bytes, limits: Limits, name: str = ""
) -> Described | None:
    """Bytes that are an image or a PDF; None for all others.

    Args:
        data: the whole file.
        limits: how much of it may be sent.
        name: the file's name, if it has one.

    Raises:
        InputError: if they begin as one but cannot be read, or are too large.
    """
    kind = media_type_of(data).removeprefix("image/").upper()
    if kind:
        return describe_image(data, f"{kind} image {name}".strip(), limits)
    if data.startswith(_PDF):
        from routeway_magic.content.pdf import describe_pdf

        return describe_pdf(data, limits, name)
    return None
