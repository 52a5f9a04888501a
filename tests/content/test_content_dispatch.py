"""Functions that the user registers for types, and the order of all ways."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import numpy as np
import pytest

from routeway_magic import content
from routeway_magic.content import Described, Limits, describe, dispatch, to_blocks
from routeway_magic.errors import InputError


class Shape:
    """A class of the user's."""

    sides = 4


class Square(Shape):
    """One derived from it."""


@pytest.fixture(autouse=True)
def _others_unregistered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a test registers is gone after it."""
    describe([np.zeros(1)])
    before = dict(to_blocks._functions.registry)
    yield
    learned = dict(to_blocks._functions.registry)
    fresh = dispatch.singledispatch(dispatch._nobody)
    for kind, function in {**learned, **before}.items():
        if dispatch.is_ours(function):
            fresh.register(kind, function)
    to_blocks._functions = fresh


def test_a_function_is_registered_by_decorator_or_call() -> None:
    """For the class and those derived from it; the nearest counts."""

    @to_blocks.register(Shape)
    def shape(value: Shape) -> str:
        return f"{value.sides} sides"

    assert shape(Shape()) == "4 sides"
    assert describe(Square()).text == "4 sides"
    to_blocks.register(Square, lambda _value: "a square")
    assert describe(Square()).text == "a square"
    assert describe(Shape()).text == "4 sides"


def test_registering_again_replaces() -> None:
    """A cell that is run again is no error."""
    to_blocks.register(Shape, lambda _value: "old")
    assert describe(Shape()).text == "old"
    to_blocks.register(Shape, lambda _value: "new")
    assert describe(Shape()).text == "new"


def test_a_function_may_take_the_limits() -> None:
    """As a second argument; one with a default of another name is left alone."""

    def with_limits(_value: Shape, limits: Limits) -> str:
        return str(limits.tokens)

    def with_default(_value: Shape, digits: int = 3) -> str:
        return str(digits)

    to_blocks.register(Shape, with_limits)
    assert describe(Shape(), Limits(tokens=7)).text == "7"
    to_blocks.register(Shape, with_default)
    assert describe(Shape()).text == "3"


def test_the_users_function_precedes_ours() -> None:
    """For a builtin, for a library's class not seen before, and for one derived."""
    to_blocks.register(complex, lambda value: f"{value.real} and {value.imag}")
    to_blocks.register(np.ndarray, lambda _value: "an array")
    assert describe(1 + 2j).text == "1.0 and 2.0"
    assert describe(np.zeros(3)).text == "an array"

    def ours(_value: Any) -> str:
        return "ours"

    ours.__module__ = "routeway_magic.content.arrays"
    to_blocks.register(np.ndarray, ours)
    assert describe(np.zeros(3)).text == "an array"
    assert describe([np.zeros(3)]).text == "[an array]"


def test_a_function_that_raises_is_passed_over_and_told() -> None:
    """The next way is taken; an InputError stops the request."""
    to_blocks.register(Shape, lambda value: value.missing)
    described = describe(Shape())
    assert described.kind == f"{__name__} Shape"
    assert "what the function for Shape would say (AttributeError" in described.left_out

    def refuse(_value: Shape) -> str:
        raise InputError("No shapes.")

    to_blocks.register(Shape, refuse)
    with pytest.raises(InputError, match="No shapes"):
        describe(Shape())


def test_none_leaves_it_to_the_next_way() -> None:
    """Without a word in the label."""
    to_blocks.register(Shape, lambda _value: None)
    assert describe(Shape()).left_out == describe(object()).left_out


def test_a_description_of_the_users_is_kept_within_the_limits() -> None:
    """Its other parts are as given."""

    def long(_value: Shape) -> Described:
        return Described(kind="shape", size="large", text="x" * 9999, left_out="much")

    to_blocks.register(Shape, long)
    described = describe(Shape(), Limits(tokens=50))
    assert described.label().startswith("[shape, large; left out: much; ")
    assert len(described.text) <= 200


def test_object_is_what_nobody_else_knows() -> None:
    """A function for it does not take the place of those for known types."""
    to_blocks.register(object, lambda _value: "unknown")
    assert describe(Shape()).text == "unknown"
    assert describe(3).text == "3"


def test_what_is_not_registered_is_told_by_its_repr() -> None:
    """And a short one stands in a sentence."""
    assert describe(type("Lens", (), {"__repr__": lambda _s: "Lens(3)"})()).is_bare


def test_threads_may_describe_and_register_at_once() -> None:
    """Nothing is lost and nothing raises."""

    def work(number: int) -> str:
        kind = type(f"Kind{number}", (), {})
        to_blocks.register(kind, lambda _value: str(number))
        return describe(kind()).text

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(work, range(200))) == [str(n) for n in range(200)]


def test_no_library_is_imported() -> None:
    """Values of Python's own need none; a name alone is enough to know the others."""
    code = (
        "import sys, decimal\n"
        "from routeway_magic.content import describe\n"
        "for value in (1, 'a', [1, {2: 3}], b'x', len, decimal, ValueError(), object):\n"
        "    describe(value)\n"
        "known = {'numpy', 'pandas', 'polars', 'pyarrow', 'matplotlib', 'PIL',\n"
        "    'plotly', 'altair', 'sklearn', 'dask', 'duckdb', 'httpx', 'IPython'}\n"
        "print(sorted(known & set(sys.modules)))\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


@pytest.mark.parametrize("module", [one.name for one in iter_modules(content.__path__)])
def test_every_module_can_be_imported(module: str) -> None:
    """A mistake in one would be taken for a library of another version."""
    try:
        import_module(f"{content.__name__}.{module}")
    except ModuleNotFoundError as error:
        if str(error.name).startswith("routeway_magic"):
            raise
        pytest.skip(f"{error.name} needs the extra [test-all]")
