"""A chart's specification as JSON: its data are left out before anything else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import islice
from typing import Any

from routeway_magic.content.shorten import shorten

__all__ = ["spec_text"]

_ITEMS = (1000, 100, 20, 5, 3, 0)  # a list may have, until all is short enough
_FIRST = 20  # kept of a longer one
_MORE = "…"  # begins what is said of the items that are not there
_KEYS = 200
_DEEPEST = 30
_CHARACTERS = 2000


def spec_text(spec: Any, characters: int) -> tuple[str, str]:
    """The specification within so many characters, and what was left out of it.

    Args:
        spec: dictionaries, lists, arrays and plain values; long arrays are not copied.
        characters: how many may be kept.
    """
    text, left_out = "", ""
    for most in _ITEMS:
        thinned = _Thinned(most)
        text = json.dumps(
            thinned.value(spec), ensure_ascii=False, separators=(",", ":"), default=str
        )
        kept = min(most, _FIRST)
        left_out = f"all but the first {kept} of long lists" if thinned.cut else ""
        if len(text) <= characters:
            return text, left_out
    short, cut = shorten(text, characters)
    return short, "; ".join(filter(None, (left_out, cut)))


class _Thinned:
    """A copy with short lists.

    Args:
        most: how many items a list may have.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.cut = False

    def value(self, value: Any, depth: int = 0) -> Any:
        """The value, its lists short; text and numbers as they are."""
        if depth > _DEEPEST:
            return "…"
        if isinstance(value, str):
            return (
                value if len(value) <= _CHARACTERS else shorten(value, _CHARACTERS)[0]
            )
        if isinstance(value, Mapping):
            return self._object(value, depth)
        if hasattr(value, "__len__") and hasattr(value, "__getitem__"):
            return self._list(value, depth)
        return value

    def _object(self, value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
        kept = islice(value.items(), _KEYS)
        return {str(key): self.value(item, depth + 1) for key, item in kept}

    def _list(self, value: Any, depth: int) -> list[Any]:
        count = len(value)
        most = count if count <= self.most else min(self.most, _FIRST)
        kept = [self.value(item, depth + 1) for item in _first(value, most)]
        if count > len(kept):
            self.cut = True
            last = value[-1:] if isinstance(value, list) else []
            told = [mark for mark in last if str(mark).startswith(_MORE)]
            kept += told or [f"{_MORE} {count:,} in all"]
        return kept


def _first(value: Any, count: int) -> list[Any]:
    part = getattr(value, "iloc", value)[:count]
    if str(getattr(part, "dtype", "")).startswith("datetime64"):
        return [str(moment) for moment in part]
    return list(part.tolist() if hasattr(part, "tolist") else part)
