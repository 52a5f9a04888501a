"""Token counts of answers, read from what a server gave, and added up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from routeway_magic.types import Usage

__all__ = ["Counts", "cost_together", "counts_of", "usage_together"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """The tokens of some requests; all input is input, written and read together.

    Args:
        requests: how many.
        input: input tokens that no cache was used for.
        cache_write: input tokens written to a cache for five minutes.
        cache_write_1h: input tokens written to a cache for an hour.
        cache_read: input tokens read from a cache.
        output: output tokens, thinking included.
        uncounted: requests whose output, or all, the server has not counted.
    """

    requests: int = 0
    input: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    cache_read: int = 0
    output: int = 0
    uncounted: int = 0

    @property
    def all_input(self) -> int:
        """Everything that was read: `input_tokens` alone leaves caches out (API.md 3)."""
        return self.input + self.cache_write + self.cache_write_1h + self.cache_read

    @property
    def tokens(self) -> int:
        """Input and output."""
        return self.all_input + self.output

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            **{
                one.name: getattr(self, one.name) + getattr(other, one.name)
                for one in fields(self)
            }
        )


def counts_of(usage: Usage | None, *, finished: bool = True) -> Counts:
    """The counts of one request.

    Args:
        usage: as received, None if nothing came; each member may be absent or null.
        finished: whether the answer came to its end; only then is its output counted.
    """
    if usage is None:
        return Counts(requests=1)
    written = _count(usage, "cache_creation_input_tokens")
    hourly = min(_written_for_an_hour(usage), written)
    counted = isinstance(usage.get("output_tokens"), int)
    return Counts(
        requests=1,
        input=_count(usage, "input_tokens"),
        cache_write=written - hourly,
        cache_write_1h=hourly,
        cache_read=_count(usage, "cache_read_input_tokens"),
        output=_count(usage, "output_tokens") if finished else 0,
        uncounted=0 if finished and counted else 1,
    )


def usage_together(usages: Sequence[Usage]) -> Usage:
    """The counts of one answer: as received, or those of all its requests together.

    Args:
        usages: of the requests that led to it.
    """
    if len(usages) == 1:
        return usages[0]
    counts = sum(map(counts_of, usages), Counts())
    return {"input_tokens": counts.all_input, "output_tokens": counts.output}


def cost_together(costs: Iterable[float | None]) -> float | None:
    """The sum, in US dollars; None if one is not known.

    Args:
        costs: of the requests that led to an answer.
    """
    found = list(costs)
    known = [cost for cost in found if cost is not None]
    return sum(known) if len(known) == len(found) else None


def _written_for_an_hour(usage: Usage) -> int:
    """Of what was written to a cache; five minutes unless the server says otherwise."""
    lifetimes = usage.get("cache_creation")
    told = lifetimes if isinstance(lifetimes, dict) else {}
    return _count(told, "ephemeral_1h_input_tokens")


def _count(usage: dict[str, Any], key: str) -> int:
    value = usage.get(key)
    return value if isinstance(value, int) and value > 0 else 0
