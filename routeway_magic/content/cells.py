"""One value in a table's cell or an array's corner: short, on one line, never failing."""

from __future__ import annotations

import datetime as dt
import math
import numbers
import re
from reprlib import Repr
from typing import Any

from routeway_magic.content.guarded import package_of, without_addresses

__all__ = [
    "ROUNDED",
    "cell",
    "cut",
    "is_rounded",
    "literal",
    "moment",
    "number",
    "one_line",
]

_MIDNIGHT = re.compile(r"[ T]00:00:00(\.0+)?$")
_NO_FRACTION = re.compile(r"\.0+(?!\d)")
_TIMES = (dt.date, dt.time, dt.timedelta)
_LARGEST_INTEGER = 200  # bits; more digits than that tell nothing
_DIGITS = 6

ROUNDED = f"digits of numbers after the {_DIGITS}th"
"""What is said to be left out where a number is rounded."""


def cell(value: Any, width: int) -> str:
    """What stands in a cell; text as it is, nested values as Python writes them.

    Args:
        value: anything.
        width: characters, at most.
    """
    if isinstance(value, str):
        return cut(one_line(cut(value, width)), width)
    try:
        return cut(_written(value, width), width)
    except Exception:  # noqa: BLE001  # a user's object may raise whatever it likes
        return cut(f"<unreadable {type(value).__name__}>", width)


def literal(value: Any, width: int) -> str:
    """The same as it stands in code: text in quotes.

    Args:
        value: anything.
        width: characters of the text, at most.
    """
    return repr(cut(value, width)) if isinstance(value, str) else cell(value, width)


def cut(text: str, width: int) -> str:
    """The text's beginning, with a mark where it goes on.

    Args:
        text: any.
        width: characters, at most.
    """
    if len(text) <= width:
        return text
    return f"{text[: width - 1]}…" if width > 0 else ""


def one_line(text: str) -> str:
    """The text without line breaks and other characters that cannot be seen."""
    return text if text.isprintable() else repr(text)[1:-1]


def number(value: Any, digits: int = _DIGITS) -> str:
    """A number: whole ones exactly, others to some digits.

    Args:
        value: a number of Python or NumPy, or whatever else has a text.
        digits: significant ones of a fraction.
    """
    if isinstance(value, float):
        return format(value, f".{digits}g")
    if isinstance(value, int) and value.bit_length() > _LARGEST_INTEGER:
        return f"<integer of {value.bit_length():,} bits>"
    return str(value)


def moment(text: str) -> str:
    """A date and time without what says nothing: midnight, or a fraction of zeros."""
    return _NO_FRACTION.sub("", _MIDNIGHT.sub("", text)).replace("T", " ")


def is_rounded(value: Any) -> bool:
    """Whether it is a number of which `cell` shows fewer digits than it has."""
    return (
        isinstance(value, float)
        and math.isfinite(value)
        and float(number(value)) != value
    )


def _written(value: Any, width: int) -> str:
    if hasattr(value, "dtype") and getattr(value, "shape", None) == ():
        value = value.item()
    if isinstance(value, (float, int)):
        return number(value)
    if isinstance(value, _TIMES):
        return moment(str(value))
    if isinstance(value, numbers.Number) or _is_of_pandas(value):
        return str(value)
    if hasattr(value, "shape"):
        return f"<{type(value).__name__} {tuple(value.shape)}>"
    return one_line(without_addresses(_nested(width).repr(value)))


def _is_of_pandas(value: Any) -> bool:
    """Whether it is one of its single values, such as a Period."""
    return package_of(type(value)) == "pandas" and not hasattr(value, "__len__")


def _nested(width: int) -> Repr:
    words = Repr()
    words.maxlevel = 3
    words.maxlist = words.maxtuple = words.maxset = words.maxdict = 6
    words.maxstring = words.maxother = words.maxlong = max(width, 8)
    return words
