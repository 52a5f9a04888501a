"""The shape of whatever has one, told without reading its cells."""

from __future__ import annotations

from typing import Any

from routeway_magic.content.guarded import Failed, attribute, is_kind

__all__ = ["shape_of", "shape_text"]


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The lengths of an array's or a frame's dimensions; None if it tells none."""
    try:
        shape = attribute(value, "shape")
    except Failed:
        return None
    if not is_kind(shape, tuple) or not all(is_kind(one, int) for one in shape):
        return None
    return tuple(int(one) for one in shape)


def shape_text(value: Any, shape: tuple[int, ...]) -> str:
    """A shape in words: rows and columns for what has columns, else 3 × 4."""
    try:
        attribute(value, "columns")
    except Failed:
        return " × ".join(f"{one:,}" for one in shape)
    named = ((shape[0], "row"), (shape[-1], "column"))
    rows, columns = (f"{n:,} {unit}{'' if n == 1 else 's'}" for n, unit in named)
    return f"{rows} × {columns}"
