"""What a tool shows by itself: whether it did, and the plots that it leaves open."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

__all__ = ["Watch", "open_figures", "show_figures", "watching"]

_INSIDE: ContextVar[Watch | None] = ContextVar("inside", default=None)


class Watch:
    """Whether anything was written or displayed by a call."""

    def __init__(self) -> None:
        self.saw = False

    @contextmanager
    def over(self) -> Iterator[Watch]:
        """What is written in this context counts as this call's."""
        before = _INSIDE.set(self)
        try:
            yield self
        finally:
            _INSIDE.reset(before)


class _Seen:
    """Stands before a stream or a display publisher, and notes what goes through."""

    def __init__(self, inner: Any, method: str) -> None:
        self._inner, self._method = inner, method

    def __getattr__(self, name: str) -> Any:
        watch = _INSIDE.get()
        if watch and name == self._method:
            watch.saw = True
        return getattr(self._inner, name)


@contextmanager
def watching() -> Iterator[None]:
    """Has calls watched for the length of a `with` block; nothing is held back."""
    from IPython import get_ipython

    shell: Any = get_ipython()
    streams = sys.stdout, sys.stderr
    publisher = getattr(shell, "display_pub", None)
    sys.stdout, sys.stderr = (_Seen(stream, "write") for stream in streams)
    if publisher:
        shell.display_pub = _Seen(publisher, "publish")
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        if publisher:
            shell.display_pub = publisher


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
