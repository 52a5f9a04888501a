"""One interrupt stops a cell; impatient further ones do not disturb its clean-up."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["one_interrupt", "undisturbed"]

_CLEANING_UP = 5.0  # seconds after which a further interrupt is meant for the clean-up


@contextmanager
def one_interrupt() -> Iterator[None]:
    """Lets the first interrupt through and keeps off those that follow soon.

    An interrupt in the midst of clean-up would cost the answer that is being kept.
    Other threads, and a program that handles interrupts its own way, are left alone.
    """
    usual = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or usual is not signal.default_int_handler:
        yield
        return
    first: list[float] = []

    def interrupt(number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if first and now - first[0] < _CLEANING_UP:
            return
        first[:] = [now]
        signal.default_int_handler(number, frame)

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Puts off an interrupt until what must not be left half done is done."""
    usual = signal.getsignal(signal.SIGINT)
    is_main = threading.current_thread() is threading.main_thread()
    if not is_main or not callable(usual):
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: came.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if came:
            usual(*came[0])
