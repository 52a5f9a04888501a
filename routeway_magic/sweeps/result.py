"""What a variant came to, and who is told of it meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from routeway_magic.accumulate import text_of
from routeway_magic.events import Event
from routeway_magic.sweeps.plan import Plan, Variant
from routeway_magic.turn import Turn
from routeway_magic.types import Usage
from routeway_magic.usage import usage_together

__all__ = ["Outcome", "Result", "Silent", "Watcher"]

Outcome = Literal["complete", "interrupted", "failed", "not sent"]
"""How a variant ended; "not sent" also where the server refused it unread."""


@dataclass(frozen=True, slots=True)
class Result:
    """A variant and what came of it.

    Args:
        variant: what was asked with.
        turn: question and answer, as far as it came; None if nothing was sent. Of
            several, the last: it answers, and a conversation goes on from it.
        status: how it ended.
        error: what went wrong and what to do, or "".
        seconds: from its sending to its end, waiting for its turn left out.
        first_token: seconds from its sending to the first piece of its answer.
        cost: in US dollars, None where no price is known.
        before: the turns before that one, each of which called functions or was
            paused.
    """

    variant: Variant
    turn: Turn | None = None
    status: Outcome = "not sent"
    error: str = ""
    seconds: float = 0.0
    first_token: float | None = None
    cost: float | None = None
    before: Sequence[Turn] = field(default=(), kw_only=True)

    @property
    def turns(self) -> list[Turn]:
        """All turns that led to it: the question, then the results of calls."""
        return [*self.before, *([self.turn] if self.turn else [])]

    @property
    def text(self) -> str:
        """The text blocks of the answer, joined."""
        return text_of((self.turn and self.turn.message) or {})

    @property
    def usage(self) -> Usage:
        """Token counts as received, of several turns together; empty if none came."""
        usages = [turn.usage for turn in self.turns]
        return usage_together(usages) if usages else {}

    @property
    def stop_reason(self) -> str | None:
        """Why the answer ended, as received."""
        return self.turn.stop_reason if self.turn else None

    def __repr__(self) -> str:
        what = self.text if self.status == "complete" else self.error or self.status
        shown = what if len(what) <= 60 else what[:60] + "…"  # noqa: PLR2004 - one line
        return f"Result({self.variant.label or self.variant.index}: {shown!r})"


class Watcher(Protocol):
    """Whatever shows a sweep while it runs.

    `handle`, `ended` and `waiting` are called from the threads that ask, several at
    once; `begin` and `close` from the one that called `sweep`.
    """

    def begin(self, plan: Plan, kept: Sequence[Result]) -> None:
        """The sweep begins; some results may be there from an earlier run."""

    def handle(self, index: int, event: Event) -> None:
        """An event of one variant has come."""

    def ended(self, result: Result) -> None:
        """A variant has ended."""

    def waiting(self, reason: str, seconds: float | None) -> None:
        """All wait for so long, for this reason; "" and None when that is over."""

    def close(self, sweep: Sequence[Result]) -> None:
        """The sweep is over, or was stopped; it is the `Sweep` itself."""


class Silent:
    """A watcher that shows nothing."""

    def begin(self, plan: Plan, kept: Sequence[Result]) -> None:
        """Shows nothing."""

    def handle(self, index: int, event: Event) -> None:
        """Shows nothing."""

    def ended(self, result: Result) -> None:
        """Shows nothing."""

    def waiting(self, reason: str, seconds: float | None) -> None:
        """Shows nothing."""

    def close(self, sweep: Sequence[Result]) -> None:
        """Shows nothing."""
