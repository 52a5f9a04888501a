"""What answers are worth, by a function of the user's, and which is best."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.sweeps.frame import records_of
from routeway_magic.sweeps.result import Result

__all__ = ["best_of", "number_in", "scored"]

_COSTS = ("seconds", "first_token", "cost", "input_tokens", "output_tokens")
_NUMBER = re.compile(r"(?<![\w.])[+-]?\d+(?:\.\d+)?")


def scored(
    results: Sequence[Result], fn: str | re.Pattern[str] | Callable[[Result], Any]
) -> list[Any]:
    """What each complete answer is worth; None for the others.

    Args:
        results: in the plan's order.
        fn: a text that the answer must be, blanks around it aside; a pattern that it
            must hold; or a function of the result.
    """
    rate = _rate(fn)
    return [rate(one) if one.status == "complete" else None for one in results]


def best_of(
    results: Sequence[Result],
    key: str | Callable[[Result], Any],
    scores: Mapping[str, Sequence[Any]],
) -> Result:
    """The complete result that is best: see `Sweep.best`.

    Raises:
        InputError: if there is no such key, or nothing to choose from.
    """
    value, is_cost = _value(key, scores)
    rated = [(one, value(one)) for one in results if one.status == "complete"]
    rated = [(one, worth) for one, worth in rated if worth is not None]
    if not rated:
        raise InputError("There is no result to choose from.", "See `sweep.summary`.")
    choose = min if is_cost else max
    return choose(rated, key=lambda pair: pair[1])[0]


def number_in(text: str) -> float | None:
    """The first number in a text; None if there is none.

    Args:
        text: a judge's answer, such as "8/10: clear."
    """
    found = _NUMBER.search(text)
    return float(found[0]) if found else None


def _rate(
    fn: str | re.Pattern[str] | Callable[[Result], Any],
) -> Callable[[Result], Any]:
    if isinstance(fn, str):
        return lambda result: result.text.strip() == fn.strip()
    if isinstance(fn, re.Pattern):
        return lambda result: fn.search(result.text) is not None
    return fn


def _value(
    key: str | Callable[[Result], Any], scores: Mapping[str, Sequence[Any]]
) -> tuple[Callable[[Result], Any], bool]:
    if not isinstance(key, str):
        return key, False
    if key in scores:
        return lambda result: scores[key][result.variant.index], False
    if key in _COSTS:
        return lambda result: records_of([result])[0][key], True
    known = ", ".join(f"`{name}`" for name in (*scores, *_COSTS))
    raise InputError(
        f"There is no `{key}` to choose by.",
        f"There are {known}; `sweep.score(fn)` makes a score.",
    )
