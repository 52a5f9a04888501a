"""What can be measured of answers, and how it depends on what was varied."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from routeway_magic.comparison.compared import axes_of, worded
from routeway_magic.sweeps.result import Result
from routeway_magic.usage import counts_of

__all__ = ["Series", "diversity", "series_of"]

_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Series:
    """One measure over the values of one axis.

    Args:
        measure: what is measured, with its unit.
        axis: what was varied.
        values: of the axis, in their order.
        points: for each value, what was measured; perhaps nothing.
    """

    measure: str
    axis: str
    values: list[Any]
    points: list[list[float]]

    @property
    def is_numeric(self) -> bool:
        """Whether the values have distances, not only an order."""
        return all(
            isinstance(value, int | float) and not isinstance(value, bool)
            for value in self.values
        )

    @property
    def means(self) -> list[float | None]:
        """The mean for each value, None where nothing was measured."""
        return [fmean(found) if found else None for found in self.points]

    @property
    def told(self) -> str:
        """The means in words, for those who cannot see the plot."""
        means = [
            f"{worded(value)}: {mean:.3g}"
            for value, mean in zip(self.values, self.means, strict=True)
            if mean is not None
        ]
        return f"{self.measure} by {self.axis}, on average: {', '.join(means)}"


def series_of(results: Sequence[Result]) -> list[Series]:
    """What is worth a plot: each measure over each axis with more than one value.

    Args:
        results: of a sweep; only complete answers are measured.
    """
    complete = [result for result in results if result.status == "complete"]
    axes = axes_of([result.variant for result in results])
    found = [
        Series(
            measure, name, values, take([_of(complete, name, one) for one in values])
        )
        for name, values in axes
        if len(values) > 1
        for measure, take in _MEASURES.items()
    ]
    return [series for series in found if _is_worth_it(series)]


def diversity(texts: Sequence[str]) -> float | None:
    """How different texts are from one another: 0 the same words, 1 none in common.

    The share of words that two of them do not share, over all pairs; each word counts
    as often as it stands there. None for less than two texts.

    Args:
        texts: answers to the same question.
    """
    if len(texts) <= 1:
        return None
    bags = [Counter(_WORD.findall(text.lower())) for text in texts]
    counts: defaultdict[str, list[int]] = defaultdict(list)
    for bag in bags:
        for word, count in bag.items():
            counts[word].append(count)
    total = sum(map(sum, counts.values())) * (len(texts) - 1)
    return 1 - 2 * sum(map(_shared, counts.values())) / total if total else 0.0


def _shared(counts: list[int]) -> int:
    """How often all pairs of texts share a word; each pair as often as both have it."""
    largest_first = sorted(counts, reverse=True)
    return sum(rank * count for rank, count in enumerate(largest_first))


def _of(results: Iterable[Result], name: str, value: Any) -> list[Result]:
    wanted = worded(value)
    return [
        result
        for result in results
        if worded(result.variant.values.get(name)) == wanted
    ]


def _each(
    measure: Callable[[Result], float | None],
) -> Callable[[list[list[Result]]], list[list[float]]]:
    def take(groups: list[list[Result]]) -> list[list[float]]:
        measured = [[measure(result) for result in group] for group in groups]
        return [[one for one in group if one is not None] for group in measured]

    return take


def _diversities(groups: list[list[Result]]) -> list[list[float]]:
    """For each value, one of each combination with it that was asked repeatedly."""
    return [
        [found for texts in _repeats(group) if (found := diversity(texts)) is not None]
        for group in groups
    ]


def _repeats(results: Iterable[Result]) -> list[list[str]]:
    texts: defaultdict[str, list[str]] = defaultdict(list)
    for result in results:
        texts[worded(dict(result.variant.values))].append(result.text)
    return list(texts.values())


def _output(result: Result) -> float | None:
    counts = counts_of(result.usage)
    return None if counts.uncounted else counts.output


def _is_worth_it(series: Series) -> bool:
    """Whether there is something to look at: two values were measured, and differ."""
    measured = [points for points in series.points if points]
    return len(measured) > 1 and len({one for found in measured for one in found}) > 1


_MEASURES: dict[str, Callable[[list[list[Result]]], list[list[float]]]] = {
    "output tokens": _each(_output),
    "seconds": _each(lambda result: result.seconds),
    "seconds to the first token": _each(lambda result: result.first_token),
    "diversity of repeats (0–1)": _diversities,
}
