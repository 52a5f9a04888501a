"""The threads that ask a sweep's variants, and how they are stopped together."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
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
from routeway_magic.run.sweeping.errands import Errands

__all__ = ["Crew"]

_LOOK = 0.1  # seconds between looks at what was interrupted
_FOR_ALL = (
    AuthenticationError,
    PaymentRequiredError,
    ConfigurationError,
)
"""Refusals that would meet every further request as well."""


class Crew:
    """Threads that work through a list, until it is done or they are stopped.

    Each model has its share of them: one whose requests wait for its rate limit does
    not keep another's from being sent. Whoever waits for the crew runs its `errands`.

    Args:
        ask: asks one variant; called from several threads.
        size: how many at once.
        cancel: ends what is under way, from any thread, as often as it is called.
        model: tells which model a variant asks.
    """

    def __init__(
        self,
        ask: Callable[[int], None],
        size: int,
        cancel: Callable[[], None],
        model: Callable[[int], str],
    ) -> None:
        self.failure: ClaudeError | None = None
        self._ask, self._size, self._cancel = ask, size, cancel
        self._model = model
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._waiting: defaultdict[str, deque[int]] = defaultdict(deque)
        self._under_way: Counter[str] = Counter()
        self.errands = Errands(self.check)

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
        for index in indices:
            self._waiting[self._model(index)].append(index)
        size = min(self._size, len(indices))
        pool = ThreadPoolExecutor(size, thread_name_prefix="sweep")
        asked = [pool.submit(self._work) for _ in range(size)]
        for each in asked:
            each.add_done_callback(lambda _: self.errands.wake())
        try:
            self._serve(asked)
        finally:
            if not all(each.done() for each in asked):
                self.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            self._end(asked)
            pool.shutdown()  # nothing is left to do: the threads end
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

    def give_up_after(self, error: ClaudeError, model: str) -> None:
        """Lets no further variant begin that this error would meet as well.

        Args:
            error: what one of them has met.
            model: which it was asked of. A rate limit is its own, and one that was
                worth waiting for has been waited for.
        """
        is_for_all = isinstance(error, _FOR_ALL)
        if not is_for_all and not isinstance(error, RateLimitError):
            return
        self.failure = self.failure or error
        with self._lock:
            for each in list(self._waiting) if is_for_all else [model]:
                self._waiting[each].clear()

    def _work(self) -> None:
        while self._next():
            pass

    def _next(self) -> bool:
        """Asks the next variant of the model with the fewest under way, if any is left."""
        with self._lock:
            left = [model for model, queue in self._waiting.items() if queue]
            if not left or self._stopping.is_set():
                return False
            model = min(left, key=lambda it: (self._under_way[it], self._waiting[it]))
            index = self._waiting[model].popleft()
            self._under_way[model] += 1
        try:
            self._ask(index)
        finally:
            with self._lock:
                self._under_way[model] -= 1
        return True

    def _serve(self, asked: Sequence[Future[None]]) -> None:
        """Waits for all, and runs meanwhile what they hand over."""
        while left := [each for each in asked if not each.done()]:
            self.errands.serve(_LOOK)
            self._stop_at_a_fault([each for each in left if each.done()])

    def _stop_at_a_fault(self, done: list[Future[None]]) -> None:
        """Stops the others where one has met a fault of ours."""
        if any(not each.cancelled() and each.exception() for each in done):
            self.stop()

    def _end(self, asked: Sequence[Future[None]]) -> None:
        """Waits for all, and ends also what had not quite begun a moment ago."""
        while left := [each for each in asked if not each.done()]:
            wait(left[:1], _LOOK)  # of one that was cancelled unbegun it says nothing
            self._cancel()
