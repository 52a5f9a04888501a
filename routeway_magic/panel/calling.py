"""The calls of a panel's question run where the user's code belongs."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

from routeway_magic.errors import Interrupted
from routeway_magic.events import ToolResult
from routeway_magic.panel.displayed import Displayed
from routeway_magic.panel.main_thread import on_main_thread

__all__ = ["MainCalls"]

WAITS = "waits for the cell that runs: functions are called between cells"


class MainCalls:
    """Runs calls on the kernel's main thread, between cells, until it is stopped.

    Args:
        shell: whose main thread.
        stopped: set when the user has stopped the question.
        waits: takes what a call waits for.
    """

    def __init__(
        self, shell: Any, *, stopped: threading.Event, waits: Callable[[str], None]
    ) -> None:
        self._shell = shell
        self._stopped = stopped
        self._waits = waits
        self._runs = False
        self._lock = threading.Lock()

    def __call__(self, call: Callable[[], ToolResult]) -> ToolResult:
        """What came of the call, with what it has printed.

        Raises:
            Interrupted: if it was stopped before it began.
        """
        result = on_main_thread(
            self._shell,
            lambda: self._run(call),
            stopped=self._stopped,
            waits=lambda: self._waits(WAITS),
        )
        # What came too late is kept, and no more is asked.
        return replace(result, state="stopped") if self._stopped.is_set() else result

    def stop(self) -> None:
        """Interrupts the call that runs, if one does."""
        with self._lock:
            if self._runs:
                _interrupt()

    def _run(self, call: Callable[[], ToolResult]) -> ToolResult:
        result: ToolResult | None = None
        displayed = Displayed()
        with suppress(KeyboardInterrupt), _interruptible(), displayed.over(self._shell):
            try:
                with self._lock:
                    self._runs = _is_main()
                if not self._stopped.is_set():
                    result = call()
            finally:
                with self._lock:
                    self._runs = False
        if result is None:
            raise Interrupted("the call was stopped before it began.")
        return replace(displayed.with_result(result), apart=False)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Lets an interrupt through, which the kernel ignores between cells."""
    if not _is_main():
        yield
        return
    usual = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _is_main() -> bool:
    return threading.current_thread() is threading.main_thread()


def _interrupt() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
