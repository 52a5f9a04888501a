"""What containers and records hold, a few members at a time and never all.

Containers are read by Python's own methods, past what a subclass makes of them:
`len` cannot lie, `__iter__` cannot hang, and a lazy mapping is not filled.
"""

from __future__ import annotations

import heapq
import os
from array import array
from collections import (
    ChainMap,
    Counter,
    OrderedDict,
    UserDict,
    UserList,
    defaultdict,
    deque,
)
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType, SimpleNamespace
from typing import Any, Literal, NamedTuple

from routeway_magic.content.guarded import (
    call,
    classes_of,
    declared,
    is_kind,
    name_of,
)

__all__ = ["CONTAINERS", "NO_KEY", "Member", "Members", "members_of"]


Unit = Literal["element", "entry", "member"]


class _NoKey:
    """Stands for the key of what has none."""


NO_KEY = _NoKey()

_PAIR = 2
_SORTED = 10_000
"""A larger set is not sorted, and of a larger Counter not the most common come first."""


class Member(NamedTuple):
    """One thing that a container holds.

    Args:
        value: the thing itself.
        key: of an entry; NO_KEY if it has none.
        name: of an attribute, or "".
        called: what it is called elsewhere, as the second of a pair is by the first;
            "" for what is no credential whatever its key.
    """

    value: Any
    key: Any = NO_KEY
    name: str = ""
    called: str | None = None

    @property
    def title(self) -> str:
        """The name by which it is known; "" if there is none."""
        if self.called is not None:
            return self.called
        known: Any = self.name or self.key
        if is_kind(known, bytes):
            return str(known, "latin-1")
        return str.__str__(known) if is_kind(known, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """What a container holds, and how Python would write it.

    Args:
        opening: what is written before the members.
        closing: what is written after them.
        count: how many there are.
        first: gives the first so many.
        last: gives the last so many, in order; None where they cannot be reached.
        unit: what one is called.
        hidden: names that are not written, since their class hides them.
    """

    opening: str
    closing: str
    count: int
    first: Callable[[int], list[Member]]
    last: Callable[[int], list[Member]] | None = None
    unit: Unit = "element"
    hidden: tuple[str, ...] = ()


def members_of(value: Any) -> Members | None:
    """The members of a builtin container or one derived from it; None for others.

    Raises:
        Failed: if what it holds cannot be read.
    """
    for kind in classes_of(value):
        if kind in _CONTAINERS:
            found: Members = call(_CONTAINERS[kind], value)
            return found
    return None


def _wrapped(value: Any, kind: type, opening: str, closing: str) -> tuple[str, str]:
    """Brackets; a class derived from the builtin one has its name before them."""
    if type(value) is kind:
        return opening, closing
    return f"{name_of(type(value))}({opening}", f"{closing})"


def _list(value: list[Any]) -> Members:
    opening, closing = _wrapped(value, list, "[", "]")
    return _sliced(value, list.__getitem__, list.__len__(value), opening, closing)


def _tuple(value: tuple[Any, ...]) -> Members:
    count = tuple.__len__(value)
    fields = declared(value, "_fields")
    if type(value) is not tuple and type(fields) is tuple and len(fields) == count:
        return _named_tuple(value, fields)
    closing = ",)" if count == 1 else ")"
    opening, closing = _wrapped(value, tuple, "(", closing)
    if count == _PAIR and is_kind(tuple.__getitem__(value, 0), str):
        first, second = tuple.__iter__(value)
        pair = [Member(first), Member(second, called=str.__str__(first))]
        return _of(pair, opening, closing)
    return _sliced(value, tuple.__getitem__, count, opening, closing)


def _named_tuple(value: tuple[Any, ...], fields: tuple[str, ...]) -> Members:
    pairs = [Member(each, name=str(name)) for name, each in zip(fields, value)]  # noqa: B905 - as long as each other
    return _of(pairs, f"{name_of(type(value))}(", ")", "member")


def _array(value: array[Any]) -> Members:
    opening = f"array({value.typecode!r}, ["
    return _sliced(value, array.__getitem__, len(value), opening, "])")


def _deque(value: deque[Any]) -> Members:
    end = "" if value.maxlen is None else f", maxlen={value.maxlen}"
    return Members(
        opening="deque([",
        closing=f"]{end})",
        count=deque.__len__(value),
        first=lambda count: _each(deque.__iter__(value), count),
        last=lambda count: _each(deque.__reversed__(value), count)[::-1],
    )


def _set(value: Any) -> Members:
    kind = set if set in classes_of(value) else frozenset
    count = kind.__len__(value)
    opening, closing = ("{", "}") if kind is set and count else ("", "")
    if not opening or type(value) is not kind:
        opening = f"{name_of(type(value))}({'{' if count else ''}"
        closing = f"{'}' if count else ''})"
    if count <= _SORTED:
        return _of(_in_order(list(kind.__iter__(value))), opening, closing)

    def first(wanted: int) -> list[Member]:
        return _each(kind.__iter__(value), wanted)

    return Members(opening=opening, closing=closing, count=count, first=first)


def _in_order(values: list[Any]) -> list[Member]:
    """The same at each run, though Python's sets are not."""
    kinds = {type(value) for value in values}
    if kinds <= {int, float, bool} or kinds in ({str}, {bytes}):
        values.sort()
    return [Member(value) for value in values]


def _dict(value: dict[Any, Any]) -> Members:
    opening, closing = _wrapped(value, dict, "{", "}")
    return _entries(dict.items(value), dict.__len__(value), opening, closing)


def _ordered(value: OrderedDict[Any, Any]) -> Members:
    opening, closing = f"{name_of(type(value))}({{", "})"
    count = dict.__len__(value)
    return _entries(OrderedDict.items(value), count, opening, closing)


def _defaultdict(value: defaultdict[Any, Any]) -> Members:
    factory = value.default_factory
    made = name_of(factory) if isinstance(factory, type) else "…"
    opening = f"{name_of(type(value))}({made if factory else None}, {{"
    return _entries(dict.items(value), dict.__len__(value), opening, "})")


def _counter(value: Counter[Any]) -> Members:
    opening, count = f"{name_of(type(value))}({{", dict.__len__(value)
    items = dict.items(value)
    kinds = {type(number) for number in islice(dict.values(value), _SORTED)}
    if count > _SORTED or not kinds <= {int, float}:
        return _entries(items, count, opening, "})")

    def most_common(wanted: int) -> list[Member]:
        found = heapq.nlargest(wanted, items, key=lambda item: item[1])
        return [Member(number, key=key, called="") for key, number in found]

    return Members(
        opening=opening, closing="})", count=count, first=most_common, unit="entry"
    )


def _proxy(value: MappingProxyType[Any, Any]) -> Members:
    return _entries(value.items(), len(value), "mappingproxy({", "})")


def _environ(value: os._Environ[str]) -> Members:
    return _of([Member(value[key], key=key) for key in value], "environ({", "})")


def _chain(value: ChainMap[Any, Any]) -> Members:
    return _of([Member(each) for each in value.maps], "ChainMap(", ")")


def _user(value: Any) -> Members:
    inner = members_of(value.data)
    opening = f"{name_of(type(value))}("
    if inner is None:
        return _of([Member(value.data)], opening, ")")
    return replace(
        inner, opening=f"{opening}{inner.opening}", closing=f"{inner.closing})"
    )


def _namespace(value: SimpleNamespace) -> Members:
    held = object.__getattribute__(value, "__dict__")
    pairs = [Member(each, name=str(name)) for name, each in list(held.items())]
    kind = type(value)
    name = "namespace" if kind is SimpleNamespace else name_of(kind)
    return _of(pairs, f"{name}(", ")", "member")


def _view(value: Any) -> Members:
    name = name_of(type(value))
    items = isinstance(value, type({}.items()))
    return Members(
        opening=f"{name}([",
        closing="])",
        count=len(value),
        first=lambda count: _each(value, count),
        last=lambda count: _each(reversed(value), count)[::-1],
        unit="entry" if items else "element",
    )


def _sliced(
    value: Any,
    part: Callable[[Any, slice], Iterable[Any]],
    count: int,
    opening: str,
    closing: str,
) -> Members:
    return Members(
        opening=opening,
        closing=closing,
        count=count,
        first=lambda wanted: [Member(each) for each in part(value, slice(wanted))],
        last=lambda wanted: [
            Member(each) for each in part(value, slice(max(count - wanted, 0), count))
        ],
    )


def _entries(items: Any, count: int, opening: str, closing: str) -> Members:
    def some(pairs: Iterable[Any], wanted: int) -> list[Member]:
        return [Member(each, key=key) for key, each in list(islice(pairs, wanted))]

    return Members(
        opening=opening,
        closing=closing,
        count=count,
        first=lambda wanted: some(items, wanted),
        last=lambda wanted: some(reversed(items), wanted)[::-1],
        unit="entry",
    )


def _of(
    members: list[Member], opening: str, closing: str, unit: Unit = "element"
) -> Members:
    return Members(
        opening=opening,
        closing=closing,
        count=len(members),
        first=lambda wanted: members[:wanted],
        last=lambda wanted: members[len(members) - wanted :],
        unit=unit,
    )


def _each(values: Iterable[Any], count: int) -> list[Member]:
    return [Member(value) for value in list(islice(values, count))]


_CONTAINERS: dict[type, Callable[[Any], Members]] = {
    list: _list,
    tuple: _tuple,
    array: _array,
    deque: _deque,
    set: _set,
    frozenset: _set,
    Counter: _counter,
    defaultdict: _defaultdict,
    OrderedDict: _ordered,
    dict: _dict,
    MappingProxyType: _proxy,
    type(os.environ): _environ,
    ChainMap: _chain,
    UserDict: _user,
    UserList: _user,
    SimpleNamespace: _namespace,
    type({}.keys()): _view,
    type({}.values()): _view,
    type({}.items()): _view,
}
CONTAINERS = tuple(_CONTAINERS)
"""The types whose members are known."""
