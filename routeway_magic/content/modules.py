"""Modules: the user's own as source, any other by name, version and what it offers."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.guarded import Failed, is_kind, text_of
from routeway_magic.content.places import is_of_a_library, lines_of, place_of
from routeway_magic.content.shorten import shorten

__all__ = ["describe_module"]

_DOC_LINES = 5
_NAMES_SHARE = 0.9


@register(ModuleType)
def describe_module(value: ModuleType, limits: Limits) -> Described:
    """A module; what it makes only when asked for is not asked for."""
    held = object.__getattribute__(value, "__dict__")
    source = _own_source(held)
    if 0 < len(source) <= limits.characters:
        return Described(
            kind="module",
            size=f"{source.count(chr(10)):,} lines from {place_of(held['__file__'])}",
            text=source,
        )
    names = _public(held)
    text, left_out = shorten(
        "\n".join(_lines(held, names)), limits.characters, beginning=_NAMES_SHARE
    )
    told = "; ".join(part for part in ("its source", left_out) if part)
    return Described(
        kind="module", size=f"{len(names):,} public names", text=text, left_out=told
    )


def _own_source(held: dict[str, Any]) -> str:
    """The source of a module that the user wrote; "" for any other."""
    file = held.get("__file__")
    if type(file) is not str or not file.endswith(".py") or is_of_a_library(file):
        return ""
    return "".join(lines_of(file))


def _lines(held: dict[str, Any], names: list[str]) -> Iterator[str]:
    yield " ".join(filter(None, (str(held.get("__name__")), _version(held))))
    doc = held.get("__doc__")
    if type(doc) is str:
        yield from doc.strip().splitlines()[:_DOC_LINES]
    yield f"Public names: {', '.join(names)}"


def _version(held: dict[str, Any]) -> str:
    root = str(held.get("__name__")).partition(".")[0]
    found = held.get("__version__")
    if found is None and root in sys.modules:
        found = vars(sys.modules[root]).get("__version__")
    if found is None and root in sys.stdlib_module_names:
        return f"of Python {sys.version.partition(' ')[0]}"
    try:
        return text_of(found, str) if is_kind(found, str) else ""
    except Failed:
        return ""


def _public(held: dict[str, Any]) -> list[str]:
    declared = held.get("__all__")
    if isinstance(declared, (list, tuple)):
        return sorted(name for name in declared if type(name) is str)
    return sorted(name for name in held if type(name) is str and name[:1] != "_")
