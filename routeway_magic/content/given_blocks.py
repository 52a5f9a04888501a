"""Content blocks that a user's function gave, checked before a server sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.guarded import Failed, is_kind, name_of, plain_text
from routeway_magic.content.shorten import shorten
from routeway_magic.errors import InputError
from routeway_magic.types import ContentBlock

__all__ = ["checked_blocks"]

_MAY_BE_SENT = ("text", "image", "document", "search_result")  # API.md 2.3
_MOST_BASE64 = {"image": 5 * 1024 * 1024, "document": 32 * 1024 * 1024}  # API.md 2.4


def checked_blocks(given: Any, kind: str, limits: Limits) -> Described:
    """The description that these blocks make; long texts are shortened.

    Args:
        given: a content block, or a list or tuple of them.
        kind: what the value is.
        limits: how much may be sent.

    Raises:
        Failed: if it is neither.
        InputError: if a block is none that may be sent, or too large.
    """
    blocks = [given] if is_kind(given, dict) else given
    if not is_kind(blocks, list) and not is_kind(blocks, tuple):
        raise Failed(f"it gave {name_of(type(given))}, neither text nor content blocks")
    for block in blocks:
        _check(block, kind)
    kept, left_out = _within(blocks, limits)
    return Described(kind=kind, blocks=kept, left_out=left_out)


def _check(block: Any, kind: str) -> None:
    name = block.get("type") if is_kind(block, dict) else None
    if name not in _MAY_BE_SENT:
        shown = f"a {name} block" if isinstance(name, str) else name_of(type(block))
        raise InputError(
            f"The description of {kind} gave {shown} among its content blocks.",
            "Each has to be a text, image or document block such as "
            '{"type": "text", "text": "…"}.',
        )
    if name == "text" and not is_kind(block.get("text"), str):
        raise InputError(
            f"The description of {kind} gave a text block without text.",
            'It has to be {"type": "text", "text": "…"}.',
        )
    _check_source(block, kind, name)


def _check_source(block: ContentBlock, kind: str, name: str) -> None:
    source = block.get("source")
    if name in _MOST_BASE64 and not is_kind(source, dict):
        raise InputError(
            f"The description of {kind} gave {name} block without a source.",
            'It has to hold "source": {"type": "base64", "media_type": …, "data": …}.',
        )
    size = len(source.get("data", "")) if isinstance(source, dict) else 0
    if size > _MOST_BASE64.get(name, size):
        raise InputError(
            f"The {name} in the description of {kind} has {size:,} characters of "
            f"base64; at most {_MOST_BASE64[name]:,} are taken.",
            "Make it smaller.",
        )


def _within(
    blocks: Sequence[ContentBlock], limits: Limits
) -> tuple[list[ContentBlock], str]:
    """The blocks with their texts within the limits, and what was left out."""
    kept: list[ContentBlock] = []
    room, missing = limits.characters, []
    for block in blocks:
        if block["type"] != "text":
            kept.append(block)
            continue
        text, left_out = shorten(plain_text(block["text"]), max(room, 0))
        room -= len(text)
        missing += [left_out] if left_out else []
        if text:  # an empty one is refused by the server
            kept.append({**block, "text": text})
    return kept, "; ".join(missing)
