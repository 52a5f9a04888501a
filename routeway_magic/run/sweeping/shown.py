"""How a sweep shows itself: its answers compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from routeway_magic.comparison import bundle
from routeway_magic.errors import InputError
from routeway_magic.sweeps.result import Result

__all__ = ["Comparison", "Shown"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Some results of a sweep, side by side.

    Args:
        results: those that are compared.
        baseline: the index of the one that the others are compared with; None for the
            first complete answer.
        format: what the answers' text is shown as.
    """

    results: Sequence[Result]
    baseline: int | None = None
    format: str = "markdown"

    def __repr__(self) -> str:
        return self._repr_mimebundle_()["text/plain"]

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, str]:
        del include, exclude  # IPython filters for itself
        return bundle(self.results, baseline=self.baseline, format=self.format)


class Shown(Sequence[Result]):
    """Results that show themselves, once in the execution that has shown them.

    `format` is what their text is shown as, here and wherever they are compared.
    """

    already_shown: Callable[[], bool] | None = None
    format: str = "markdown"

    def compare(
        self,
        *indices: int,
        baseline: int | None = None,
        format: str | None = None,  # noqa: A002 - the option's name
    ) -> Comparison:
        """The answers side by side, with what differs from one of them.

        Args:
            *indices: of the variants to show, from left to right; none for all.
            baseline: the index of the one that the others are compared with; None for
                the first complete answer.
            format: what the answers' text is shown as (see `formats`); None for what
                the sweep was begun with.

        Raises:
            InputError: if there is no such variant.
        """
        named = [*indices, *([] if baseline is None else [baseline])]
        wrong = [index for index in named if not 0 <= index < len(self)]
        if wrong:
            raise InputError(
                f"There is no variant {wrong[0]}.", f"There are 0 to {len(self) - 1}."
            )
        chosen = dict.fromkeys(named if indices else range(len(self)))
        results = [self[index] for index in chosen]
        return Comparison(results, baseline, format or self.format)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, str]:
        return self.compare()._repr_mimebundle_(include, exclude)

    def _ipython_display_(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        if not (self.already_shown and self.already_shown()):
            display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        elif not hasattr(get_ipython(), "kernel"):
            print("the comparison above")  # noqa: T201 - a terminal has written "Out[n]: " by now
