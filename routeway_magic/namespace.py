"""What can be named in a notebook's namespace, found without running its code.

Only the dictionaries of modules, instances and classes are read: no property, no
`__getattr__`, `__dir__`, `__class__` or metaclass is asked. The columns of a pandas
or polars frame are the exception; the library's own class tells them.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

__all__ = ["CHAIN", "attributes", "find", "keys", "names"]

_NAME = r"[^\W\d]\w*"
_INDEX = r"""\[(?:-?\d+|"[^"\\]*"|'[^'\\]*')\]"""
CHAIN = rf"(?<![\w.]){_NAME}(?:\.{_NAME}|{_INDEX})*"
"""A name and what hangs on it, as far as it can be followed without running code."""

_STEP = re.compile(rf"\.({_NAME})|\[(-?\d+)\]|\[[\"']([^\"']*)[\"']\]")
_UNQUOTABLE = re.compile(r"[\"'\\{}]")
_FRAMES = ("pandas", "polars")
_MANY = 10_000  # columns or keys; nobody looks for one among more
_ABSENT = object()
_DATA, _CALLABLE, _MODULE, _HIDDEN = range(1, 5)


def names(
    namespace: Mapping[str, Any],
    hidden: Mapping[str, Any],
    typed: str,
    *,
    most: int | None = None,
) -> list[tuple[str, str]]:
    """Names that begin as typed, with what they are: data first, modules last.

    Args:
        namespace: the notebook's.
        hidden: what IPython put there; last, and only if something is typed.
        typed: the beginning of the name; names with `_` need one.
        most: how many to tell; None for all.
    """
    found = []
    ranks: dict[int, int] = {}  # by the class's id: its hash may be the user's code
    for name, value in list(namespace.items()):  # another thread may add to it
        if type(name) is not str or not name.startswith(typed):
            continue
        is_hidden = hidden.get(name, _ABSENT) is value
        if typed or not (is_hidden or name.startswith("_")):
            kind = type(value)
            rank = ranks.get(id(kind)) or ranks.setdefault(id(kind), _rank(kind))
            found.append((_HIDDEN if is_hidden else rank, name.lower(), name, value))
    found.sort()  # no two names are the same, so that no values are compared
    return [(name, _kind(value)) for _, _, name, value in found[:most]]


def find(namespace: Mapping[str, Any], chain: str) -> Any:
    """The value of a chain of attributes and plain subscripts.

    Args:
        namespace: the notebook's.
        chain: what matches `CHAIN`.

    Raises:
        LookupError: if it is not there, or cannot be known without running code.
    """
    first = re.match(_NAME, chain)
    if first is None:
        raise LookupError(chain)
    value = namespace[first[0]]
    for step in _STEP.finditer(chain, first.end()):
        name, index, key = step.groups()
        if name is not None:
            value = _attribute(value, name)
        else:
            value = _item(value, key if index is None else int(index))
    return value


def attributes(value: Any) -> list[tuple[str, str]]:
    """The attributes of a value with what they are, its own and its columns first."""
    columns = {key: "column" for key in _columns(value) if key.isidentifier()}
    own = {name: _kind(item) for name, item in _own(value).items()}
    shared = {name: _kind(item) for name, item in _shared(value).items()}
    return [*{**_sorted(columns), **_sorted(own), **_sorted(shared)}.items()]


def keys(value: Any) -> list[tuple[str, str]]:
    """The texts that a plain dict or a frame takes in square brackets."""
    if type(value) is dict and len(value) <= _MANY:
        return [(key, _kind(item)) for key, item in list(value.items()) if _plain(key)]
    return [(column, "column") for column in _columns(value) if _plain(column)]


def _plain(key: Any) -> bool:
    return type(key) is str and key.isprintable() and not _UNQUOTABLE.search(key)


def _rank(kind: type) -> int:
    if issubclass(kind, ModuleType):
        return _MODULE
    is_callable = issubclass(kind, (*_FUNCTIONS, type))
    return _CALLABLE if is_callable else _DATA


def _kind(value: Any) -> str:
    """What a value is, in the words that front ends have icons for, or its class."""
    for kind, word in _WORDS:
        if issubclass(type(value), kind):
            return word
    return str(_NAME_OF_TYPE(type(value)))


def _attribute(value: Any, name: str) -> Any:
    found = _shared(value).get(name, _ABSENT)
    own = _own(value)
    if name in own and not _has(found, "__set__"):
        return own[name]
    if type(found) is MemberDescriptorType and not _is_class(value):
        with suppress(AttributeError):  # it has no value yet
            return found.__get__(value)  # C code reads a slot
    if found is _ABSENT or _has(found, "__get__"):
        raise LookupError(name)
    return found


def _has(value: Any, name: str) -> bool:
    return any(name in _DICT_OF_TYPE(part) for part in _mro(type(value)))


def _is_class(value: Any) -> bool:
    return issubclass(type(value), type)


def _item(value: Any, key: str | int) -> Any:
    if type(value) is dict:
        for other, item in list(value.items()):  # a look-up may ask other keys' __eq__
            if type(other) is type(key) and other == key:
                return item
    if type(value) in (list, tuple) and type(key) is int:
        return value[key]
    raise LookupError(key)


def _columns(value: Any) -> list[str]:
    for library in _FRAMES:
        frame = _own(sys.modules.get(library)).get("DataFrame")
        if type(frame) is type and issubclass(type(value), frame):
            columns = _shared(frame)["columns"].__get__(value, frame)
            return [name for name in columns[:_MANY] if type(name) is str]
    return []


def _mro(kind: type) -> tuple[type, ...]:
    found: tuple[type, ...] = _MRO_OF_TYPE(kind)
    return found


def _own(value: Any) -> dict[str, Any]:
    """The instance's dictionary, read past any property of that name."""
    if _is_class(value):
        return {}
    for part in _mro(type(value)):
        entry = _DICT_OF_TYPE(part).get("__dict__")
        if type(entry) in (GetSetDescriptorType, MemberDescriptorType):
            return dict.copy(entry.__get__(value))
        if entry is not None:
            break
    return {}


def _shared(value: Any) -> dict[str, Any]:
    """What the value has from its class; what a class has itself and from its bases."""
    found: dict[str, Any] = {}
    for part in reversed(_mro(value if _is_class(value) else type(value))):
        found.update(_DICT_OF_TYPE(part))
    return found


def _sorted(found: dict[str, str]) -> dict[str, str]:
    words = [name for name in found if type(name) is str]
    return {name: found[name] for name in sorted(words, key=str.lower)}


# `type`'s own readers: a metaclass may have put its own in their place.
_DICT_OF_TYPE = type.__dict__["__dict__"].__get__
_MRO_OF_TYPE = type.__dict__["__mro__"].__get__
_NAME_OF_TYPE = type.__dict__["__name__"].__get__
_FUNCTIONS = (
    FunctionType,
    BuiltinFunctionType,
    MethodDescriptorType,
    ClassMethodDescriptorType,
    WrapperDescriptorType,
    staticmethod,
    classmethod,
)
_WORDS: list[tuple[type | tuple[type, ...], str]] = [
    (ModuleType, "module"),
    (_FUNCTIONS, "function"),
    (type, "class"),
    ((GetSetDescriptorType, MemberDescriptorType), "attribute"),
]
