"""Containers and records: Python literals, within the limits."""

from __future__ import annotations

import os
import shelve
import tracemalloc
from array import array
from collections import ChainMap, Counter, OrderedDict, UserDict, defaultdict, deque
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple, NoReturn, TypedDict

import numpy as np
import pandas as pd
import pytest

from routeway_magic.content import Limits, describe

SMALL = Limits(tokens=50)


class Point(NamedTuple):
    """A named tuple."""

    x: int
    y: int


class Options(TypedDict):
    """A typed dict."""

    rate: float


@dataclass
class Fit:
    """A dataclass."""

    rate: float
    rows: list[int] = field(default_factory=list)
    cache: int = field(default=0, repr=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([1, "a", None, 2.5], "[1, 'a', None, 2.5]"),
        ([], "[]"),
        ((), "()"),
        ((1,), "(1,)"),
        ({}, "{}"),
        ({"a": (1, 2), 3: {"b": []}}, "{'a': (1, 2), 3: {'b': []}}"),
        (set(), "set()"),
        pytest.param({"b", "a", "c"}, "{'a', 'b', 'c'}", id="a set, sorted"),
        (frozenset(), "frozenset()"),
        (frozenset({2, 1}), "frozenset({1, 2})"),
        (deque([1, 2], maxlen=3), "deque([1, 2], maxlen=3)"),
        (Counter("hello"), "Counter({'l': 2, 'h': 1, 'e': 1, 'o': 1})"),
        (defaultdict(list, a=[1]), "defaultdict(list, {'a': [1]})"),
        (OrderedDict(a=1), "OrderedDict({'a': 1})"),
        (MappingProxyType({"a": 1}), "mappingproxy({'a': 1})"),
        (ChainMap({"a": 1}, {}), "ChainMap({'a': 1}, {})"),
        (UserDict(a=1), "UserDict({'a': 1})"),
        (SimpleNamespace(a=1), "namespace(a=1)"),
        (Point(1, 2), "Point(x=1, y=2)"),
        (Options(rate=0.5), "{'rate': 0.5}"),
        (array("d", [1.0, 2.5]), "array('d', [1.0, 2.5])"),
        ({"a": 1}.keys(), "dict_keys(['a'])"),
        ({"a": 1}.items(), "dict_items([('a', 1)])"),
        ([date(2026, 11, 24)], "[datetime.date(2026, 11, 24)]"),
        ([len, int, os], "[<function len>, <class int>, <module os>]"),
        (Fit(0.5, [1]), "Fit(rate=0.5, rows=[1])"),
    ],
    ids=repr,
)
def test_a_small_container_is_its_literal(value: Any, text: str) -> None:
    """In one line, bare but for what is hidden: it stands in a sentence."""
    described = describe(value)
    assert described.text == text
    assert described.is_bare or "cache" in described.left_out


def test_what_holds_itself_is_marked_as_python_does() -> None:
    """Cycles through lists, dicts and records end."""
    held: dict[str, Any] = {"list": [1]}
    held["list"].append(held)
    held["fit"] = Fit(1.0, held["list"])
    assert describe(held).text == (
        "{'list': [1, {...}], 'fit': Fit(rate=1.0, rows=[1, {...}])}"
    )


def test_the_same_thing_twice_is_no_cycle() -> None:
    """It is written twice."""
    one = [1]
    assert describe([one, one]).text == "[[1], [1]]"


def test_deep_nesting_ends() -> None:
    """100,000 levels are told as such."""
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    described = describe(value)
    assert described.text == "[" * 10 + "[…]" + "]" * 10
    assert "nested deeper than 10 levels" in described.left_out


def test_a_long_list_keeps_head_and_tail() -> None:
    """With its length, the type of what it holds, and how much is missing."""
    described = describe(list(range(100_000)), SMALL)
    assert described.text.startswith("[0, 1, 2, ")
    assert described.text.endswith(" 99998, 99999]")
    assert "100,000 elements of int (of 1,000 looked at)" in described.label()
    assert "all elements but the first" in described.left_out
    assert len(described.text) <= SMALL.characters


def test_mixed_types_are_told() -> None:
    """Those of a sample."""
    described = describe([1, "a", None] * 5000, SMALL)
    assert "elements of int, str, NoneType" in described.size


class Counted(list[int]):
    """A list that counts who iterates it, and lies about its length."""

    asked = 0

    def __iter__(self) -> Any:
        type(self).asked += 1
        return super().__iter__()

    def __getitem__(self, index: Any) -> Any:
        type(self).asked += 1
        return super().__getitem__(index)

    def __len__(self) -> int:
        return 3


def test_a_derived_list_is_read_past_its_own_methods() -> None:
    """Its `len` may lie and its iteration hang: neither is called."""
    described = describe(Counted(range(1000)), SMALL)
    assert Counted.asked == 0
    assert described.text.startswith("Counted([0, 1, 2")
    assert "1,000 elements" in described.size


def test_ten_million_elements_cost_what_is_shown() -> None:
    """Lists, dict views and sets are read at their ends: a few MB at most."""
    values: list[Any] = [[None] * 10_000_000, dict.fromkeys(range(1_000_000))]
    values += [values[1].keys(), set(values[1])]
    describe([], SMALL)
    tracemalloc.start()
    for value in values:
        assert "…" in describe(value).text
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 3_000_000


