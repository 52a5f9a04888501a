"""Figures as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median, quantiles

__all__ = ["ninth_decile", "ratios", "spread", "table"]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is aligned to the right.

    Args:
        header: the columns' names.
        rows: the cells.
    """
    rule = [":--", *["--:"] * (len(header) - 1)]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, rule, *rows])


def spread(values: Sequence[float], *, digits: int = 0) -> str:
    """The median, and in brackets the least and the greatest.

    Args:
        values: of one figure, at least one.
        digits: behind the point.
    """
    least, greatest = min(values), max(values)
    middle = f"{median(values):,.{digits}f}"
    if least == greatest:
        return middle
    return f"{middle} ({least:,.{digits}f} to {greatest:,.{digits}f})"


def ninth_decile(values: Sequence[float]) -> float:
    """The value that nine of ten do not exceed.

    Args:
        values: at least two.
    """
    return quantiles(values, n=10, method="inclusive")[-1]


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Each of ours over its pair of theirs, measured next to it.

    Args:
        ours: one value for each repeat.
        theirs: the same repeats.
    """
    return [own / other for own, other in zip(ours, theirs, strict=True)]
