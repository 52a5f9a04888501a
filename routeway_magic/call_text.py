"""A call of a tool on one line, such as `area(width=3, unit="cm")`."""

from __future__ import annotations

import json
import re
from typing import Any

from routeway_magic.markup import printable

__all__ = ["call_text"]

# Characters that are not seen, or turn the direction of what is.
_HIDDEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")


def call_text(name: str, arguments: Any, most: int) -> str:
    """A call on one line, such as `area(width=3, unit="cm")`.

    Args:
        name: of the function.
        arguments: as the model wrote them; a text where they were cut off.
        most: characters, at most.
    """
    if isinstance(arguments, dict):
        told = ", ".join(f"{key}={_json(value)}" for key, value in arguments.items())
    else:
        told = _json(arguments)
    told = " ".join(_HIDDEN.sub(_spelled, printable(told)).split())
    shown = told if len(told) <= most else f"{told[:most]}…"
    return f"{printable(name)}({shown})"


def _spelled(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:  # it could be read, but not be written
        return "…"
