"""The best setting: by the mean of its answers."""

from __future__ import annotations

import math
from typing import Any

import pytest

from routeway_magic.errors import InputError
from routeway_magic.sweeps.best import best_of
from routeway_magic.sweeps.plan import plan
from routeway_magic.sweeps.result import Result


def results(grid: Any, repeat: int, failed: tuple[int, ...] = ()) -> list[Result]:
    """Complete results of a plan, but for some; each took a second more than before."""
    return [
        Result(
            variant,
            status="failed" if variant.index in failed else "complete",
            seconds=float(variant.index),
        )
        for variant in plan(grid, repeat).variants
    ]


def test_repeats_count_by_their_mean() -> None:
    """One lucky answer makes no setting the best."""
    found = results({"temperature": [0, 1], "model": ["a"]}, 3)
    scores = {"score": [4, 4, 4, 10, 0, 0]}
    best = best_of(found, "score", scores)
    assert (best.values, best.worth) == ({"temperature": 0, "model": "a"}, 4)
    assert [one.variant.index for one in best.answers] == [0, 1, 2]
    assert repr(best) == "Setting(temperature=0, model=a: 4.0, the mean of 3)"
    assert best_of(found, lambda one: scores["score"][one.variant.index], {}) == best


def test_the_best_answer_of_a_setting() -> None:
    """It stands first: the greatest score, the least seconds."""
    found = results({"n": [1, 2]}, 2)
    assert best_of(found, "score", {"score": [1, 3, 0, 1]}).answer is found[1]
    best = best_of(found, "seconds", {})
    assert (best.worth, best.answer) == (0.5, found[0])


def test_what_is_missing_is_left_out() -> None:
    """Failures, None and NaN; a setting with nothing else is none."""
    found = results({"n": [1, 2, 3]}, 2, failed=(0,))
    scores = {"score": [100, 1, None, math.nan, 3, None]}
    best = best_of(found, "score", scores)
    assert (best.values, best.worth) == ({"n": 3}, 3)
    assert [one.variant.index for one in best.answers] == [4]
    with pytest.raises(InputError, match="no result"):
        best_of(found, "score", {"score": [None] * 6})


def test_what_cannot_be_compared_is_refused() -> None:
    """With a sentence; texts have no mean, but alone they have an order."""
    with pytest.raises(InputError, match="cannot be compared"):
        best_of(results({"n": [1, 2]}, 2), "grade", {"grade": ["a", "b", "c", "d"]})
    with pytest.raises(InputError, match="cannot be compared"):
        best_of(results({"n": [1, 2]}, 1), "grade", {"grade": ["a", 1]})
    best = best_of(results({"n": [1, 2]}, 1), "grade", {"grade": ["a", "b"]})
    assert best.worth == "b"
    with pytest.raises(InputError, match="no `nothing`"):
        best_of(results({"n": [1]}, 1), "nothing", {})
