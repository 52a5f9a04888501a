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
    return f"{shape[0]:,} rows × {shape[-1]:,} columns"