def test_names_come_before_details() -> None:
    """Of a dict of long values, the keys are seen even with few tokens."""
    value = {f"key{number}": "x" * 10_000 for number in range(5)}
    described = describe(value, SMALL)
    assert all(f"key{number}" in described.text for number in range(5))
    assert len(described.text) <= SMALL.characters


def test_room_that_short_values_leave_goes_to_long_ones() -> None:
    """One long value among short ones fills the limits."""
    described = describe({"a": 1, "long": "x" * 10_000, "b": 2}, SMALL)
    assert "'a': 1" in described.text
    assert "'b': 2" in described.text
    assert len(described.text) > 0.8 * SMALL.characters


def test_records_are_a_line_each() -> None:
    """Of many, the first and last that fit, whole."""
    rows = [{"id": number, "name": f"name {number}"} for number in range(1000)]
    described = describe(rows, Limits(tokens=100))
    assert "\n {'id': 1, 'name': 'name 1'},\n" in described.text
    assert described.text.endswith("{'id': 999, 'name': 'name 999'}]")
    assert len(described.text) <= 400


def test_credentials_are_withheld_and_told() -> None:
    """Wherever they are nested; a name that is allowed is sent."""
    value = {"user": "me", "auth": [{"api_key": "k-1"}], "tokens": 3, "token": None}
    described = describe(value)
    assert "k-1" not in described.text
    assert "'api_key': <left out>" in described.text
    assert "`--allow-secret api_key` sends it" in described.label()
    assert "'tokens': 3, 'token': None" in described.text
    allowed = describe(value, Limits(allowed=frozenset({"api_key"})))
    assert "'api_key': 'k-1'" in allowed.text
    assert allowed.left_out == ""


@pytest.mark.parametrize(
    "value",
    [
        [("Authorization", "Bearer k-1")],
        {"password": "k-1"}.items(),
        {b"api_key": "k-1"},
        ChainMap({"secret": "k-1"}),
        SimpleNamespace(token=["k-1"]),
    ],
    ids=type,
)
def test_credentials_are_withheld_however_they_are_held(value: Any) -> None:
    """Pairs, views, bytes and attributes are no way around it."""
    assert "k-1" not in describe(value).text
    assert "which looks like a credential" in describe(value).left_out


def test_counts_of_words_are_no_credentials() -> None:
    """A Counter holds how often, whatever the word."""
    assert describe(Counter(["password"])).text == "Counter({'password': 1})"


def test_frames_and_arrays_within_are_a_line() -> None:
    """By name and shape; few numbers as they are, a scalar as its number."""
    frame = pd.DataFrame({"a": range(1000)})
    value = {"frame": frame, "zeros": np.zeros((9, 9)), "few": np.arange(3)}
    value |= {"one": np.float64(0.5), "none": np.int64(2)}
    described = describe(value)
    assert described.text.replace("\n", "") == (
        "{'frame': <pandas DataFrame, 1,000 rows × 1 column>,"
        " 'zeros': <numpy ndarray, 9 × 9>, 'few': array([0, 1, 2]),"
        " 'one': 0.5, 'none': 2}"
    )
    told = "the contents of pandas DataFrame and numpy ndarray"
    assert described.left_out == told


def test_several_credentials_are_named() -> None:
    """Five by name, the others by number."""
    value = {f"password{number}": "secret" for number in range(7)}
    left_out = describe(value).left_out
    assert "`password4` and 2 more" in left_out
    assert "`--allow-secret NAME` sends one" in left_out


def test_the_environment_is_sent_without_its_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`os.environ` is where keys are."""
    monkeypatch.setenv("SOME_API_KEY", "k-1234")
    described = describe(os.environ, Limits(tokens=20_000))
    assert "k-1234" not in described.text
    assert "'SOME_API_KEY': <left out>" in described.text


def test_a_shelf_is_not_read(tmp_path: Path) -> None:
    """It may be of any size, on disk."""
    with shelve.open(str(tmp_path / "shelf")) as shelf:
        shelf["stored"] = "value"
        described = describe(shelf)
    assert "value" not in described.text
    assert "stored" not in described.text


class Property:
    """An object of which one attribute cannot be read."""

    __slots__ = ("fine", "missing")

    def __init__(self) -> None:
        self.fine = 1


@dataclass
class Failing:
    """A dataclass with a field that cannot be read."""

    fine: int

    def __getattribute__(self, name: str) -> Any:
        if name == "fine":
            raise OSError("disk gone")
        return super().__getattribute__(name)


def test_a_field_that_cannot_be_read_is_told() -> None:
    """With the reason, in its place."""
    text = describe(Failing(1)).text
    assert text == "Failing(fine=<could not be read: OSError: disk gone>)"


def test_a_plain_object_is_told_by_its_public_attributes() -> None:
    """If its repr tells no more than its type; slots included."""
    assert describe(Property()).text == "Property(fine=1)"


def test_what_a_class_hides_from_its_repr_is_not_sent() -> None:
    """And the label says so."""
    described = describe(Fit(1.0, cache=99))
    assert "99" not in described.text
    assert "`cache`, which the class keeps out of its repr" in described.left_out


class Raises:
    """An element whose repr raises."""

    def __repr__(self) -> NoReturn:
        raise RuntimeError


def test_an_element_that_fails_is_named_by_its_type() -> None:
    """The others are written."""
    described = describe([1, Raises(), 2])
    assert described.text == f"[1, <{__name__} Raises>, 2]"
    assert f"the contents of {__name__} Raises" in described.left_out
