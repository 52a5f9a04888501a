"""A call of a tool on one line, such as `area(width=3, unit="cm")`."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["call_text", "spelled"]

# Letters and signs of no ink, which count as printable all the same.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def call_text(name: str, arguments: Any, most: int) -> str:
    """A call on one line, such as `area(width=3, unit="cm")`.

    Args:
        name: of the function.
        arguments: as the model wrote them; a text where they were cut off.
        most: characters, at most.
    """
    if isinstance(arguments, dict):
        told = ", ".join(
            f"{_key(key)}={_json(value)}" for key, value in arguments.items()
        )
    else:
        told = _json(arguments)
    told = spelled(told[: most + 1])
    shown = told if len(told) <= most else f"{told[:most]}…"
    return f"{spelled(name)}({shown})"


def spelled(text: str) -> str:
    """The text with all that is not seen, or turns text around, as its number.

    JSON that is spelled so says the same.

    Args:
        text: on one line.
    """
    if text.isprintable() and not _BLANK.intersection(text):
        return text
    return "".join(
        sign if sign.isprintable() and sign not in _BLANK else _number(sign)
        for sign in text
    )


def _number(sign: str) -> str:
    return json.dumps(sign)[1:-1] if sign > "\x9f" else f"\\u{ord(sign):04x}"


def _key(name: str) -> str:
    """A name as it is; anything else in quotes, so that it cannot pass for more."""
    return name if name.isidentifier() else _json(name)


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:  # it could be read, but not be written
        return "…"
