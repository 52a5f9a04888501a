"""The calls of a panel's question run where the user's code belongs."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from io import StringIO
from typing import Any

from routeway_magic.errors import Interrupted
from routeway_magic.events import ToolResult
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
        seen = _Seen()
        with suppress(KeyboardInterrupt), _interruptible(), seen.over(self._shell):
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
        told = [result.details, seen.text]
        details = "\n".join(filter(None, (one.rstrip() for one in told)))
        return replace(result, details=details, apart=False)


class _Seen:
    """What a call shows by itself, as text: there is no cell to show it in."""

    def __init__(self) -> None:
        self._written = StringIO()

    @property
    def text(self) -> str:
        """All of it so far."""
        return self._written.getvalue()

    @contextmanager
    def over(self, shell: Any) -> Iterator[None]:
        """Takes what is written, and what this thread displays."""
        publisher = getattr(shell, "display_pub", None)
        hooks = hasattr(publisher, "register_hook")
        if publisher and hooks:
            publisher.register_hook(self._note)
        try:
            with redirect_stdout(self._written), redirect_stderr(self._written):
                yield
        finally:
            if publisher and hooks:
                publisher.unregister_hook(self._note)

    def _note(self, message: Any) -> None:
        """Takes a display's message; None in its place: it is not published."""
        data = message["content"].get("data") or {}
        kinds = ", ".join(kind for kind in data if kind != "text/plain")
        text = str(data.get("text/plain") or "")
        self._written.write(f"displayed: {text}{f' ({kinds})' if kinds else ''}\n")


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
