"""What answers are worth, by a function of the user's."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from routeway_magic.sweeps.result import Result

__all__ = ["number_in", "scored"]

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
