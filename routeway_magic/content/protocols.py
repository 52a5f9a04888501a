"""Objects that say themselves what they are: by method, by shape, or by their repr."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.shorten import shorten
from routeway_magic.errors import InputError
from routeway_magic.types import ContentBlock

__all__ = ["describe_unknown", "from_user", "own_words"]


def own_words(value: Any, limits: Limits) -> Described | None:
    """What the value's class says by `_repr_llm_`; None if it says nothing."""
    method = getattr(type(value), "_repr_llm_", None)
    if method is None or isinstance(value, type):
        return None
    given = method(value)
    return None if given is None else from_user(given, value, limits)


def from_user(given: Any, value: Any, limits: Limits) -> Described:
    """A description made of what a user's function gave: text, a block or several.

    Raises:
        InputError: if it gave anything else.
    """
    kind = type(value).__name__
    if isinstance(given, str):
        text, left_out = shorten(given, limits.characters)
        return Described(kind=kind, text=text, left_out=left_out)
    blocks: Sequence[ContentBlock] = [given] if isinstance(given, dict) else given
    if not isinstance(blocks, (list, tuple)) or not all(map(_is_block, blocks)):
        raise InputError(
            f"The description of {kind} gave {type(given).__name__}.",
            "It has to give text, or content blocks such as "
            '{"type": "text", "text": "…"}.',
        )
    return Described(kind=kind, blocks=blocks)


def describe_unknown(value: Any, limits: Limits) -> Described:
    """A value of a type that nobody has registered."""
    text, left_out = shorten(repr(value), limits.characters)
    return Described(kind=type(value).__name__, text=text, left_out=left_out)


def _is_block(given: Any) -> bool:
    return isinstance(given, dict) and isinstance(given.get("type"), str)
