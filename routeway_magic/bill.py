"""What a kernel has used so far, by conversation and model, and what that cost."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from routeway_magic.origin import is_free, is_replayed
from routeway_magic.pricing import Price, money
from routeway_magic.turn import Turn
from routeway_magic.usage import Counts, counts_of

__all__ = ["Account", "Bill", "Prices", "counts_of_turn"]

Prices = Mapping[tuple[str, str], Price]
"""Prices by source and model."""

_HEAD = (
    *("conversation", "model", "source", "requests"),
    *("input", "cache write", "cache read", "output", "cost"),
)


@dataclass(frozen=True, slots=True)
class Account:
    """Whose tokens are counted together.

    Args:
        conversation: its name.
        model: who was asked, as the request named it: so the list names its price.
        source: who answered, "emulator" or a host's name, marked if replayed.
    """

    conversation: str
    model: str
    source: str

    def cost(self, counts: Counts, prices: Prices) -> float | None:
        """US dollars; nothing for what is free, None where no price is known."""
        if is_free(self.source):
            return 0.0
        price = prices.get((self.source, self.model))
        return price.cost(counts) if price else None

    def uncounted(self, counts: Counts) -> int:
        """How many of these requests may have cost more than was counted."""
        return 0 if is_free(self.source) else counts.uncounted


class Bill:
    """A running total, so that a turn costs the same however many came before."""

    def __init__(self) -> None:
        self.tokens = 0
        self._counts: dict[Account, Counts] = {}
        self._lock = threading.Lock()

    def add(self, conversation: str, turn: Turn) -> None:
        """Counts a turn, however it ended.

        Args:
            conversation: the name of the one that it belongs to.
            turn: what was asked and what came of it.
        """
        model = str(turn.parameters.get("model", ""))
        account = Account(conversation, model, turn.source)
        counts = counts_of_turn(turn)
        with self._lock:
            self._counts[account] = self._counts.get(account, Counts()) + counts
            self.tokens += 0 if is_replayed(turn.source) else counts.tokens

    def cost(self, prices: Prices) -> float:
        """US dollars so far, of what has a known price; more may have been spent."""
        listed = self._listed()
        return sum(account.cost(counts, prices) or 0.0 for account, counts in listed)

    def is_empty(self) -> bool:
        """Whether nothing has been asked."""
        return not self._counts

    def rows(self, prices: Prices) -> list[tuple[str, ...]]:
        """A table: its head, a row for each conversation, model and source, the sum."""
        listed = sorted(self._listed(), key=lambda item: item[0].conversation)
        costs = [account.cost(counts, prices) for account, counts in listed]
        rows = [
            (
                *(account.conversation, account.model, account.source),
                *_cells(counts, cost, is_all=not account.uncounted(counts)),
            )
            for (account, counts), cost in zip(listed, costs, strict=True)
        ]
        total = sum((counts for _, counts in listed), Counts())
        is_all = None not in costs and not self._uncounted()
        spent = sum(cost or 0.0 for cost in costs)
        return [_HEAD, *rows, ("in all", "", "", *_cells(total, spent, is_all=is_all))]

    def line(self, prices: Prices) -> str:
        """All of it on one line, "" if nothing has been asked."""
        listed = self._listed()
        total = sum((counts for _, counts in listed), Counts())
        if not listed:
            return ""
        asked = f"{total.requests:,} request{'' if total.requests == 1 else 's'}"
        parts = [asked, f"{total.all_input:,} → {total.output:,} tokens"]
        costs = [one.cost(counts, prices) for one, counts in listed]
        if any(not is_free(one.source) for one, _ in listed) and any(costs):
            is_all = None not in costs and not self._uncounted()
            least = "" if is_all else "at least "
            parts.append(least + money(sum(cost or 0.0 for cost in costs)))
        return " · ".join(parts)

    def notes(self, prices: Prices) -> list[str]:
        """What the table cannot say: costs that are not known, and why."""
        listed = self._listed()
        unpriced = {
            account.model
            for account, counts in listed
            if account.cost(counts, prices) is None
        }
        uncounted = self._uncounted()
        notes = []
        if unpriced:
            names = ", ".join(f"`{name}`" for name in sorted(unpriced))
            notes.append(f"No price is listed for all that was asked of {names}.")
        if uncounted:
            told = (
                "An answer that was"
                if uncounted == 1
                else f"{uncounted} answers that were"
            )
            notes.append(f"{told} not counted to the end may have cost more.")
        return notes

    def _uncounted(self) -> int:
        return sum(account.uncounted(counts) for account, counts in self._listed())

    def _listed(self) -> list[tuple[Account, Counts]]:
        with self._lock:
            return list(self._counts.items())


def counts_of_turn(turn: Turn) -> Counts:
    """The tokens of one turn."""
    if turn.message is None:
        return counts_of(None)
    return counts_of(
        turn.message.get("usage") or {}, finished=turn.status == "complete"
    )


def _cells(counts: Counts, cost: float | None, *, is_all: bool) -> tuple[str, ...]:
    written = counts.cache_write + counts.cache_write_1h
    numbers = (counts.requests, counts.input, written, counts.cache_read, counts.output)
    told = "unknown" if cost is None else money(cost)
    at_least = "" if is_all or cost is None else "at least "
    return (*(f"{number:,}" for number in numbers), at_least + told)
