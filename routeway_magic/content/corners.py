"""Some values of an array: all if they fit, else a corner, as nested lists."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from routeway_magic.content.cells import ROUNDED, is_rounded, literal

__all__ = ["axes_text", "corner_text", "nested"]

Read = Callable[[tuple[int | slice, ...]], Any]
"""Gives the part of an array at some indexes, as nested lists."""

_TEXT = 40  # characters of a text among the values
_ENDS = ((20, 5), (8, 3), (3, 2), (1, 1))  # first and last of a single axis
_CORNERS = ((6, 10), (5, 5), (3, 3), (1, 3))  # rows and columns


def corner_text(read: Read, shape: Sequence[int], room: int) -> tuple[str, str]:
    """Values as nested lists, and what was left out of them ("" if nothing).

    Args:
        read: is asked only for what is shown.
        shape: of the array; it has at least one axis.
        room: characters, at most.
    """
    count = prod(shape)
    if count * 3 <= room:
        values = read((slice(None),) * len(shape))
        text = nested(values)
        if len(text) <= room:
            return text, _rounding(values)
    if not count:
        return "", ""
    plans = _line(read, shape[0]) if len(shape) == 1 else _corner(read, shape)
    for text, left_out in plans:
        if len(text) <= room:
            return text, left_out
    return "", "all values"


def axes_text(shape: Sequence[Any], names: Sequence[Any] = ()) -> str:
    """A shape in words, such as "1,000 × 20" or "time 12 × x 3".

    Args:
        shape: the length of each axis; what is no number is not known.
        names: of the axes, if they have any.
    """
    lengths = [f"{one:,}" if isinstance(one, int) else "?" for one in shape]
    if len(lengths) == 1 and not names:
        return f"{lengths[0]} values"
    if len(names) == len(lengths):
        lengths = [f"{name} {one}" for name, one in zip(names, lengths, strict=True)]
    return " × ".join(lengths)


def _line(read: Read, length: int) -> Any:
    for first, last in _ENDS:
        if first + last < length:
            begin, end = read((slice(first),)), read((slice(length - last, length),))
            text = f"[{_joined(begin)}, …, {_joined(end)}]"
            ends = f"all values but the first {first} and last {last}"
            yield text, _and(ends, _rounding([begin, end]))


def _corner(read: Read, shape: Sequence[int]) -> Any:
    before = (0,) * (len(shape) - 2)
    where = f"at {list(before)}: " if before else ""
    for rows, columns in _CORNERS:
        rows, columns = min(rows, shape[-2]), min(columns, shape[-1])  # noqa: PLW2901
        part = read((*before, slice(rows), slice(columns)))
        text = where + nested(part, more=columns < shape[-1])
        at = f" at {list(before)}" if before else ""
        corner = f"all values but the first {rows} × {columns}{at}"
        yield text, _and(corner, _rounding(part))


def _and(first: str, second: str) -> str:
    return f"{first}; {second}" if second else first


def _rounding(values: Any) -> str:
    return ROUNDED if _has_rounded(values) else ""


def _has_rounded(values: Any) -> bool:
    if isinstance(values, list):
        return any(map(_has_rounded, values))
    return is_rounded(values)


def nested(values: Any, *, more: bool = False) -> str:
    """Values as they stand in code, a line for each innermost list.

    Args:
        values: lists of lists, or a single value.
        more: whether each innermost list goes on.
    """
    if not isinstance(values, list):
        return literal(values, _TEXT)
    if values and isinstance(values[0], list):
        return "[" + ",\n".join(nested(one, more=more) for one in values) + "]"
    return f"[{_joined(values)}{', …' if more else ''}]"


def _joined(values: Sequence[Any]) -> str:
    return ", ".join(literal(one, _TEXT) for one in values)
