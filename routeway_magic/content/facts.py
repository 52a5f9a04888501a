"""What is said about many values in few words: range, mean, how many distinct."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from routeway_magic.content.cells import cell, cut, number, one_line

__all__ = ["Facts", "Sample", "are_few", "evenly", "spread", "tally"]

_EXACT_CELLS = 1_000_000  # all are read up to here: some 20 ms, 8 MB at most
_SAMPLED_ROWS = 10_000
_SAMPLED_CELLS = 300_000
_FEWEST_ROWS = 1000
_COUNTED = 10_000
_COMMON = 5
_FEW = 12
_SHOWN = 32
_HASHED = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a column or an array.

    Args:
        nulls: how many of the values that were read are missing; None if not known.
        values: range, mean or commonest values; may be "".
    """

    nulls: int | None = None
    values: str = ""


@dataclass(frozen=True, slots=True)
class Sample:
    """Which rows are read: each `step`-th.

    Args:
        rows: how many there are.
        step: at least 1.
    """

    rows: int
    step: int

    @property
    def count(self) -> int:
        """How many are read."""
        return -(-self.rows // self.step)

    @property
    def is_whole(self) -> bool:
        """Whether all are."""
        return self.step == 1

    def windows(self, number: int = 100) -> list[tuple[int, int]]:
        """About as many rows in runs, for columns that are slow to read one by one.

        Args:
            number: of runs.

        Returns:
            The first row and the length of each.
        """
        if self.is_whole:
            return [(0, self.rows)]
        each = max(self.count // number, 1)
        starts = (at * (self.rows - each) // (number - 1) for at in range(number))
        return [(start, each) for start in starts]


def evenly(rows: int, columns: int = 1) -> Sample:
    """All rows if they are few, else evenly spaced ones.

    Args:
        rows: how many there are.
        columns: how many of their cells will be read.
    """
    if rows * columns <= _EXACT_CELLS:
        return Sample(rows, 1)
    wanted = min(_SAMPLED_ROWS, max(_SAMPLED_CELLS // columns, _FEWEST_ROWS))
    return Sample(rows, max(rows // wanted, 1))


def spread(low: Any, high: Any, mean: Any = None, deviation: Any = None) -> str:
    """The range of values, such as "0 … 9, mean 4.5 ± 2.9".

    Args:
        low: the smallest.
        high: the largest.
        mean: None to say none.
        deviation: the standard deviation; None or NaN to say none.
    """
    text = f"{cell(low, _SHOWN)} … {cell(high, _SHOWN)}"
    if low == high:
        return f"always {cell(low, _SHOWN)}"
    if mean is None:
        return text
    known = deviation is not None and not math.isnan(deviation)
    around = f" ± {number(float(deviation), 3)}" if known else ""
    return f"{text}, mean {number(float(mean), 4)}{around}"


def tally(values: Sequence[Any]) -> str:
    """How many distinct values there are, and the commonest.

    Args:
        values: those that are not missing. Of very many, some are read.
    """
    read = values[:: -(-len(values) // _COUNTED)] if len(values) > _COUNTED else values
    try:
        counts = Counter(read if _are_short(read) else map(_key, read))
    except Exception:  # noqa: BLE001  # unhashable, or a hash or equality that raises
        return _types(read)
    if not counts:
        return ""
    of = "" if len(read) == len(values) else f" of {len(read):,}"
    return ", ".join(filter(None, (f"{_common(counts)}{of}", _lengths(read))))


def are_few(values: Sequence[Any]) -> bool:
    """Whether whole numbers look like codes or grades, of which there are few kinds.

    Args:
        values: some of them.
    """
    distinct = len(set(values))
    return distinct <= _FEW and distinct < len(values) / 2


def _are_short(values: Sequence[Any]) -> bool:
    """Whether all are texts or numbers that are quickly hashed."""
    types = set(map(type, values))
    if types == {str}:
        return max(map(len, values)) <= _HASHED
    return types <= {int, float, bool}


def _key(value: Any) -> Any:
    """The value, or for a very long text enough of it to tell it from others."""
    if isinstance(value, str) and len(value) > _HASHED:
        return value[:_HASHED], value[-_SHOWN:], len(value)
    hash(value)
    return value


def _common(counts: Counter[Any]) -> str:
    total = counts.total()
    if len(counts) == total > 1:
        return "all distinct"
    if len(counts) == 1 and total > 1:
        return f"always {_shown(next(iter(counts)))}"
    kept = counts.most_common(_FEW if len(counts) <= _FEW else _COMMON)
    if len(counts) > _FEW:
        kept = [(key, times) for key, times in kept if times > 1]
    shares = [f"{_shown(key)} ({times / total:.0%})" for key, times in kept]
    words = ", ".join([*shares, *(["…"] if len(kept) < len(counts) else [])])
    return (
        f"{len(counts):,} distinct: {words}" if shares else f"{len(counts):,} distinct"
    )


def _shown(key: Any) -> str:
    first = (
        key[0] if isinstance(key, tuple) and key and isinstance(key[0], str) else key
    )
    return cut(one_line(cell(first, _SHOWN)), _SHOWN)


def _lengths(values: Sequence[Any]) -> str:
    if set(map(type, values)) != {str}:
        return ""
    longest = max(map(len, values))
    return f"length {min(map(len, values)):,} … {longest:,}" if longest > _SHOWN else ""


def _types(values: Sequence[Any]) -> str:
    counts = Counter(type(value).__name__ for value in values)
    if len(counts) == 1:
        return f"all {next(iter(counts))}"
    shares = (
        f"{name} {n / len(values):.0%}" for name, n in counts.most_common(_COMMON)
    )
    return f"types: {', '.join(shares)}"
