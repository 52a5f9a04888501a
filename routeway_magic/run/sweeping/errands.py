"""What the threads of a sweep have done by the one that waits for them: calls of tools.

A function of the notebook belongs on the thread that runs the cell: there it can print
and plot, it meets no other call of this sweep, and an interrupt reaches it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import Empty, SimpleQueue

from routeway_magic.errors import Interrupted
from routeway_magic.events import ToolResult

__all__ = ["Errands"]

_LOOK = 0.1  # seconds until one that waits looks whether it was stopped

Call = Callable[[], ToolResult]


class Errands:
    """Calls in the order in which they were handed over, run one at a time.

    Args:
        check: raises if what has not begun is not wanted any more.
    """

    def __init__(self, check: Callable[[], None]) -> None:
        self._check = check
        self._queue: SimpleQueue[tuple[Call, Future[ToolResult]] | None] = SimpleQueue()

    def have_done(self, call: Call) -> ToolResult:
        """Waits until the other thread has run this call; one that runs is waited for.

        Args:
            call: what is to be run.

        Raises:
            Interrupted: if it is not wanted any more before it has begun.
            KeyboardInterrupt: if the user stops it.
        """
        asked: Future[ToolResult] = Future()
        self._queue.put((call, asked))
        while not wait([asked], _LOOK).done:
            try:
                self._check()
            except Interrupted:
                if asked.cancel():
                    raise
        if asked.cancelled():
            self._check()
        return asked.result()

    def wake(self) -> None:
        """Ends the wait of `serve`, from any thread."""
        self._queue.put(None)

    def serve(self, seconds: float) -> None:
        """Waits for a call, and runs it.

        Args:
            seconds: how long it waits, at most.

        Raises:
            KeyboardInterrupt: if the user stops it, or the call.
        """
        try:
            handed = self._queue.get(timeout=seconds)
        except Empty:
            return
        if handed and self._ran(*handed) == "stopped":
            raise KeyboardInterrupt

    def _ran(self, call: Call, asked: Future[ToolResult]) -> str:
        """Runs a call that is still wanted; tells how it ended."""
        if not self._is_wanted():
            asked.cancel()
        try:
            if not asked.set_running_or_notify_cancel():
                return "cancelled"
            result = call()
            asked.set_result(result)
        except BaseException as error:
            if not asked.done():
                asked.set_exception(error)
            raise
        return result.state

    def _is_wanted(self) -> bool:
        try:
            self._check()
        except Interrupted:
            return False
        return True
