"""Bytes: a picture or a PDF as such, text as text, anything else by its first bytes."""

from __future__ import annotations

import mmap
from dataclasses import replace
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.guarded import BrokenFileError, kind_of
from routeway_magic.content.shorten import shorten
from routeway_magic.pictures import media_type_of

__all__ = ["describe_bytes"]

_HEADER = 64
_LARGEST_MEDIA = 64 * 1024 * 1024
_ROW = 32
_MOST_ROWS = 16
_LONGEST_CHARACTER = 4  # bytes in UTF-8
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


@register(bytes)
@register(bytearray)
@register(memoryview)
@register(mmap.mmap)
def describe_bytes(value: Any, limits: Limits) -> Described:
    """Bytes by what they hold; no more of them are copied than are sent."""
    with memoryview(value) as view:
        if not view.c_contiguous:
            told = "its bytes, which do not stand together"
            return Described(kind=kind_of(value), size=_size(view), left_out=told)
        with view.cast("B") as flat:
            return _by_content(flat, kind_of(value), limits)


def _by_content(flat: memoryview, kind: str, limits: Limits) -> Described:
    header = bytes(flat[:_HEADER])
    is_media = media_type_of(header) or header.startswith(b"%PDF-")
    if is_media and len(flat) <= _LARGEST_MEDIA:
        from routeway_magic.content.images import describe_bytes_as_media

        try:
            described = describe_bytes_as_media(bytes(flat), limits)
        except BrokenFileError as error:  # perhaps that is what the user asks about
            hexed = _as_hex(flat, kind, limits)
            told = f"{hexed.left_out}; the picture or PDF: {error.what}"
            return replace(hexed, left_out=told.removeprefix("; "))
        if described is not None:
            return described
    return _as_text(flat, kind, limits) or _as_hex(flat, kind, limits)


def _as_text(flat: memoryview, kind: str, limits: Limits) -> Described | None:
    most = limits.characters * _LONGEST_CHARACTER
    head, tail = bytes(flat[:most]), bytes(flat[max(len(flat) - most, most) :])
    first, last = _decoded(head, whole=not tail), _decoded_end(tail)
    if first is None or last is None:
        return None
    text, left_out = shorten(first + last, limits.characters)
    if len(head) + len(tail) < len(flat):
        left_out = "all but the beginning and the end"
    return Described(
        kind=f"{kind}, as UTF-8 text",
        size=_size(flat),
        text=text,
        left_out=left_out,
    )


def _decoded(data: bytes, *, whole: bool) -> str | None:
    """Text of bytes that may break off within a character."""
    if not _CONTROLS.isdisjoint(data):
        return None
    for cut in range(1 if whole else _LONGEST_CHARACTER):
        try:
            return data[: len(data) - cut].decode()
        except UnicodeDecodeError:
            continue
    return None


def _decoded_end(data: bytes) -> str | None:
    """Text of bytes that may begin within a character."""
    start = 0
    while start < _LONGEST_CHARACTER and data[start : start + 1] >= b"\x80":
        if data[start] >= 0xC0:  # noqa: PLR2004 - where a character begins
            break
        start += 1
    return _decoded(data[start:], whole=True)


def _as_hex(flat: memoryview, kind: str, limits: Limits) -> Described:
    rows = max(min(limits.characters // (3 * _ROW), _MOST_ROWS), 1)
    shown = flat[: min(rows * _ROW, max(limits.characters // 3, 4))]
    lines = (shown[start : start + _ROW] for start in range(0, len(shown), _ROW))
    text = "\n".join(line.hex(" ") for line in lines)
    left_out = "" if len(shown) == len(flat) else f"all but the first {len(shown):,}"
    return Described(
        kind=f"{kind}, in hex", size=_size(flat), text=text, left_out=left_out
    )


def _size(view: memoryview) -> str:
    return f"{view.nbytes:,} byte{'' if view.nbytes == 1 else 's'}"
