"""Sweeps in a session of their own, asked of the emulator or of a test's server."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from routeway_magic.events import Event
from routeway_magic.run.session import Session
from routeway_magic.run.sweeping.start import prepared
from routeway_magic.run.sweeping.sweep import Sweep
from routeway_magic.settings import ClaudeSettings
from routeway_magic.sweeps.plan import Plan
from routeway_magic.sweeps.result import Result

__all__ = ["Watched", "opened", "swept", "unsent"]


class Watched:
    """A watcher that notes what it is told, and by which thread."""

    def __init__(self) -> None:
        self.told: list[Any] = []
        self.events: list[tuple[int, Event]] = []
        self.waits: list[tuple[str, float | None]] = []
        self.ended_ones: list[Result] = []
        self.kept: list[Result] = []
        self.began = threading.Event()

    def begin(self, plan: Plan, kept: Sequence[Result]) -> None:
        """Notes it, and the thread."""
        self.kept = list(kept)
        self.told.append(("begin", plan.requests, threading.current_thread()))

    def handle(self, index: int, event: Event) -> None:
        """Notes it."""
        self.events.append((index, event))
        self.began.set()

    def ended(self, result: Result) -> None:
        """Notes it."""
        self.ended_ones.append(result)

    def waiting(self, reason: str, seconds: float | None) -> None:
        """Notes it."""
        self.waits.append((reason, seconds))

    def close(self, sweep: Sequence[Result]) -> None:
        """Notes it, and the thread."""
        self.told.append(("close", len(sweep), threading.current_thread()))


@contextmanager
def opened(**settings: Any) -> Iterator[Session]:
    """A session for the length of a `with` block."""
    session = Session(ClaudeSettings(**settings))
    try:
        yield session
    finally:
        session.close()


def unsent(
    session: Session, prompt: str, grid: Any, *, conversation: str = "", **more: Any
) -> Sweep:
    """A sweep that has sent nothing yet."""
    kept = session.conversation(conversation) if conversation else None
    return prepared(session, prompt, grid, place=session.place(kept), **more)


def swept(session: Session, prompt: str, grid: Any, **more: Any) -> Sweep:
    """A sweep that is over."""
    watch = more.pop("watch", None)
    return unsent(session, prompt, grid, **more).resume(watch=watch)
