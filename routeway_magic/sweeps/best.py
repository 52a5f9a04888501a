"""Which setting is best: by the mean of the answers that were asked with it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from routeway_magic.errors import InputError
from routeway_magic.sweeps.frame import records_of
from routeway_magic.sweeps.result import Result

__all__ = ["Key", "Setting", "best_of"]

Key = str | Callable[[Result], Any]
"""What answers are compared by."""

_COSTS = ("seconds", "first_token", "cost", "input_tokens", "output_tokens")


@dataclass(frozen=True, slots=True)
class Setting:
    """One combination of a sweep's values, and what it was worth.

    Args:
        values: by the axes' names; `ask(prompt, **values)` asks with them again where
            all of them are settings.
        worth: the mean over its answers.
        answers: its complete results that have a worth, the best first.
    """

    values: Mapping[str, Any]
    worth: Any
    answers: Sequence[Result]

    @property
    def answer(self) -> Result:
        """The best of its answers."""
        return self.answers[0]

    def __repr__(self) -> str:
        label = self.answer.variant.label or "the question alone"
        of = f", the mean of {len(self.answers)}" if len(self.answers) > 1 else ""
        return f"Setting({label}: {self.worth!r}{of})"


def best_of(
    results: Sequence[Result], key: Key, scores: Mapping[str, Sequence[Any]]
) -> Setting:
    """The setting that is best: see `Sweep.best`.

    Args:
        results: in the plan's order, so that repeats are neighbours.
        key: what to compare.
        scores: by name, one for each result.

    Raises:
        InputError: if there is no such key, nothing to choose from, or nothing that
            can be compared.
    """
    value, is_cost = _value(key, scores)
    rated = [(one, value(one)) for one in results if one.status == "complete"]
    rated = [(one, worth) for one, worth in rated if not _is_missing(worth)]
    if not rated:
        raise InputError("There is no result to choose from.", "See `sweep.summary`.")
    groups = groupby(
        rated, key=lambda pair: pair[0].variant.index - pair[0].variant.repeat
    )
    try:
        settings = [_setting([*group], is_cost=is_cost) for _, group in groups]
        choose = min if is_cost else max
        return choose(settings, key=lambda setting: setting.worth)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"The settings cannot be compared: {error}.",
            "A score is a number for each answer, or None.",
        ) from None


def _setting(rated: list[tuple[Result, Any]], *, is_cost: bool) -> Setting:
    rated.sort(key=lambda pair: pair[1], reverse=not is_cost)
    worths = [worth for _, worth in rated]
    mean = worths[0] if len(worths) == 1 else sum(worths) / len(worths)
    answers = tuple(one for one, _ in rated)
    return Setting(answers[0].variant.values, mean, answers)


def _value(
    key: Key, scores: Mapping[str, Sequence[Any]]
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


def _is_missing(worth: Any) -> bool:
    return worth is None or (isinstance(worth, float) and math.isnan(worth))
