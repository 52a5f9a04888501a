"""Functions, classes and what wraps them: their source, or how they are called."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Iterator
from typing import Any

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.guarded import (
    Failed,
    attribute,
    call,
    is_kind,
    name_of,
    own_members,
    text_of,
    without_addresses,
)
from routeway_magic.content.one_line import in_one_line
from routeway_magic.content.places import place_of
from routeway_magic.content.shorten import shorten
from routeway_magic.content.sources import (
    WRAPPERS,
    Source,
    class_source,
    function_source,
    within,
)
from routeway_magic.content.writer import Writer

__all__ = ["describe_class", "describe_function"]

_SHORT_LINE = 20  # characters; no more lines are looked at than are of this length
_HEAD = 0.9  # signature and docstring come first
_FIELD = 200

_LRU_CACHED = type(functools.lru_cache(maxsize=None)(lambda: None))


@register(types.FunctionType)
@register(types.BuiltinFunctionType)
@register(types.MethodDescriptorType)
@register(types.WrapperDescriptorType)
@register(types.MethodWrapperType)
@register(types.ClassMethodDescriptorType)
@register(_LRU_CACHED)
def describe_function(value: Any, limits: Limits, kind: str = "function") -> Described:
    """A function: its source with decorators, or its signature and docstring."""
    source = function_source(value, limits.characters // _SHORT_LINE + 2)
    if source is None:
        return _by_signature(value, limits, kind)
    if "<lambda>" in text_of(value):
        kind = kind.replace("function", "lambda")
    text, left_out = shorten(source.text, limits.characters, beginning=_HEAD)
    return _from(source, kind, text, left_out)


@register(types.MethodType)
def describe_method(value: types.MethodType, limits: Limits) -> Described:
    """A bound method: the function, and what it is bound to."""
    owner: Any = value.__self__
    of = name_of(owner if is_kind(owner, type) else type(owner))
    return describe_function(value.__func__, limits, f"method of {of}")


@register(functools.partial)
def describe_partial(value: functools.partial[Any], limits: Limits) -> Described:
    """A partial: its arguments, and the source of what it calls."""
    held = {"function": value.func, "arguments": value.args, **value.keywords}
    writer = Writer(limits.allowed, lambda one: in_one_line(one, limits))
    room = min(limits.characters // 2, _FIELD)
    line = writer.whole(held, room) or writer.cut(held, room)
    room = max(limits.characters - len(line) - 1, 0)
    inner = limits.within(room // limits.eye.characters_per_token)
    from routeway_magic.content.dispatch import describe

    called = describe(value.func, inner)
    told = "; ".join(
        part for part in (writer.notes.left_out(), called.left_out) if part
    )
    text = f"{line}\n{called.text}"
    kind = f"functools.partial of a {called.kind}"
    return Described(kind=kind, size=called.size, text=text, left_out=told)


def describe_wrapper(value: Any, limits: Limits) -> Described:
    """A property, a static method and their like: the function within."""
    return describe_function(within(value), limits, name_of(type(value)))


@register(type)
def describe_class(value: type, limits: Limits) -> Described:
    """A class: its source; of a long one or one written in C, what it declares."""
    source = class_source(value, limits.characters // _SHORT_LINE + 2)
    if source and source.is_whole and len(source.text) <= limits.characters:
        return _from(source, "class", source.text, "")
    outline = "\n".join(_outline(value, limits.characters // 4))
    text, left_out = shorten(outline, limits.characters, beginning=_HEAD)
    told = "; ".join(part for part in ("the bodies of its methods", left_out) if part)
    return Described(
        kind="class, in outline",
        size=source.place if source else f"of {value.__module__}",
        text=text,
        left_out=told,
    )


@register(types.GeneratorType)
@register(types.CoroutineType)
@register(types.AsyncGeneratorType)
def describe_suspended(value: Any, _limits: Limits) -> Described:
    """A generator or a coroutine: what it is of. It is not run."""
    prefix = {types.GeneratorType: "gi", types.CoroutineType: "cr"}.get(
        type(value), "ag"
    )
    code = attribute(value, f"{prefix}_code")
    frame = attribute(value, f"{prefix}_frame")
    line = frame.f_lineno if frame else None
    where = place_of(code.co_filename, line or code.co_firstlineno)
    state = f"at {where}" if frame else f"finished; of {where}"
    return Described(
        kind=name_of(type(value)),
        text=f"{attribute(value, '__qualname__')}, {state}",
        left_out="what it would give: reading it would use it up",
    )


def _from(source: Source, kind: str, text: str, left_out: str) -> Described:
    count = len(source.lines)
    more = "" if source.is_whole else "more than "
    left_out = left_out or ("" if source.is_whole else "the lines after these")
    size = f"{more}{count:,} line{'' if count == 1 else 's'} from {source.place}"
    return Described(kind=kind, size=size, text=text, left_out=left_out)


def _by_signature(value: Any, limits: Limits, kind: str) -> Described:
    parts = (f"{_called(value)}{_signature(value)}", _docstring(value))
    whole = "\n\n".join(part for part in parts if part)
    text, left_out = shorten(whole, limits.characters, beginning=_HEAD)
    return Described(kind=f"{kind} without source", text=text, left_out=left_out)


def _called(value: Any) -> str:
    try:
        name = text_of(value, lambda one: one.__qualname__)
    except Failed:
        return without_addresses(text_of(value))
    module = getattr(value, "__module__", None)
    return name if module in (None, "builtins") else f"{module}.{name}"


def _signature(value: Any) -> str:
    try:
        return without_addresses(str(call(inspect.signature, value)))
    except Failed:
        return "(…)"


def _docstring(value: Any) -> str:
    try:
        return text_of(value, lambda one: inspect.getdoc(one) or "")
    except Failed:
        return ""


def _first_line(value: Any) -> str:
    return next(iter(_docstring(value).splitlines()), "")


def _outline(kind: type, share: int) -> Iterator[str]:
    """A class's docstring, its members, and of those that come last their names.

    Args:
        kind: a class.
        share: characters for the docstring; twice as many for members in full.
    """
    bases = [name_of(base) for base in kind.__bases__ if base is not object]
    yield f"class {name_of(kind)}{'(' + ', '.join(bases) + ')' if bases else ''}:"
    docstring, _ = shorten(_docstring(kind), share, beginning=1)
    yield from (f"    {line}".rstrip() for line in docstring.splitlines())
    room, names = 2 * share, []
    for name, member in own_members(kind).items():
        if name.startswith("_") and name != "__init__":
            continue
        line = _declared(name, member) if room > 0 else ""
        room -= len(line) + 5
        if room > 0:
            yield f"    {line}"
        else:
            names.append(name)
    if names:
        yield f"    # and {', '.join(names)}"


def _declared(name: str, member: Any) -> str:
    function = within(member)
    if function is not member:
        name = f"@{name_of(type(member))} {name}"
    if not callable(function):
        return f"{name}: {name_of(type(member))}"
    said = _first_line(function)
    return f"{name}{_signature(function)}{'  # ' + said if said else ''}"


for _kind in WRAPPERS:
    register(_kind, describe_wrapper)
