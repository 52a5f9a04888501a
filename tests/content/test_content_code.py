"""Functions, classes and modules: their source, and where it stands."""

from __future__ import annotations

import functools
import json
import math
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from notebook_cells import Cells, running_cells

from routeway_magic.content import Limits, describe, places

SMALL = Limits(tokens=60)

CELL = '''
import functools
from dataclasses import dataclass

class Model:
    """A model."""

    rate = 0.1

    @property
    def speed(self):
        return self.rate

    def fit(self, rows):
        return rows


@dataclass
class Bare:
    x: int

    class Inner:
        def inside(self):
            pass


@functools.lru_cache
def cached(n):
    """Caches."""
    return n

twice = lambda n: 2 * n
'''


@pytest.fixture(scope="module")
def cells() -> Iterator[Cells]:
    """A notebook in which one cell, the second, has defined something."""
    with running_cells() as running:
        assert running.run("x = 1") is None
        assert running.run(CELL) is None
        yield running


def documented(rate: float, *, steps: int = 10) -> float:
    """The docstring.

    It has a second line.
    """
    total = 0.0
    for step in range(steps):
        total += rate * step
    return total


def test_a_function_is_its_source_with_its_line() -> None:
    """The label says how many lines, of which file, from which line."""
    described = describe(documented)
    assert described.text.startswith("def documented(rate: float, *, steps")
    assert described.text.endswith("return total")
    line = documented.__code__.co_firstlineno
    assert described.kind == "function"
    assert described.size.startswith("9 lines from ")
    assert described.size.endswith(f"test_content_code.py, line {line}")
    assert described.left_out == ""


def test_of_a_long_function_signature_and_docstring_come_first() -> None:
    """With few tokens the body is cut."""
    described = describe(documented, Limits(tokens=45))
    assert described.text.startswith("def documented(rate: float, *, steps: int = 10)")
    assert "The docstring." in described.text
    assert described.left_out
    assert len(described.text) <= 180


@pytest.mark.parametrize(
    ("name", "kind", "size", "text"),
    [
        ("Model", "class", "14 lines from In [2], line 4", "class Model:"),
        ("Bare", "class", "8 lines from In [2], line 18", "@dataclass\nclass Bare:"),
        ("cached", "function", "4 lines from In [2], line 28", "@functools.lru_cache"),
        ("twice", "lambda", "1 line from In [2], line 32", "twice = lambda n: 2 * n"),
    ],
)
def test_what_a_cell_defined_is_found_there(
    cells: Cells, name: str, kind: str, size: str, text: str
) -> None:
    """`In [2]` and no temporary file; decorators included."""
    described = describe(cells[name])
    first = next(n for n, line in enumerate(CELL[1:].splitlines(), 1) if line)
    assert first == 1
    assert (described.kind, described.left_out) == (kind, "")
    assert described.text.startswith(text)
    assert "In [2]" in described.size


def test_methods_properties_and_inner_classes_are_found(cells: Cells) -> None:
    """As the part of the class that they are."""
    model = cells["Model"]
    assert describe(model().fit).text == "def fit(self, rows):\n    return rows"
    assert describe(model().fit).kind == "method of Model"
    assert "return self.rate" in describe(model.speed).text
    assert describe(cells["Bare"].Inner).text.startswith("class Inner:\n    def inside")


def test_what_was_typed_and_what_came_out_are_containers(cells: Cells) -> None:
    """`In` and `Out`, and each of what they hold."""
    cells.run("6 * 7")
    assert describe(cells["In"]).text.startswith("['',\n 'x = 1',\n")
    assert describe(cells["In"][1]).text == "x = 1"
    assert ": 42" in describe(cells["Out"]).text


def test_a_class_defined_again_is_the_new_one(cells: Cells) -> None:
    """Of two cells the one that its methods are from, or the latest."""
    cells.run("class Again:\n    version = 1")
    cells.run("class Again:\n    version = 2")
    assert describe(cells["Again"]).text == "class Again:\n    version = 2"


def test_a_builtin_is_its_signature_and_docstring() -> None:
    """There is no source."""
    assert describe(len).text.startswith("len(obj, /)\n\nReturn the number")
    assert describe(len).kind == "function without source"
    assert describe(math.sin).text.startswith("math.sin(")
    assert describe(str.join).text.startswith("str.join(self, iterable")
    assert describe("".join).text.startswith("str.join(iterable")


def test_a_class_of_c_is_an_outline() -> None:
    """Docstring and methods with their first lines."""
    described = describe(dict, Limits(tokens=2000))
    assert described.text.startswith("class dict:\n    dict() -> new empty")
    assert "get(self, key, default=None, /)  # Return the value" in described.text
    assert "bodies of its methods" in described.left_out


def test_a_large_class_is_an_outline_within_the_limits() -> None:
    """Its methods are named, though its docstring is long."""
    described = describe(Path, SMALL)
    assert described.text.startswith("class Path(")
    assert "PurePath subclass" in described.text
    assert described.size.startswith("pathlib")
    assert len(described.text) <= SMALL.characters


def test_partials_tell_their_arguments_and_their_function() -> None:
    """Credentials among the arguments are withheld."""
    value = functools.partial(documented, 0.5, steps=3, password="x")
    described = describe(value)
    assert "'arguments': (0.5,), 'steps': 3, 'password': <left out>" in described.text
    assert "return total" in described.text
    assert described.kind == "functools.partial of a function"


def _generated() -> Iterator[int]:
    yield 1
    yield 2


def test_generators_are_not_consumed() -> None:
    """Nor are iterators of any kind; they are named, with where they stand."""
    generator, numbers = _generated(), iter([1, 2])
    assert next(generator) == 1
    described = describe(generator)
    line = _generated.__code__.co_firstlineno + 1
    assert described.text.endswith(f"test_content_code.py, line {line}")
    assert described.text.startswith("_generated, at ")
    assert "use it up" in described.left_out
    assert describe([numbers, generator]).text.startswith(
        "[<list_iterator>, <generator"
    )
    assert describe(numbers).text == "<list_iterator>"
    assert list(numbers) == [1, 2]
    assert list(generator) == [2]
    assert "finished" in describe(generator).text


def test_a_module_tells_name_version_docstring_and_names() -> None:
    """Python's own by Python's version."""
    described = describe(json)
    assert described.text.startswith(f"json {json.__version__}\nJSON (JavaScript")
    assert described.text.endswith("dump, dumps, load, loads")
    assert describe(math).text.startswith(f"math of Python {sys.version.split()[0]}")
    assert len(describe(math, SMALL).text) <= SMALL.characters


def test_the_users_own_module_is_its_source() -> None:
    """If it fits; else what a library's tells."""
    described = describe(places)
    assert described.text == Path(places.__file__).read_text(encoding="utf-8")
    assert "lines from " in described.size
    assert describe(places, SMALL).text.startswith("routeway_magic.content.places")


def test_a_lazy_module_is_not_loaded() -> None:
    """What it makes when it is asked for is not asked for."""

    class Lazy(types.ModuleType):
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    module = Lazy("lazy", "Loads late.")
    assert describe(module).text == "lazy\nLoads late.\nPublic names: "


def test_a_function_whose_file_is_gone_is_told_by_its_signature() -> None:
    """As one made by `exec` is."""
    held: dict[str, Any] = {}
    exec("def made(a, b=1):\n    'Made.'", held)
    assert describe(held["made"]).text == "made(a, b=1)\n\nMade."
