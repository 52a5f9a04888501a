"""Rate limits that prompts ask for: so many requests in a time, as a service has them."""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from routeway_magic.sources.emulator.refusal import RefusedError

__all__ = ["Limit", "Quota"]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a prompt asks to be held to.

    Args:
        requests: how many in that time.
        seconds: the time; it begins with the first request.
    """

    requests: int
    seconds: float = 60.0


class Quota:
    """Counts the requests under each limit; threads may use it at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._windows: dict[Limit, tuple[float, int]] = {}

    def take(self, limit: Limit) -> None:
        """Counts a request.

        Args:
            limit: what it is held to.

        Raises:
            RefusedError: 429 if it is one too many, with the headers of API.md 5.2.
        """
        now = time.monotonic()
        with self._lock:
            began, used = self._windows.get(limit, (now, 0))
            if now - began >= limit.seconds:
                began, used = now, 0
            if used < limit.requests:
                self._windows[limit] = (began, used + 1)
                return
        left = math.ceil(began + limit.seconds - now)
        raise RefusedError(
            429,
            f"The emulator was asked for {limit.requests} requests "
            f"in {limit.seconds:g} s.",
            headers={
                "retry-after": str(left),
                "x-ratelimit-limit-minute": str(limit.requests),
                "x-ratelimit-remaining-minute": "0",
                "x-ratelimit-reset-minute": str(left),
            },
        )
