"""What an exchange gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from routeway_magic.accumulate import text_of
from routeway_magic.answer_tool import is_answer
from routeway_magic.footer import Footer
from routeway_magic.messages import is_formed
from routeway_magic.turn import Cell, Turn
from routeway_magic.types import Message, Usage
from routeway_magic.usage import usage_together

__all__ = ["Reply", "cells_of", "footer_of"]


def footer_of(
    turns: Sequence[Turn], left: Sequence[int | None] = (), inserted: str = ""
) -> Footer:
    """The line under an answer.

    Args:
        turns: what was asked and answered, tools called in between.
        left: the cells whose answers left the path with it, by their numbers.
        inserted: what of the notebook was in the prompt, in words.
    """
    turn = turns[-1]
    message = turn.message or {}
    return Footer(
        model=str(message.get("model") or turn.parameters.get("model", "")),
        source=turn.source,
        usage=usage_together([turn.usage for turn in turns]),
        seconds=sum(one.seconds for one in turns),
        stop_reason=_stop_reason(message),
        status=turn.status,
        explanation=_explanation(message),
        has_content=turn.has_content,
        left=left,
        inserted=inserted,
        requests=len(turns),
    )


def _stop_reason(message: Message) -> str | None:
    """As received; a call that is the answer is an end like any other."""
    is_given = any(is_answer(block) for block in message.get("content") or [])
    reason = message.get("stop_reason")
    return "end_turn" if is_given and reason == "tool_use" else reason


def cells_of(turns: Sequence[Turn], cell: Cell) -> list[int | None]:
    """The cells that these turns came from, by number.

    Args:
        turns: that left their conversation's path.
        cell: one that does not count, for it has asked again.
    """
    found = {
        turn.cell.id or turn.id: turn.cell.number
        for turn in turns
        if cell.id is None or turn.cell.id != cell.id
    }
    return list(found.values())


def _explanation(message: Message) -> str:
    details = message.get("stop_details")
    told = details.get("explanation") if isinstance(details, dict) else None
    return told if isinstance(told, str) else ""


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """An answer, with what is known about it; shows itself as rich text.

    Args:
        turn: the question and how the exchange ended; of several, the last.
        before: those before it: each called tools, was paused, or was not of the form
            that was asked for.
        cost: in US dollars, None where no price is known.
        value: the object that was asked for, where one was (`--as`, `-f json -o`).
        already_shown: whether this very execution has displayed the answer, so that
            `%claude …` as a cell's last line does not show it twice.
    """

    turn: Turn
    before: Sequence[Turn] = field(default=(), kw_only=True)
    cost: float | None = field(default=None, compare=False, kw_only=True)
    value: Any = field(default=None, compare=False, kw_only=True)
    already_shown: Callable[[], bool] | None = field(default=None, compare=False)

    @property
    def turns(self) -> list[Turn]:
        """All turns that led to it: the question, then the results of calls."""
        return [*self.before, self.turn]

    @property
    def message(self) -> Message:
        """The answer as received; empty members where it broke off."""
        return self.turn.message or {}

    @property
    def text(self) -> str:
        """The text blocks, joined; as JSON what was given as a value."""
        return text_of(self.message)

    @property
    def usage(self) -> Usage:
        """Token counts as received; of several turns, their input and output summed."""
        return usage_together([turn.usage for turn in self.turns])

    @property
    def stop_reason(self) -> str | None:
        """Why the answer ended, as received."""
        return self.message.get("stop_reason")

    @property
    def source(self) -> str:
        """Who answered: "emulator", or the host's name; "…, replayed" from a recording."""
        return self.turn.source

    def __reduce__(self) -> tuple[Any, ...]:
        known = {"before": self.before, "cost": self.cost, "value": self.value}
        return partial(Reply, **known), (self.turn,)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        shown = self.text if len(self.text) <= 60 else self.text[:60] + "…"  # noqa: PLR2004 - one line
        return f"Reply({shown!r}, {self._footer})"

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> dict[str, str]:
        del include, exclude  # IPython filters for itself
        from routeway_magic.answer import bundle_of_turns

        is_json = is_formed(self.turn.parameters)
        form = "json" if is_json else "markdown"
        return bundle_of_turns(self.turns, self._footer, format=form)

    @property
    def _footer(self) -> str:
        return replace(footer_of(self.turns), cost=self.cost).text

    def _ipython_display_(self) -> None:
        from IPython import get_ipython
        from IPython.display import display

        if not (self.already_shown and self.already_shown()):
            display(self._repr_mimebundle_(), raw=True)  # type: ignore[no-untyped-call]
        elif not hasattr(get_ipython(), "kernel"):
            print("the reply above")  # noqa: T201 - a terminal has written "Out[n]: " by now
