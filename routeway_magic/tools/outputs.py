"""The plots that a tool leaves open."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

__all__ = ["open_figures", "show_figures"]


def open_figures() -> list[int]:
    """The numbers of pyplot's open figures."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    return pyplot.get_fignums() if pyplot else []


def show_figures(before: list[int], result: Any) -> None:
    """Shows the plots that a call has begun and left open, where it stands.

    matplotlib's inline backend would show them at the end of the cell.

    Args:
        before: the figures that were open before.
        result: what the call gave: a figure among it is shown as its result.
    """
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None or "inline" not in str(pyplot.get_backend()).lower():
        return
    from IPython.display import display

    given = {id(value) for value in _figures_in(result)}
    for number in open_figures():
        if number not in before:
            figure = pyplot.figure(number)
            if id(figure) not in given:
                display(figure)  # type: ignore[no-untyped-call]
            pyplot.close(figure)


def _figures_in(result: Any) -> Iterator[Any]:
    """The figures that a result is, holds, or is drawn on."""
    if isinstance(result, (tuple, list)):
        for value in result:
            yield from _figures_in(value)
    else:
        yield result
        yield getattr(result, "figure", None)
