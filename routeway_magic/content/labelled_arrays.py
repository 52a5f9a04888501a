"""xarray: arrays with named axes, and sets of them; what is not in memory stays there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from routeway_magic.content.by_name import class_named
from routeway_magic.content.cells import cut, literal, moment
from routeway_magic.content.columns import label
from routeway_magic.content.corners import axes_text
from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import to_blocks

__all__: list[str] = []

_LINE = 200
_VALUE = 40
_SHARE = 0.5  # of the text, for coordinates and attributes


@to_blocks.register(class_named("xarray", "DataArray"))
def _data_array(value: Any, limits: Limits) -> Described:
    head, left_out = _fitting(_around(value), int(limits.characters * _SHARE))
    text, missing = _values(value.variable, limits.characters - len(head) - 1)
    return Described(
        kind="xarray DataArray",
        size=f"{axes_text(value.shape, value.dims)}, {value.dtype}",
        text="\n".join(filter(None, (head, text))),
        left_out="; ".join(filter(None, (left_out, missing))),
    )


@to_blocks.register(class_named("xarray", "Dataset"))
def _dataset(value: Any, limits: Limits) -> Described:
    lines = [*_variables("variable", value.data_vars), *_around(value)]
    text, left_out = _fitting(lines, limits.characters)
    return Described(
        kind="xarray Dataset",
        size=axes_text(list(value.sizes.values()), list(value.sizes)),
        text=text,
        left_out="; ".join(
            filter(None, (left_out, "all values but the first and last of each"))
        ),
    )


def _around(value: Any) -> Iterator[str]:
    name = getattr(value, "name", None)
    if name is not None:
        yield f"name {label(name)}"
    yield from _variables("coordinate", value.coords)
    for key, given in value.attrs.items():
        yield cut(f"attribute {label(key)}: {literal(given, _LINE)}", _LINE)


def _variables(word: str, variables: Mapping[Any, Any]) -> Iterator[str]:
    for name, one in variables.items():
        axes = axes_text(one.shape, one.dims) or "a single value"
        ends = (
            f": {_ends(one.variable)}" if _in_memory(one.variable) else ", not loaded"
        )
        yield cut(f"{word} {label(name)} ({axes}) {one.dtype}{ends}", _LINE)


def _ends(variable: Any) -> str:
    """The first value and the last."""
    if not variable.size:
        return "empty"
    ends = ((0,) * variable.ndim, (-1,) * variable.ndim)[: 1 + bool(variable.ndim)]
    values = (variable[at].values for at in ends)
    return " … ".join(_shown(one) for one in values)


def _shown(value: Any) -> str:
    """A single value, which xarray gives as an array without axes."""
    is_time = value.dtype.kind in "mM"
    return moment(str(value)) if is_time else literal(value, _VALUE)


def _in_memory(variable: Any) -> bool:
    return bool(getattr(variable, "_in_memory", False))


def _values(variable: Any, room: int) -> tuple[str, str]:
    if not _in_memory(variable):
        return "", "values (not loaded)"
    from routeway_magic.content.numpy_arrays import array_text

    return array_text(variable.values, room)


def _fitting(lines: Iterator[str] | list[str], room: int) -> tuple[str, str]:
    """As many lines as there is room for, and how many were left out."""
    kept: list[str] = []
    missing = 0
    for line in lines:
        if len(line) + 1 <= room:
            kept.append(line)
            room -= len(line) + 1
        else:
            missing += 1
    return "\n".join(kept), f"{missing} lines about it" if missing else ""
