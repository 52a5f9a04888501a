"""When to show: at once if the last time is long enough ago, else soon, by a timer."""

from __future__ import annotations

import contextvars
import threading
import time
from collections.abc import Callable

__all__ = ["Pace"]

_REST = 4  # showing takes at most a fifth of the time


class Pace:
    """Calls `show` for what is new, at most every `interval` seconds.

    The timer's thread carries the context of the cell, so that what it displays
    lands there; pending text never waits for the next delta.

    Args:
        show: displays everything that is there; gives the seconds to rest after it.
        interval: seconds between two calls, at least; longer where one call is slow.
        by_timer: whether the timer alone shows, for where many threads have something
            new; the first to touch is the one whose context it carries.
    """

    def __init__(
        self,
        show: Callable[[], float],
        interval: float = 0.1,
        *,
        by_timer: bool = False,
    ) -> None:
        self._show = show
        self._interval = interval
        self._by_timer = by_timer
        self._changed = threading.Condition(threading.RLock())
        self._due = 0.0
        self._wanted: float | None = None  # when to show, by the timer
        self._closed = False
        self._thread: threading.Thread | None = None

    def touch(self, *, at_once: bool = False) -> None:
        """Says that there is something new.

        Args:
            at_once: whether it is worth more than the pace, as the first words are.
        """
        with self._changed:
            if self._by_timer:
                self._want(max(self._due, time.monotonic()))
            elif at_once or time.monotonic() >= self._due:
                self._show_now()
            else:
                self._want(self._due)

    def again(self, seconds: float) -> None:
        """Asks to show once more after so many seconds, though nothing new may come."""
        with self._changed:
            self._want(time.monotonic() + seconds)

    def close(self) -> None:
        """Stops the timer; nothing is shown after this."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread:
            self._thread.join()

    def _want(self, when: float) -> None:
        if self._wanted is not None and self._wanted <= when:
            return
        self._wanted = when
        if self._thread is None:
            run = contextvars.copy_context().run
            self._thread = threading.Thread(
                target=run, args=(self._loop,), name="routeway-display", daemon=True
            )
            self._thread.start()
        self._changed.notify()

    def _loop(self) -> None:
        with self._changed:
            while not self._closed:
                wanted = self._wanted
                left = None if wanted is None else wanted - time.monotonic()
                if left is None or left > 0:
                    self._changed.wait(left)
                else:
                    self._show_now()

    def _show_now(self) -> None:
        self._wanted = None
        before, rest = time.monotonic(), 0.0
        try:
            rest = self._show()
        finally:
            after = time.monotonic()
            self._due = after + max(self._interval, rest, _REST * (after - before))
