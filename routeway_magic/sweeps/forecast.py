"""How much a sweep will be, before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Forecast"]


@dataclass(frozen=True, slots=True)
class Forecast:
    """The size of a sweep.

    Args:
        requests: how many will be sent.
        input: tokens that are read, an estimate.
        output: tokens that are written at the most: the sum of `max_tokens`.
        most_each: requests of one answer, at the most, where functions may be called.
    """

    requests: int
    input: int
    output: int
    most_each: int = 1

    @property
    def tokens(self) -> int:
        """Input and output together, at the most; those after calls left out."""
        return self.input + self.output

    @property
    def text(self) -> str:
        """The size in words."""
        asked = "1 request" if self.requests == 1 else f"{self.requests:,} requests"
        size = (
            f"{asked}, about {self.input:,} input tokens and at most "
            f"{self.output:,} output tokens"
        )
        if self.most_each == 1:
            return size
        return (
            f"at least {size}; each answer may call functions, and come to "
            f"{self.most_each:,} requests (`max_turns`)"
        )
