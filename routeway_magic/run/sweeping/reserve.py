"""Budgets over requests that run at once: each holds back what it may come to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from routeway_magic.origin import is_replayed
from routeway_magic.run.guard import Guard
from routeway_magic.settings import ClaudeSettings
from routeway_magic.tokens import input_tokens
from routeway_magic.types import JSONObject, Request
from routeway_magic.usage import Counts

__all__ = ["Reserve", "most"]

_LOOK = 0.1  # seconds until one that waits looks whether it was stopped


class Reserve:
    """What the requests under way may still come to.

    A request waits until it would stay within the budget even if all others used
    what they may; the one that is alone is the guard's to judge. So many at once
    spend no more than one after the other would.

    Args:
        guard: knows what was spent, and the prices.
        settings: the budgets.
    """

    def __init__(self, guard: Guard, settings: ClaudeSettings) -> None:
        self._guard, self._settings = guard, settings
        self._room = threading.Condition()
        self._held: list[tuple[int, float]] = []

    @contextmanager
    def held(
        self, request: Request, source: str, check: Callable[[], None]
    ) -> Iterator[None]:
        """Waits for room, and holds it for the length of a `with` block.

        Args:
            request: what will be sent.
            source: who will be asked.
            check: raises if the request is not wanted any more.
        """
        settings = self._settings
        limits = (settings.max_session_tokens, settings.max_session_cost)
        if limits == (None, None) or is_replayed(source):
            yield
            return
        mine = self._needed(request, source)
        with self._room:
            while self._held and not self._fits(mine):
                self._room.wait(_LOOK)
                check()
            self._held.append(mine)
        try:
            yield
        finally:
            with self._room:
                self._held.remove(mine)
                self._room.notify_all()

    def _needed(self, request: Request, source: str) -> tuple[int, float]:
        counts = most(request.body)
        price = self._guard.prices.get((source, request.model))
        return counts.tokens, (price and price.cost(counts)) or 0.0

    def _fits(self, mine: tuple[int, float]) -> bool:
        settings, bill = self._settings, self._guard.bill
        tokens = bill.tokens + sum(held for held, _ in self._held) + mine[0]
        cost = bill.cost(self._guard.prices) + mine[1]
        cost += sum(held for _, held in self._held)
        limits = (settings.max_session_tokens, settings.max_session_cost)
        return _within(tokens, limits[0]) and _within(cost, limits[1])


def most(body: JSONObject) -> Counts:
    """What a request reads, an estimate, and may write at the most.

    Args:
        body: of a request; `--param` may have put anything into it.
    """
    read = input_tokens(body) if isinstance(body.get("messages"), list) else 0
    written: Any = body.get("max_tokens")
    return Counts(input=read, output=written if isinstance(written, int) else 0)


def _within(amount: float, limit: float | None) -> bool:
    return limit is None or amount <= limit
