"""JSON as a tree to fold and unfold: nested `<details>`, without a script."""

from __future__ import annotations

import json
from typing import Any

from routeway_magic.markup import escape, printable

__all__ = ["tree"]

_MOST = 2_000  # members that are shown
_DEEPEST = 30
_LONG = 200  # characters of a text that stands in its line


def tree(value: Any) -> str:
    """The value as nested lists; what is too much is counted, not shown.

    Args:
        value: JSON, its long bytes taken out.
    """
    return _Tree().html(value)


class _Tree:
    def __init__(self) -> None:
        self._left = _MOST

    def html(self, value: Any) -> str:
        return f"<ul>{self._members(value, 0)}</ul>"

    def _members(self, value: Any, depth: int) -> str:
        named = (
            value.items() if isinstance(value, dict) else [(None, one) for one in value]
        )
        parts: list[str] = []
        for number, (name, member) in enumerate(named):
            if self._left <= 0:
                parts.append(f"<li>… {len(value) - number:,} more</li>")
                break
            self._left -= 1
            parts.append(f"<li>{self._member(name, member, depth)}</li>")
        return "".join(parts)

    def _member(self, name: str | None, value: Any, depth: int) -> str:
        label = f"<b>{_shown(name)}</b>: " if name is not None else ""
        if isinstance(value, (dict, list)) and value and depth < _DEEPEST:
            opened = " open" if depth == 0 and len(value) <= 3 else ""  # noqa: PLR2004 - a few
            inner = self._members(value, depth + 1)
            return (
                f"<details{opened}><summary>{label}{_kind(value)}</summary>"
                f"<ul>{inner}</ul></details>"
            )
        if isinstance(value, str) and len(value) > _LONG:
            return (
                f"<details><summary>{label}{_shown(json_text(value[:60]))}… "
                f"({len(value):,} characters)</summary>"
                f"<pre>{_shown(value)}</pre></details>"
            )
        return f"{label}<code>{_shown(json_text(value)[:_LONG])}</code>"


def json_text(value: Any) -> str:
    """The value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)


def _kind(value: Any) -> str:
    if isinstance(value, list):
        return f"[{len(value):,}]"
    named = value.get("role") or value.get("type")
    told = f" {_shown(named)}" if isinstance(named, str) else ""
    return f"{{{len(value):,}}}{told}"


def _shown(text: str) -> str:
    return escape(printable(text))
