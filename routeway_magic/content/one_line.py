"""Foreign objects within a container: a line each, by name, shape or a short repr."""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from routeway_magic.content.described import Limits
from routeway_magic.content.guarded import (
    Failed,
    attribute,
    call,
    declared,
    is_kind,
    kind_of,
    name_of,
    package_of,
    text_of,
    without_addresses,
)
from routeway_magic.content.literals import is_literal, literal
from routeway_magic.content.shapes import shape_of, shape_text

__all__ = ["in_one_line"]

_FEW_CELLS = 16
_LONGEST = 400
_FOR_ONE = 100  # tokens of a user's own description of one element
# What the repr of these costs may be a query or a whole chart: none is asked for it.
_SILENT = frozenset({"dask", "duckdb", "plotly", "altair", "polars", "pyspark", "ibis"})


def in_one_line(value: Any, limits: Limits) -> tuple[str, bool]:
    """An object in one line, and whether its contents are left out of it.

    Args:
        value: anything but a builtin container, or a single value.
        limits: what the user's own description of it may take, at most.
    """
    for way in (_users_words, _named_thing, _small_array, _shaped, _repr):
        try:
            said = way(value, limits.within(min(limits.tokens, _FOR_ONE)))
        except Failed:
            continue
        if said is not None:
            return said
    return f"<{kind_of(value)}>", True


def _users_words(value: Any, limits: Limits) -> tuple[str, bool] | None:
    from routeway_magic.content.dispatch import describe, describer_of, is_ours

    if declared(value, "_repr_llm_") is None and is_ours(describer_of(value)):
        return None
    described = call(describe, value, limits)
    text = " ".join(described.text.split())
    if text and not described.blocks and len(text) <= _LONGEST:
        return text, bool(described.left_out)
    return f"<{described.label()[1:-1]}>", True


def _named_thing(value: Any, _limits: Limits) -> tuple[str, bool] | None:
    if is_kind(value, type):
        return f"<class {name_of(value)}>", False
    if is_kind(value, ModuleType):
        return f"<module {attribute(value, '__name__')}>", False
    for kind in (FunctionType, BuiltinFunctionType, MethodType):
        if is_kind(value, kind):
            return f"<function {attribute(value, '__qualname__')}>", False
    return None


def _small_array(value: Any, _limits: Limits) -> tuple[str, bool] | None:
    if package_of(type(value)) != "numpy" or (shape := shape_of(value)) is None:
        return None
    if shape == ():
        item = call(attribute(value, "item"))
        text = literal(item, _LONGEST) if is_literal(item) else None
        return None if text is None else (text, False)
    if attribute(value, "size") > _FEW_CELLS or attribute(value, "dtype").hasobject:
        return None
    return " ".join(text_of(value).split()), False


def _shaped(value: Any, _limits: Limits) -> tuple[str, bool] | None:
    shape = shape_of(value)
    if not shape:
        return None
    return f"<{kind_of(value)}, {shape_text(value, shape)}>", True


def _repr(value: Any, _limits: Limits) -> tuple[str, bool] | None:
    if package_of(type(value)) in _SILENT:
        return None
    text = without_addresses(" ".join(text_of(value)[:_LONGEST].split()))
    is_whole = len(text) < _LONGEST and not text.startswith("<")
    return text, not is_whole
