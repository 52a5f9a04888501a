"""The axes of a sweep, as they are written: `temperature=0,0.5,1`.

    axis   = NAME "=" values
    values = item { "," item }       a single JSON array gives its members
    item   = a JSON value            0.5, true, null, "a, b", ["x"], {"type": "auto"}
           | START ":" END ":" N     N numbers from START to END, both included
           | word                    anything else up to the next comma, as text

`unset` is a word like any other here; it takes a setting back. A comma within JSON
brackets or quotes parts nothing.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

from routeway_magic.errors import InputError

__all__ = ["Axis", "axes_of", "read_axis", "read_values"]

_HOW = 'Write `temperature=0,0.5,1`, `top_p=0.1:0.9:5` or `city=["Paris", "Rome"]`.'
_NAME = re.compile(r"[^\W\d][\w.-]*")
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?"
_RANGE = re.compile(rf"({_NUMBER}):({_NUMBER}):(\d+)")
_MOST = 10_000  # values of one axis
_JSON = json.JSONDecoder()
_OPENING = '"[{'


@dataclass(frozen=True, slots=True)
class Axis:
    """What a sweep varies, and the values that it takes.

    Args:
        name: a setting, a name in the prompt's braces, or a field of the request.
        values: at least one; each is asked with.
    """

    name: str
    values: tuple[Any, ...]


def read_axis(text: str) -> Axis:
    """The axis that a text such as `temperature=0,0.5,1` describes.

    Args:
        text: as typed.

    Raises:
        InputError: if it is none.
    """
    name, mark, values = text.partition("=")
    if not mark:
        raise InputError(f"`{text}` names no values.", _HOW)
    return _axis(name.strip(), read_values(values, name.strip()))


def read_values(text: str, name: str = "") -> tuple[Any, ...]:
    """The values that a text describes.

    Args:
        text: what stands behind the `=`.
        name: the axis, for errors.

    Raises:
        InputError: if a value is missing, or is broken JSON.
    """
    items = list(_items(text, name))
    if len(items) == 1 and isinstance(items[0], list):
        return tuple(items[0])
    return tuple(value for item in items for value in _several(item, name))


def axes_of(grid: Mapping[str, Any] | Iterable[Axis]) -> tuple[Axis, ...]:
    """The axes of a grid as Python writes it: names with their values.

    Args:
        grid: values by name: a text is read as on a line, any other iterable gives
            its members (arrays give plain numbers), what is no iterable is the one
            value; or axes.

    Raises:
        InputError: if there are no values, or one stands twice.
    """
    if isinstance(grid, Mapping):
        return tuple(_axis(str(name), _listed(grid[name], name)) for name in grid)
    return tuple(_axis(axis.name, axis.values) for axis in grid)


def _axis(name: str, values: tuple[Any, ...]) -> Axis:
    if not _NAME.fullmatch(name):
        raise InputError(f"`{name}` cannot be swept: it is no name.", _HOW)
    if not values:
        raise InputError(f"`{name}` has no values.", _HOW)
    if len(values) > _MOST:
        raise InputError(
            f"`{name}` has more than {_MOST:,} values, or no end.",
            "Take some of them, or make several sweeps.",
        )
    [(twice, count)] = Counter(_written(it, name) for it in values).most_common(1)
    if count > 1:
        raise InputError(
            f"`{name}` names {twice} twice.",
            "To ask the same more than once, use `--repeat N` (`repeat=N`).",
        )
    return Axis(name, values)


def _written(value: Any, name: str) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InputError(f"A value of `{name}` is no JSON: {error}.", _HOW) from None


def _listed(values: Any, name: str) -> tuple[Any, ...]:
    if isinstance(values, str):
        return read_values(values, name)
    if hasattr(values, "tolist"):  # an array, a column, or one of their numbers
        values = values.tolist()
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        return (values,)
    return tuple(map(_plain, islice(values, _MOST + 1)))  # some have no end


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


@dataclass(frozen=True, slots=True)
class _Span:
    """`START:END:N` before it is spread."""

    start: Fraction
    end: Fraction
    count: int


def _items(text: str, name: str) -> Iterator[Any]:
    at = 0
    while True:
        at += len(text[at:]) - len(text[at:].lstrip())
        if text[at : at + 1] in _OPENING and at < len(text):
            value, end = _json_at(text, at, name)
            rest = text[end:].lstrip()
        else:
            word, _, _ = text[at:].partition(",")
            value, end = _read(word.strip(), name), at + len(word)
            rest = text[end:]
        yield value
        if not rest:
            return
        at = len(text) - len(rest) + 1
        if rest[0] != ",":
            raise InputError(
                f"`{rest}` stands behind a value of `{name}`.",
                f"Part values by commas. {_HOW}",
            )


def _json_at(text: str, at: int, name: str) -> tuple[Any, int]:
    try:
        return _JSON.raw_decode(text, at)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"A value of `{name}` is broken JSON: `{text[at:]}` ({error}).", _HOW
        ) from None


def _read(word: str, name: str) -> Any:
    if not word:
        raise InputError(f"A value of `{name}` is missing.", _HOW)
    if span := _RANGE.fullmatch(word):
        return _Span(Fraction(span[1]), Fraction(span[2]), int(span[3]))
    try:
        value = json.loads(word, parse_constant=str)  # NaN is no JSON: a word
    except ValueError:
        return word
    return value


def _several(item: Any, name: str) -> Iterator[Any]:
    if not isinstance(item, _Span):
        yield item
        return
    if not 2 <= item.count <= _MOST:  # noqa: PLR2004 - both ends
        raise InputError(
            f"A range of `{name}` has {item.count:,} values; it takes 2 to {_MOST:,}.",
            "`0:1:5` gives 0, 0.25, 0.5, 0.75 and 1.",
        )
    step = (item.end - item.start) / (item.count - 1)
    points = [item.start + step * number for number in range(item.count)]
    whole = all(point.denominator == 1 for point in points)
    yield from (int(point) if whole else float(point) for point in points)
