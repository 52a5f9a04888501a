"""An answer on its way to the panel, at a pace that the front end keeps up with."""

from __future__ import annotations

import threading
from collections.abc import Callable

from routeway_magic.errors import Interrupted
from routeway_magic.events import Event, ToolResult, Waiting
from routeway_magic.footer import Footer
from routeway_magic.panel.patches import Patches
from routeway_magic.render.pace import Pace
from routeway_magic.types import JSONObject

__all__ = ["INTERVAL", "Streamed"]

INTERVAL = 0.3
"""Seconds between two updates: a message costs 650 bytes, whatever is in it."""


class Streamed:
    """Shows one answer by messages to the panel (see `run.shown`).

    `footer` is that of its end, once it has come; `is_rewritten` says whether the whole
    is then otherwise than what was streamed, as it is where a link was defined late.

    Args:
        id: of the question.
        send: takes a message to the front end.
        stopped: set when the user has stopped it.
        lock: held while anything is sent that others must not come between.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the message's member
        *,
        send: Callable[[JSONObject], None],
        stopped: threading.Event,
        lock: threading.RLock,
    ) -> None:
        self.footer: Footer | None = None
        self.waiting = ""
        self._id = id
        self._send = send
        self._stopped = stopped
        self._patches = Patches()
        self._seq = 0
        self._lock = lock
        self._pace = Pace(self._show, INTERVAL)

    @property
    def is_rewritten(self) -> bool:
        """Whether the whole is otherwise than what was streamed."""
        return self._patches.is_rewritten

    @property
    def html(self) -> str:
        """What the front end has so far."""
        return self._patches.html

    @property
    def position(self) -> JSONObject:
        """What the front end has so far, for one that has lost it."""
        with self._lock:
            now = self._patches
            return {"seq": self._seq, "frozen": now.finished, "tail": now.tail}

    def handle(self, event: Event) -> None:
        """Takes one event; sends it now or soon.

        What came of a call is taken in any case: it is kept.

        Raises:
            Interrupted: if the user has stopped it.
        """
        if self._stopped.is_set() and not isinstance(event, ToolResult):
            raise Interrupted("the answer was stopped.")
        if isinstance(event, Waiting):
            self.wait(event.reason)
            return
        with self._lock:
            is_first = self._patches.handle(event) and not self.html
        if is_first:
            self.waiting = ""
        self._pace.touch(at_once=is_first)

    def wait(self, reason: str) -> None:
        """Tells what is being waited for."""
        self.waiting = reason
        self._send({"type": "waiting", "id": self._id, "reason": reason})

    def close(self, footer: Footer | None) -> None:
        """Sends all that is not sent yet, finished for good."""
        self._pace.close()
        with self._lock:
            self.footer = footer
            self._update(self._patches.last())

    def _show(self) -> float:
        """Sends what is new; there is no more to wait for than the pace."""
        with self._lock:
            if self._patches.is_silent:
                self._pace.again(1.0)  # the seconds go on
            self._update(self._patches.next())
        return 0.0

    def _update(self, patch: JSONObject | None) -> None:
        if patch is not None:
            self._seq += 1
            self._send({"type": "delta", "id": self._id, "seq": self._seq, **patch})
