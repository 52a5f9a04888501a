"""The threads that ask a sweep's variants, and how they are stopped together."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from routeway_magic.errors import (
    AuthenticationError,
    ClaudeError,
    ConfigurationError,
    Interrupted,
    PaymentRequiredError,
    RateLimitError,
)

__all__ = ["Crew"]

_LOOK = 0.1  # seconds between looks at what was interrupted
_FOR_ALL = (
    AuthenticationError,
    PaymentRequiredError,
    ConfigurationError,
    RateLimitError,  # one that was worth waiting for has been waited for
)
"""Refusals that would meet every further request as well."""


class Crew:
    """Threads that work through a list, until it is done or they are stopped.

    Args:
        ask: asks one variant; called from several threads.
        size: how many at once.
        cancel: ends what is under way, from any thread, as often as it is called.
    """

    def __init__(
        self, ask: Callable[[int], None], size: int, cancel: Callable[[], None]
    ) -> None:
        self.failure: ClaudeError | None = None
        self._ask, self._size, self._cancel = ask, size, cancel
        self._stopping = threading.Event()

    def work(self, indices: Sequence[int]) -> None:
        """Asks these variants, and comes back when nothing is under way any more.

        Args:
            indices: of the variants, in the order that they begin in.

        Raises:
            KeyboardInterrupt: if the user stops it.
            Exception: what `ask` raised, where it is none of our errors.
        """
        if not indices:
            return
        pool = ThreadPoolExecutor(
            min(self._size, len(indices)), thread_name_prefix="sweep"
        )
        asked = [pool.submit(self._one, index) for index in indices]
        try:
            self._await(asked, self._stop_at_a_fault)
        finally:
            if not all(each.done() for each in asked):
                self.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            self._await(asked, self._cancel_again)
        for each in asked:
            if not each.cancelled():
                each.result()

    def stop(self) -> None:
        """Ends everything, from any thread; what has come is kept."""
        self._stopping.set()
        self._cancel()

    def check(self) -> None:
        """Goes on, or not.

        Raises:
            Interrupted: if the crew was stopped.
        """
        if self._stopping.is_set():
            raise Interrupted("the sweep was stopped.")

    def sleep(self, seconds: float) -> None:
        """Waits before the next try.

        Raises:
            Interrupted: if the crew is stopped meanwhile.
        """
        self._stopping.wait(seconds)
        self.check()

    def give_up_after(self, error: ClaudeError) -> None:
        """Lets no further variant begin, if this error would meet all of them.

        Args:
            error: what one of them has met.
        """
        if isinstance(error, _FOR_ALL):
            self.failure = self.failure or error

    def _one(self, index: int) -> None:
        if not self._stopping.is_set() and self.failure is None:
            self._ask(index)

    def _await(
        self, asked: Sequence[Future[None]], look: Callable[[list[Future[None]]], None]
    ) -> None:
        """Waits for all; looks at those that are done each time some may be."""
        left = list(asked)
        while left:
            wait(left[:1], _LOOK)  # of one that was cancelled unbegun it says nothing
            look([each for each in left if each.done()])
            left = [each for each in left if not each.done()]

    def _stop_at_a_fault(self, done: list[Future[None]]) -> None:
        """Stops the others where one has met a fault of ours."""
        if any(not each.cancelled() and each.exception() for each in done):
            self.stop()

    def _cancel_again(self, _: list[Future[None]]) -> None:
        """Ends also what had not quite begun a moment ago."""
        self._cancel()
