"""Hypothesis strategies of what a notebook may hold: nested, cyclic, and hostile."""

from __future__ import annotations

from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType, SimpleNamespace
from typing import Any, NoReturn

from hypothesis import strategies as st

Pair = namedtuple("Pair", "left right")  # noqa: PYI024 - as users write it


@dataclass
class Record:
    """A dataclass, with a name that looks like a credential's."""

    name: Any
    password: Any = None


class Broken:
    """Each of its methods raises."""

    def __repr__(self) -> NoReturn:
        raise RuntimeError("no repr")

    def __getattr__(self, name: str) -> NoReturn:
        raise ValueError(name)

    def __len__(self) -> NoReturn:
        raise OSError

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        raise KeyError


class Liar(str):
    """A string that lies about itself."""

    __slots__ = ()

    def __len__(self) -> int:
        return 10**9

    def __str__(self) -> str:
        raise ValueError

    def __repr__(self) -> str:
        return Liar("x")


class Plain:
    """An object of which only its attributes tell."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner


_AWKWARD: dict[str, Callable[[], Any]] = {
    "number": lambda: -(7**9000),
    "fraction": lambda: Fraction(10**6000, 7),
    "broken": Broken,
    "liar": lambda: Liar("liar"),
    "iterator": lambda: iter([1, 2]),
    "text": lambda: "long " * 500,
    "zeros": lambda: b"\x00" * 999,
}
ATOMS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=60),
    st.binary(max_size=40),
    # By name: hypothesis asks for a repr of what it draws from.
    st.sampled_from(
        ["number", "fraction", "broken", "liar", "iterator", "text", "zeros"]
    ).map(lambda name: _AWKWARD[name]()),
    st.sampled_from(
        [Decimal("1.5"), date(2026, 11, 24), range(5), len, int, ..., [].append]
    ),
)
NAMES = st.text(max_size=8) | st.sampled_from(["password", "api_key", "tokens"])


def _nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=6)
    dicts = st.dictionaries(NAMES | st.integers(), inner, max_size=5)
    return st.one_of(
        lists,
        lists.map(tuple),
        lists.map(deque),
        dicts,
        dicts.map(OrderedDict),
        dicts.map(MappingProxyType),
        dicts.map(lambda held: defaultdict(list, held)),
        dicts.map(lambda held: ChainMap(held, {})),
        dicts.map(lambda held: held.values()),
        st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), inner).map(
            lambda held: SimpleNamespace(**held)
        ),
        st.lists(st.integers() | st.text(max_size=5), max_size=6).map(set),
        st.lists(st.integers() | st.text(max_size=5), max_size=6).map(Counter),
        st.tuples(inner, inner).map(lambda two: Pair(*two)),
        inner.map(Record),
        inner.map(Plain),
        lists.map(_holding_itself),
        dicts.map(_held_by_itself),
    )


def _holding_itself(values: list[Any]) -> list[Any]:
    values.append(values)
    return values


def _held_by_itself(held: dict[Any, Any]) -> dict[Any, Any]:
    held["me"] = [held, (held,)]
    return held


ANY_VALUE = st.recursive(ATOMS, _nested, max_leaves=25)
