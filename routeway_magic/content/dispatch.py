"""Which description a value gets: the user's own first, then by type, then by shape.

In this order: `_repr_llm_`; a function registered for the type, ours for known types
included; whatever has a shape and a dtype; `_repr_png_` and `_repr_jpeg_`;
`_repr_markdown_`; the members of dataclasses and their like; `repr`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, singledispatch
from importlib import import_module
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.types import ContentBlock

__all__ = ["describe", "register", "to_blocks"]

Given = str | Described | ContentBlock | Sequence[ContentBlock]
"""What a describing function may give."""

# The package that a type is from -> our modules that describe such types, imported
# when the first such value comes: nobody else needs them.
_KNOWN_BY = {
    "builtins": ("plain", "containers", "code", "failures"),
    "pathlib": ("files",),
    "_io": ("files",),
    "numpy": ("arrays",),
    "pandas": ("pandas_frames",),
    "polars": ("polars_frames",),
    "pyarrow": ("arrow_tables",),
    "dask": ("lazy_frames",),
    "duckdb": ("lazy_frames",),
    "sklearn": ("estimators",),
    "PIL": ("images",),
    "matplotlib": ("figures",),
    "plotly": ("charts",),
    "altair": ("charts",),
}


@singledispatch
def _by_type(value: Any, limits: Limits) -> Given:
    """Descriptions by type; this one is for all others."""
    from routeway_magic.content.protocols import describe_unknown

    return describe_unknown(value, limits)


def describe(value: Any, limits: Limits | None = None) -> Described:
    """What this value becomes in a request.

    Args:
        value: anything; it is neither changed nor copied whole.
        limits: how much of it may be sent.

    Raises:
        InputError: if it cannot be sent at all, such as a missing file.
    """
    limits = limits or Limits()
    from routeway_magic.content.protocols import own_words

    own = own_words(value, limits)
    if own is not None:
        return own
    _learn(type(value))
    describer = _by_type.dispatch(type(value))
    return _described(_call(describer, value, limits), value, limits)


def to_blocks(value: Any, limits: Limits | None = None) -> list[ContentBlock]:
    """The content blocks of a value, with a label where it is more than a word.

    `to_blocks.register(type)` registers a function for a type, as a decorator or
    called with both. It takes the value, or the value and its `Limits`, and gives
    text, a content block or several.

    Args:
        value: anything.
        limits: how much of it may be sent.

    Raises:
        InputError: if it cannot be sent at all, such as a missing file.
    """
    return describe(value, limits).as_blocks()


def _learn(kind: type) -> None:
    """Imports what we know about a library that the user has, when its value comes."""
    for base in kind.__mro__:
        _learn_about(str(base.__module__).partition(".")[0])


@cache
def _learn_about(package: str) -> None:
    for name in _KNOWN_BY.get(package, ()):
        import_module(f"routeway_magic.content.{name}")


def _call(describer: Callable[..., Given], value: Any, limits: Limits) -> Given:
    takes = 2
    with suppress(TypeError, ValueError):  # a builtin may not tell
        takes = len(inspect.signature(describer).parameters)
    return describer(value, limits) if takes > 1 else describer(value)


def _described(given: Given, value: Any, limits: Limits) -> Described:
    if isinstance(given, Described):
        return given
    from routeway_magic.content.protocols import from_user

    return from_user(given, value, limits)


register = _by_type.register
"""Registers a describer of a type; users know it as `to_blocks.register`."""

to_blocks.register = register  # type: ignore[attr-defined]
to_blocks.dispatch = _by_type.dispatch  # type: ignore[attr-defined]
