"""What else is shown in a cell while an answer is, by tools and their threads."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from IPython.core.getipython import get_ipython

__all__ = ["Others"]

_PIPE = 0.005  # seconds: a program writes by way of a pipe and a thread
_ONE_AT_A_TIME = threading.Lock()


class Others:
    """Notes whether anything but the answer's own displays has been shown.

    The streams and the shell's display publisher are listened to themselves, whoever
    holds them: a logger that was set up long before is heard as `print` is, and so is
    whatever a file descriptor brings, once the kernel has read it.
    """

    def __init__(self) -> None:
        self.any = False
        self.cleared = False
        self.ends_line = True  # what was written last
        self._since = False
        self._own = threading.local()
        self._taps: list[_Tap] = []

    def listen(self) -> None:
        """Begins, unless it has begun."""
        if self._taps:
            return
        publisher = getattr(get_ipython(), "display_pub", None)
        for owner, method in (
            (sys.stdout, "write"),
            (sys.stderr, "write"),
            (publisher, "publish"),
            (publisher, "clear_output"),
        ):
            note = self._note_clearing if method == "clear_output" else self._note
            with suppress(AttributeError, TypeError):  # it may be anybody's object
                self._taps.append(_Tap(owner, method, note))

    def close(self) -> None:
        """Ends; what was noted stays."""
        for tap in reversed(self._taps):
            tap.remove()
        self._taps.clear()

    @contextmanager
    def own(self) -> Iterator[None]:
        """What this thread shows within the `with` block is the answer's own."""
        self._own.on = True
        try:
            yield
        finally:
            self._own.on = False

    def since(self, *, patient: bool = False) -> bool:
        """Whether something was shown since this was last asked.

        Args:
            patient: wait a moment for what a program may have written.
        """
        if patient and not self._since:
            time.sleep(_PIPE)
        since, self._since = self._since, False
        return since

    def _note(self, *given: Any) -> None:
        if not getattr(self._own, "on", False):
            self.any = self._since = True
            if given and isinstance(given[0], str):
                self.ends_line = given[0].endswith("\n")

    def _note_clearing(self, *given: Any) -> None:
        if not getattr(self._own, "on", False):
            self.cleared = True
            self._note(*given)


class _Tap:
    """Stands in for a method of one object, and tells of each call first.

    Args:
        owner: whose method it is.
        method: its name.
        note: is called before it.
    """

    def __init__(self, owner: Any, method: str, note: Callable[..., None]) -> None:
        self.owner, self.method = owner, method
        self.note: Callable[..., None] | None = note
        with _ONE_AT_A_TIME:
            self.before = vars(owner).get(method)  # another tap, if any
            self._inner = getattr(owner, method)
            setattr(owner, method, self)

    def __call__(self, *args: Any, **named: Any) -> Any:
        if self.note:
            self.note(*args)
        return self._inner(*args, **named)

    def remove(self) -> None:
        """Gives the method back; below another one's tap it stays, and is silent."""
        self.note = None
        with _ONE_AT_A_TIME:
            if vars(self.owner).get(self.method) is not self:
                return
            below = self.before
            while isinstance(below, _Tap) and below.note is None:
                below = below.before
            if below is None:
                delattr(self.owner, self.method)
            else:
                setattr(self.owner, self.method, below)
