"""Single values as Python writes them: numbers, strings, dates and their like."""

from __future__ import annotations

import enum
import math
import sys
from collections.abc import Callable
from datetime import date, time, timedelta, timezone, tzinfo
from decimal import Decimal
from fractions import Fraction
from types import EllipsisType, NoneType, NotImplementedType
from typing import Any
from uuid import UUID

from routeway_magic.content.guarded import (
    Failed,
    classes_of,
    name_of,
    text_of,
    without_addresses,
)

__all__ = ["cut_literal", "cut_number", "digits_of", "is_literal", "literal"]

_BITS_PER_DIGIT = math.log2(10)
_ALWAYS_WRITTEN = 640  # digits, the least that Python's own limit can be
_SHORTEST_CUT = 8


def _enum_member(value: Any) -> str:
    return f"{name_of(type(value))}.{enum.Enum.__dict__['name'].__get__(value)}"


def _guarded(value: Any) -> str:
    return without_addresses(text_of(value))


# A subclass is written as what it holds: numpy's float64 as the float that it is.
_WRITERS: dict[type, Callable[[Any], str]] = {
    enum.Enum: _enum_member,
    NoneType: _guarded,
    bool: repr,
    int: int.__repr__,
    float: float.__repr__,
    complex: complex.__repr__,
    str: str.__repr__,
    bytes: bytes.__repr__,
    bytearray: bytearray.__repr__,
    range: repr,
    slice: _guarded,
    EllipsisType: repr,
    NotImplementedType: repr,
    Decimal: _guarded,
    Fraction: _guarded,
    UUID: _guarded,
    date: _guarded,
    time: _guarded,
    timedelta: _guarded,
    timezone: _guarded,
    tzinfo: _guarded,
}


def is_literal(value: Any) -> bool:
    """Whether it is a single value that Python writes in one word."""
    return any(kind in _WRITERS for kind in classes_of(value))


def literal(value: Any, room: int) -> str | None:
    """A single value exactly as Python would write it; None if it does not fit.

    Args:
        value: one for which `is_literal` holds.
        room: characters that it may take.

    Raises:
        Failed: if its own repr fails.
    """
    kind, write = _writer(value)
    if _least_length(kind, value) > room:
        return None
    try:
        text = write(value)
    except ValueError:  # Python refuses to write so many digits
        return None
    return text if len(text) <= room else None


def cut_literal(value: Any, room: int) -> str:
    """A single value that does not fit, within the room: its beginning, or its kind."""
    kind, _ = _writer(value)
    if kind in (str, bytes, bytearray) and room >= _SHORTEST_CUT:
        head = kind.__getitem__(value, slice(room))
        for kept in (room - 5, (room - 5) // 2, (room - 5) // 10):
            text = f"{kind.__repr__(head[:kept])}…"
            if len(text) <= room:
                return text
    told = cut_number(value) if kind is int else f"<{name_of(type(value))}>"
    return told if len(told) <= room else "…"


def cut_number(value: int) -> str:
    """A number too long to be written: about how large it is."""
    exponent = math.log10(abs(value))
    leading = 10 ** (exponent - math.floor(exponent))
    sign = "-" if value < 0 else ""
    return f"{sign}{leading:.5f}e+{math.floor(exponent)}"


def digits_of(value: int) -> int:
    """How many digits a number has, about: it is not written out for that."""
    return int(int.bit_length(value) / _BITS_PER_DIGIT) + 1


def _writer(value: Any) -> tuple[type, Callable[[Any], str]]:
    for kind in classes_of(value):
        if kind in _WRITERS:
            return kind, _WRITERS[kind]
    raise Failed("it is no single value")


def _least_length(kind: type, value: Any) -> int:
    if kind in (str, bytes, bytearray):
        return int(kind.__len__(value)) + 2
    if kind is int:
        digits = digits_of(value)
        limit = sys.get_int_max_str_digits() or sys.maxsize
        return sys.maxsize if digits > max(limit, _ALWAYS_WRITTEN) + 1 else digits - 1
    return 1
