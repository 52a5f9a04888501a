"""Strings, numbers, dates and other single values: the bare text that `str` gives."""

from __future__ import annotations

import enum
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from fractions import Fraction
from types import EllipsisType, NoneType, NotImplementedType
from typing import Any
from uuid import UUID

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.guarded import Failed, is_kind, kind_of, text_of
from routeway_magic.content.literals import cut_number, digits_of, literal
from routeway_magic.content.shorten import shorten

__all__ = ["describe_text", "describe_word"]


@register(str)
def describe_text(value: str, limits: Limits) -> Described:
    """A string as it is; a long one keeps its beginning and its end."""
    text = str.__str__(value) if type(value) is not str else value
    kept, left_out = shorten(text, limits.characters)
    size = f"{len(text):,} characters"
    return Described(
        kind=kind_of(value), size=size, text=kept, left_out=left_out, bare=True
    )


def describe_word(value: Any, limits: Limits) -> Described:
    """A single value as `str` gives it."""
    try:
        text = text_of(value, str)
    except Failed:
        if is_kind(value, int) and digits_of(value) > 1 and not _is_writable(value):
            return _huge(value)
        raise
    if len(text) > limits.characters and is_kind(value, int):
        return _huge(value)
    kept, left_out = shorten(text, limits.characters)
    return Described(kind=kind_of(value), text=kept, left_out=left_out, bare=True)


def _is_writable(value: int) -> bool:
    return literal(value, digits_of(value) + 1) is not None


def _huge(value: int) -> Described:
    """A number of more digits than the limits or Python allow."""
    digits = f"about {digits_of(value):,} digits"
    text = f"{cut_number(value)}, ending in …{abs(value) % 10**10:010d}"
    told = "all digits but the first 6 and last 10"
    return Described(kind=kind_of(value), size=digits, text=text, left_out=told)


for _kind in (
    NoneType,
    bool,
    int,
    float,
    complex,
    Decimal,
    Fraction,
    date,
    time,
    timedelta,
    tzinfo,
    UUID,
    enum.Enum,
    range,
    slice,
    EllipsisType,
    NotImplementedType,
):
    register(_kind, describe_word)
