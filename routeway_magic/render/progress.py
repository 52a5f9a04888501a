"""How far many answers are, in a line."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from routeway_magic.markup import escape
from routeway_magic.sweeps.result import Result

__all__ = ["Progress"]


class Progress:
    """Counts what has begun and what has ended.

    Args:
        total: how many answers there will be.
        kept: those that there are from before.
        note: how much it will be, to be told until the first has ended.
    """

    def __init__(
        self, total: int, kept: Sequence[Result] = (), *, note: str = ""
    ) -> None:
        self._note = note
        self._total = total
        self._ended = Counter(result.status for result in kept)
        self._begun: set[int] = set()
        self._tokens = 0
        self._reason, self._until = "", 0.0
        self._started = time.monotonic()

    @property
    def ended(self) -> int:
        """How many have ended, however they did."""
        return self._ended.total()

    def begin(self, index: int) -> bool:
        """Says whether this is the first of a variant.

        Args:
            index: of the variant.
        """
        is_first = index not in self._begun
        self._begun.add(index)
        return is_first

    def end(self, result: Result) -> None:
        """Counts a result."""
        self._begun.discard(result.variant.index)
        self._ended[result.status] += 1
        tokens = result.usage.get("output_tokens")
        self._tokens += tokens if isinstance(tokens, int) else 0

    def wait(self, reason: str, seconds: float | None) -> None:
        """All wait for the same.

        Args:
            reason: what for; "" if they no longer do.
            seconds: how long, where that is known.
        """
        self._reason = reason
        self._until = time.monotonic() + seconds if seconds else 0.0

    @property
    def text(self) -> str:
        """The line itself."""
        complete, seconds = self._ended["complete"], time.monotonic() - self._started
        others = [
            f"{count} {status}"
            for status, count in self._ended.items()
            if status != "complete"
        ]
        parts = [
            f"{complete} of {self._total} answers",
            *others,
            f"{len(self._begun)} under way" if self._begun else "",
            f"{self._tokens:,} tokens" if self._tokens else "",
            f"{seconds:.0f} s",
            self._waiting(),
            "" if self.ended else self._note,
        ]
        return " · ".join(filter(None, parts))

    @property
    def html(self) -> str:
        """The line with a bar."""
        return (
            f'<div class="rw-status"><progress max="{self._total}" value="{self.ended}" '
            f'aria-label="answers"></progress> {escape(self.text)}</div>'
        )

    def _waiting(self) -> str:
        if not self._reason:
            return ""
        left = self._until - time.monotonic()
        return f"{self._reason}, {left:.0f} s left" if left > 0 else self._reason
