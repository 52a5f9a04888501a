"""What is compared: variants in words, and what differs between them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from routeway_magic.sweeps.plan import Variant

__all__ = ["axes_of", "brief", "label_of", "labels_of", "worded"]

_LONGEST = 40  # characters of a value that a label shows


def axes_of(variants: Sequence[Variant]) -> list[tuple[str, list[Any]]]:
    """What differs between these variants: names with their values.

    Args:
        variants: in the order in which their values are to stand.
    """
    found: dict[str, dict[str, Any]] = {}
    for variant in variants:
        for name, value in variant.values.items():
            found.setdefault(name, {}).setdefault(worded(value), value)
    return [(name, list(values.values())) for name, values in found.items()]


def worded(value: Any) -> str:
    """A value as it would be written on the line: words bare, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def brief(value: Any, most: int = _LONGEST) -> str:
    """A value on one line, its middle left out if it is long: names differ at the ends.

    Args:
        value: of an axis.
        most: characters, at most; 3 or more.
    """
    text = " ".join(worded(value).split()) or '""'
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[head + 1 - most :]}"


def label_of(variant: Variant, *, is_repeated: bool) -> str:
    """A variant in a few words, such as `temperature=0.5 · repeat 2`.

    Args:
        variant: which one.
        is_repeated: whether there are others with the same values.
    """
    parts = [f"{name}={brief(value)}" for name, value in variant.values.items()]
    parts += [f"repeat {variant.repeat + 1}"] if is_repeated else []
    return " · ".join(parts) or "as it is"


def labels_of(variants: Sequence[Variant]) -> dict[int, str]:
    """The labels of variants by their index.

    Args:
        variants: all that are shown together.
    """
    is_repeated = any(variant.repeat for variant in variants)
    return {
        variant.index: label_of(variant, is_repeated=is_repeated)
        for variant in variants
    }
