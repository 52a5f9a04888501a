"""References to the notebook's variables in a prompt; the grammar is in `references`."""

from __future__ import annotations

from routeway_magic.interpolate.references import (
    Part,
    Reference,
    Text,
    evaluate,
    formatted,
    left_as_typed,
    parse,
)

__all__ = [
    "Part",
    "Reference",
    "Text",
    "evaluate",
    "formatted",
    "left_as_typed",
    "parse",
]
