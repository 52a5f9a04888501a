"""The axes of a sweep as they are written, and the plan that they make."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routeway_magic.errors import InputError
from routeway_magic.sweeps.grid import Axis, axes_of, read_axis, read_values
from routeway_magic.sweeps.plan import plan

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=6,
)


def unique(values: list[Any]) -> bool:
    """Whether no value is written like another."""
    return len({json.dumps(value) for value in values}) == len(values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0,0.5,1", (0, 0.5, 1)),
        ("unset, 1", ("unset", 1)),
        ("true,null", (True, None)),
        ("claude-a, vendor/b:free", ("claude-a", "vendor/b:free")),
        ('["Paris", "Rome"]', ("Paris", "Rome")),
        ('["a"],["b", "c"]', (["a"], ["b", "c"])),
        ('"a, b",c', ("a, b", "c")),
        ('{"type": "auto"},unset', ({"type": "auto"}, "unset")),
        ("0.1:0.9:5", (0.1, 0.3, 0.5, 0.7, 0.9)),
        ("1:5:5", (1, 2, 3, 4, 5)),
        ("0:1:3,unset", (0.0, 0.5, 1.0, "unset")),
        ("1:0:2", (1, 0)),
        ("12:30", ("12:30",)),
        ("NaN", ("NaN",)),
    ],
)
def test_values(text: str, values: tuple[Any, ...]) -> None:
    """JSON, words, ranges and `unset`; a comma within JSON parts nothing."""
    read = read_values(text)
    assert read == values
    assert list(map(type, read)) == list(map(type, values))


@settings(max_examples=40)
@given(st.lists(JSON, min_size=1, max_size=5).filter(unique))
def test_every_json_value_comes_back(values: list[Any]) -> None:
    """Values joined by commas are the values, and so are the members of an array."""
    joined = ", ".join(map(json.dumps, values))
    if len(values) > 1 or not isinstance(values[0], list):
        assert list(read_values(joined)) == values
    assert list(read_values(json.dumps(values))) == values


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is typed, it is an axis or an error that says how to write one."""
    try:
        axis = read_axis(text)
    except InputError as error:
        said = error.hint
    else:
        said = "read"
        assert axis.values
        assert unique(list(axis.values))
    assert said


@given(
    st.decimals(-100, 100, places=2),
    st.decimals(-100, 100, places=2),
    st.integers(2, 50),
)
def test_ranges_have_both_ends(start: Any, end: Any, count: int) -> None:
    """A range has as many values as it says, from its start to its end."""
    values = read_values(f"{start}:{end}:{count}")
    assert (len(values), values[0], values[-1]) == (count, float(start), float(end))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("temperature", "names no values"),
        ("=1", "no name"),
        ("a b=1", "no name"),
        ("t=", "missing"),
        ("t=1,,2", "missing"),
        ("t=1,", "missing"),
        ('t="a', "broken JSON"),
        ("t=[1,2", "broken JSON"),
        ('t="a"b', "stands behind"),
        ("t=0:1:1", "2 to 10,000"),
        ("t=0:1:99999999", "2 to 10,000"),
        ("t=1,1", "twice"),
        ("t=[]", "no values"),
    ],
)
def test_refused(text: str, said: str) -> None:
    """What makes no sense is named."""
    with pytest.raises(InputError, match=said):
        read_axis(text)


def test_grids_of_python() -> None:
    """Lists, arrays, texts as on a line, and single values all make axes."""
    grid = {
        "a": [1, "x"],
        "b": np.linspace(0, 1, 3),
        "c": "0:1:2",
        "d": 5,
        "e": np.int64(3),
    }
    assert axes_of(grid) == (
        Axis("a", (1, "x")),
        Axis("b", (0.0, 0.5, 1.0)),
        Axis("c", (0, 1)),
        Axis("d", (5,)),
        Axis("e", (3,)),
    )
    assert json.dumps([list(axis.values) for axis in axes_of(grid)])
    with pytest.raises(InputError, match="no JSON"):
        axes_of({"a": [object()]})


@given(
    st.dictionaries(
        st.sampled_from("abc"),
        st.lists(st.integers(), min_size=1, max_size=4, unique=True),
    ),
    st.integers(1, 4),
)
def test_plan_has_every_combination(grid: dict[str, list[int]], repeat: int) -> None:
    """Every combination as often as asked, each once per repeat, numbered in order."""
    planned = plan(grid, repeat)
    wanted = repeat
    for values in grid.values():
        wanted *= len(values)
    assert planned.requests == wanted
    assert [variant.index for variant in planned.variants] == list(range(wanted))
    seen = {(json.dumps(dict(v.values)), v.repeat) for v in planned.variants}
    assert len(seen) == wanted
    assert all(list(variant.values) == list(grid) for variant in planned.variants)


def test_plan_refuses() -> None:
    """An axis twice, no repeat, and more than a kernel can keep are refused."""
    with pytest.raises(InputError, match="swept twice"):
        plan([Axis("a", (1,)), Axis("a", (2,))])
    with pytest.raises(InputError, match="repeat"):
        plan({}, 0)
    with pytest.raises(InputError, match="1,000,000 requests"):
        plan({"a": range(1000), "b": range(1000)})


def test_values_without_an_end_are_refused() -> None:
    """At once, and so are more than one axis takes; as many as it takes are quick."""
    for endless in (itertools.count(), range(10_001), iter(lambda: 1, 2)):
        with pytest.raises(InputError, match="no end"):
            axes_of({"n": endless})
    assert len(axes_of({"n": range(10_000)})[0].values) == 10_000
