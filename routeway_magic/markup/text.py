"""Untrusted text made safe for a page or a terminal."""

from __future__ import annotations

import re

__all__ = ["escape", "printable", "without_surrogates"]

_ENTITIES = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"}
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_PICTURES = 0x2400  # the block of Unicode that has a picture of each control character
_DELETE = "\x7f"


def without_surrogates(text: str) -> str:
    """The text with lone surrogates replaced, so that it can be encoded.

    Args:
        text: any text; JSON may bring half of a pair.
    """
    return _SURROGATE.sub("\ufffd", text)


def escape(text: str) -> str:
    """The text as HTML shows it literally, between tags and in quoted attributes.

    Args:
        text: any text.
    """
    return without_surrogates(text).translate(_ENTITIES)


def printable(text: str) -> str:
    r"""The text with no character that a terminal would act upon.

    Newlines and tabs stay, `\r\n` becomes a newline, and every other control
    character becomes its picture: no escape sequence reaches a terminal.

    Args:
        text: any text.
    """
    return _CONTROL.sub(_picture, text.replace("\r\n", "\n"))


def _picture(found: re.Match[str]) -> str:
    character = found[0]
    if character < " ":
        return chr(_PICTURES + ord(character))
    return "\u2421" if character == _DELETE else "\ufffd"
