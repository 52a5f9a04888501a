"""A value of the notebook, as the panel's chips and completions tell of it."""

from __future__ import annotations

from typing import Any

from routeway_magic.content.guarded import package_of
from routeway_magic.content.shapes import shape_of, shape_text
from routeway_magic.markup import escape, printable
from routeway_magic.markup.document import wrapped
from routeway_magic.preview import thumbnail
from routeway_magic.prompt import Inserted

__all__ = ["size_of", "value_html"]

_SHOWN = 2000  # characters of a value's text
_SHAPED = frozenset({"numpy", "pandas", "polars"})
_COUNTED = (
    (str, "characters"),
    (bytes, "bytes"),
    (list, "items"),
    (tuple, "items"),
    (set, "items"),
    (dict, "items"),
)


def value_html(inserted: Inserted) -> str:
    """What is sent for a value: the beginning of its text, and its pictures.

    Args:
        inserted: the value in its prompt.
    """
    blocks = inserted.described.as_blocks(inserted.name)
    parts = [
        thumbnail(block) if block.get("type") == "image" else _text(block)
        for block in blocks
    ]
    return wrapped(*parts)


def size_of(value: Any) -> str:
    """How large it is, where that is known without running the user's code; else "".

    Args:
        value: any.
    """
    for kind, unit in _COUNTED:
        if type(value) is kind:
            return f"{len(value):,} {unit}"
    if package_of(type(value)) in _SHAPED and (shape := shape_of(value)):
        return shape_text(value, shape)
    return ""


def _text(block: dict[str, Any]) -> str:
    text = str(block.get("text") or f"[{block.get('type')}]")
    more = f"\n… {len(text) - _SHOWN:,} more characters" if len(text) > _SHOWN else ""
    return f"<pre>{escape(printable(text[:_SHOWN] + more))}</pre>"
