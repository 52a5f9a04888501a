"""An answer on its way to the panel: what is finished once, of the rest what changed.

The panel appends what is finished to what it has. The rest is replaced at each update,
but most of it is the same as before: so the front end keeps its beginning, and is sent
only what follows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from routeway_magic.answer import Answer
from routeway_magic.errors import Interrupted
from routeway_magic.events import Event, ToolResult, Waiting
from routeway_magic.footer import Footer
from routeway_magic.markup import STYLE
from routeway_magic.markup.document import wrapped
from routeway_magic.render.pace import Pace
from routeway_magic.types import JSONObject

__all__ = ["Streamed", "units"]

_INTERVAL = 0.3  # seconds: a message costs 650 bytes, whatever is in it
_FINISHED = 400  # characters of text that are worth appending
_BEFORE, _AFTER = wrapped("\0").split("\0")
_SEAM = _AFTER + _BEFORE


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
        self.is_rewritten = False
        self.waiting = ""
        self._id = id
        self._send = send
        self._stopped = stopped
        self._answer = Answer()
        self._finished = ""
        self._tail = ""
        self._seq = 0
        self._lock = lock
        self._pace = Pace(self._show, _INTERVAL)

    @property
    def html(self) -> str:
        """What the front end has so far."""
        return self._finished + self._tail

    @property
    def position(self) -> JSONObject:
        """What the front end has so far, for one that has lost it."""
        with self._lock:
            return {"seq": self._seq, "frozen": self._finished, "tail": self._tail}

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
            is_first = self._answer.handle(event) and not self.html
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
            whole = self._answer.bundle()["text/html"].removeprefix(STYLE)
            rest = _after(self._finished, whole)
            if rest is None:
                self.is_rewritten = True
                self._finished, self._tail = whole, ""
            elif rest or self._tail:
                self._update(rest, "")

    def _show(self) -> float:
        """Sends what is new; there is no more to wait for than the pace."""
        with self._lock:
            if self._answer.is_silent:
                self._pace.again(1.0)  # the seconds go on
            frozen = self._answer.freeze(_FINISHED)
            tail = self._answer.tail(timed=False)
            if frozen or tail != self._tail:
                self._update(frozen, tail)
        return 0.0

    def _update(self, frozen: str, tail: str) -> None:
        kept = _common(self._tail, tail)
        self._seq += 1
        self._finished, self._tail = self._finished + frozen, tail
        self._send(
            {
                "type": "delta",
                "id": self._id,
                "seq": self._seq,
                "frozen": frozen,
                "keep": units(tail[:kept]),
                "tail": tail[kept:],
            }
        )


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = zip(one, other, strict=False)
    return next(
        (at for at, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other))
    )


def units(text: str) -> int:
    """The length of a text as JavaScript counts it, in UTF-16 units."""
    return len(text) + sum(character > "\uffff" for character in text)


def _after(finished: str, whole: str) -> str | None:
    """The HTML that makes the whole of what is finished; None if it was otherwise."""
    begun = finished.replace(_SEAM, "").removesuffix(_AFTER)
    joined = whole.replace(_SEAM, "")
    if not joined.startswith(begun):
        return None
    rest = joined[len(begun) :]
    if not begun:
        return rest
    return wrapped(rest.removesuffix(_AFTER)) if rest != _AFTER else ""
