"""The user's own code runs on the kernel's main thread, between cells.

Handlers and questions of the panel run on other threads, so that they go on while a
cell is busy. What evaluates the user's expressions waits its turn instead.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from routeway_magic.errors import Interrupted

__all__ = ["on_main_thread"]

_T = TypeVar("_T")
_AT_ONCE = 0.3  # seconds within which a kernel that rests has answered
_LOOK = 0.05  # seconds until a wait notices that it was stopped


def on_main_thread(
    shell: Any,
    work: Callable[[], _T],
    *,
    stopped: threading.Event,
    waits: Callable[[], None],
) -> _T:
    """What the work gives, done on the main thread as soon as no cell runs.

    Without a kernel, as in a script, it is done here and now.

    Args:
        shell: whose main thread.
        work: what to do.
        stopped: set when nobody wants it any more.
        waits: called once if a cell keeps it waiting.

    Raises:
        Interrupted: if it was stopped before it began.
    """
    loop = getattr(getattr(shell, "kernel", None), "io_loop", None)
    if loop is None or threading.current_thread() is threading.main_thread():
        return work()
    future: Future[_T] = Future()
    loop.add_callback(_do, future, work)
    if not _is_done(future, _AT_ONCE):
        waits()
    while not _is_done(future, _LOOK):
        if stopped.is_set() and future.cancel():
            raise Interrupted("the question was stopped before it was sent.")
    return future.result()


def _is_done(future: Future[Any], seconds: float) -> bool:
    return bool(wait([future], seconds).done)


def _do(future: Future[_T], work: Callable[[], _T]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - an interrupt, too, is the work's end
        future.set_exception(error)
