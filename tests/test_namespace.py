"""What can be named is found by reading dictionaries alone."""

from __future__ import annotations

import math
import sys
from functools import cached_property
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from routeway_magic.namespace import attributes, find, keys, names

asked: list[str] = []


class Spying(type):
    """A metaclass that notes whatever is asked of its classes."""

    def __getattribute__(cls, name: str) -> Any:
        asked.append(f"class {name}")
        return super().__getattribute__(name)

    def __dir__(cls):
        asked.append("class dir")
        return []

    def __hash__(cls):
        asked.append("class hash")
        return 1

    @property
    def __name__(cls):
        asked.append("class name")
        return "no"


class Spy(metaclass=Spying):
    """An object that notes whatever is asked of it."""

    __slots__ = ("__dict__", "slot")

    shared = 3

    def __getattribute__(self, name: str) -> Any:
        asked.append(name)
        return object.__getattribute__(self, name)

    def __getattr__(self, name: str) -> Any:
        asked.append(f"missing {name}")
        return self

    def __dir__(self):
        asked.append("dir")
        return []

    def __eq__(self, other: object) -> bool:
        asked.append("eq")
        return False

    def __hash__(self):
        return hash("a")

    @property
    def __class__(self):
        asked.append("class")
        return int

    @property
    def prop(self):
        """A property."""
        asked.append("prop")
        return self

    @cached_property
    def cached(self):
        """A property that keeps its value."""
        asked.append("cached")
        return 1


@pytest.fixture
def spy() -> Spy:
    """An object with an attribute of its own and a slot that is filled."""
    found = Spy()
    vars(Spy)["__dict__"].__get__(found)["own"] = {"deep": [1, {"er": 2}]}
    found.slot = "s"
    asked.clear()
    return found


def test_no_code_of_the_user_runs(spy):
    """Names, attributes, keys and values are told, and nobody was asked."""
    space = {"spy": spy, "Spy": Spy, "d": {spy: 1, "a": 2}}
    asked.clear()  # making that dict has asked for equality
    assert [name for name, _ in names(space, {}, "")] == ["d", "spy", "Spy"]
    listed = dict(attributes(spy))
    assert {"own", "slot", "shared", "prop", "cached"} <= set(listed)
    assert listed["prop"] == "property"
    assert "shared" in dict(attributes(Spy))
    assert keys(space["d"]) == [("a", "int")]
    assert find(space, 'spy.own["deep"][1]["er"]') == 2
    assert (find(space, "spy.slot"), find(space, "spy.shared")) == ("s", 3)
    assert find(space, "d['a']") == 2
    for chain in ("spy.prop", "spy.cached", "spy.nothing", "spy[0]", "spy.prop.own"):
        with pytest.raises(LookupError):
            find(space, chain)
    assert asked == []


def test_kinds_are_named_as_front_ends_know_them():
    """Functions, classes and modules have icons; data is named by its class."""
    space = {"f": len, "C": Spy, "m": math, "x": 1.5}
    assert names(space, {}, "") == [
        ("x", "float"),
        ("C", "class"),
        ("f", "function"),
        ("m", "module"),
    ]


def test_own_attributes_come_before_those_of_the_class():
    """What somebody put there is what is looked for."""
    found = attributes(SimpleNamespace(zeta=1))
    assert found[0] == ("zeta", "int")
    assert ("__init__", "function") in found


def test_modules_and_classes_are_followed():
    """`{math.pi` and what a class holds."""
    assert dict(attributes(math))["pi"] == "float"
    assert find({"math": math}, "math.pi") is math.pi
    assert find({"Spy": Spy}, "Spy.shared") == 3


def test_names_can_be_cut():
    """A front end shows so many; the rest is not described."""
    space = {f"n{i:04}": i for i in range(1000)}
    assert [name for name, _ in names(space, {}, "n", most=2)] == ["n0000", "n0001"]


def test_ipythons_names_are_hidden_until_typed():
    """Those that the user has bound anew are the user's."""
    space, hidden = {"In": [], "open": 1}, {"In": [], "open": open}
    hidden["In"] = space["In"]
    assert [name for name, _ in names(space, hidden, "")] == ["open"]
    assert [name for name, _ in names(space, hidden, "I")] == ["In"]


def test_keys_that_cannot_be_quoted_are_left_out():
    """Only what stands between plain quotes as it is."""
    assert [key for key, _ in keys({"a b": 1, 'q"': 2, "n\n": 3, "{": 4, 5: 6})] == [
        "a b"
    ]


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_columns_of_a_frame_are_told(monkeypatch, library):
    """By the library's own class, also for a subclass that says otherwise."""

    class DataFrame:
        @property
        def columns(self):
            return ["price", "unit cost", 7]

    class Mine(DataFrame):
        @property
        def columns(self):
            raise AssertionError

    module = ModuleType(library)
    module.DataFrame = DataFrame
    monkeypatch.setitem(sys.modules, library, module)
    assert keys(Mine()) == [("price", "column"), ("unit cost", "column")]
    assert attributes(Mine())[0] == ("price", "column")


@pytest.mark.parametrize("chain", ["x", "d.x", 'd["x"]', "d[3]", "l[9]", "l.x"])
def test_what_is_not_there_is_a_lookup_error(chain):
    """One kind of failure, whatever is missing."""
    with pytest.raises(LookupError):
        find({"d": {"y": 1}, "l": [1]}, chain)
