"""Displays in a notebook cell that follow an answer while it comes.

The last display holds the unfinished end, which is sent again at each update, and is
kept short: what is finished moves into the display before it, which stays for good
once it is full. So the bytes grow with the answer, not with its square, and at the
end one display remains.
"""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import dataclass

from IPython.display import clear_output, publish_display_data

from routeway_magic.answer import Answer
from routeway_magic.events import (
    Event,
    MessageStart,
    ToolResult,
    Waiting,
)
from routeway_magic.footer import Footer
from routeway_magic.markup import STYLE
from routeway_magic.render.others import Others
from routeway_magic.render.pace import Pace

__all__ = ["MOST_DISPLAYS", "NotebookRenderer"]

MOST_DISPLAYS = 40
"""Front ends hide what comes after 50 outputs of a cell (NOTEBOOK.md C1)."""

# Characters of text that are worth moving: most answers are short and need one display.
_FIRST_MOVED, _MOVED = 2400, 1024
_SHARE_MOVED = 8  # or the part of what they are moved to, which is then sent again
_MOVE_EVERY = 3  # updates: at ten a second, no more than 14 messages
# HTML that fills a display: so that no answer needs more displays than there may be,
# the last ones hold ever more.
_FULL, _FULL_ONES = 7000, 32
_GROWTH = 2
_BYTES_A_SECOND = 200_000  # how much of one long block may be sent again


@dataclass(slots=True)
class _Display:
    """One display of the cell.

    Args:
        display_id: "" until it is shown.
        html: what was moved into it.
    """

    display_id: str = ""
    html: str = ""


class NotebookRenderer:
    """Shows an answer as safe HTML, at most ten times a second; one entry remains.

    Args:
        quiet: leave out the status line and the footer.
        alone: whether the cell shows nothing else. Its outputs may then be cleared
            when the answer is complete; otherwise one display is used throughout.
            Nothing is cleared once something else stands there, such as what a tool
            has printed: from then on one display is used below it.
        format: what the text is shown as (see `formats`).
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        alone: bool = False,
        format: str = "markdown",  # noqa: A002 - the option's name
    ) -> None:
        self._quiet = quiet
        self._alone = alone
        self._answer = Answer(format=format)
        self._status = ""
        self._since = 0.0
        self._displays = 0
        self._end = _Display()
        self._finished: _Display | None = None  # the one before it, until it is full
        self._updates = 0  # since something was moved
        self._others = Others()
        self._below = False  # something else stands above the end
        self._calls = False  # they run, or the user is asked
        self._lock = threading.Lock()
        self._pace = Pace(self._show)

    def handle(self, event: Event) -> None:
        """Takes one event; shows it now or soon."""
        if isinstance(event, Waiting):
            with self._lock:
                if event.here:
                    self._await_calls()
            self._wait(event.reason)
            return
        with self._lock:
            if isinstance(event, ToolResult):
                self._make_room(event)
            elif isinstance(event, MessageStart):
                self._calls = False
            is_new = self._answer.handle(event)
            is_first = is_new and bool(self._status)
            if is_new:
                self._status = ""
        if is_new:
            self._pace.touch(at_once=is_first)

    def close(self, footer: Footer | None) -> None:
        """Leaves the whole answer with its footer; nothing if nothing came.

        An error says for itself what happened, so no footer stands above it then.
        """
        self._pace.close()
        self._others.close()
        sections = self._answer.transcript.sections
        failed = footer is None or footer.status == "failed"
        nothing_came = failed and not sections
        if nothing_came and not self._displays:
            return
        if nothing_came and self._alone:
            clear_output(wait=True)  # type: ignore[no-untyped-call]
            return  # the error comes next, and stands alone
        line = "" if self._quiet or nothing_came or footer is None else footer.text
        clears = self._displays > 1 and not self._is_shared
        if clears:
            clear_output(wait=True)  # type: ignore[no-untyped-call]
            self._end = _Display()
        bundle = self._answer.bundle(line, rest=self._displays > 1 and not clears)
        del self._answer  # its memory is better used for the message
        self._publish(self._end, bundle)

    def _wait(self, reason: str) -> None:
        if not self._quiet:
            with self._lock:
                self._status, self._since = reason, time.monotonic()
            self._pace.touch()

    def _show(self) -> float:
        """Sends what is new; gives the seconds that it should not be sent again."""
        with self._lock:
            moves = self._alone and not (self._below or self._calls)
            sent = self._move_finished() if moves else 0
            if self._status or self._answer.is_silent:
                self._pace.again(1.0)  # the seconds go on
            tail = self._answer.tail(self._waiting_for())
            if tail or self._end.display_id:
                self._send(self._end, tail)
            return (sent + len(tail)) / _BYTES_A_SECOND

    def _waiting_for(self) -> str:
        seconds = int(time.monotonic() - self._since)
        lasted = f" {seconds} s" if seconds else ""
        return f"{self._status} …{lasted}" if self._status else ""

    def _move_finished(self) -> int:
        """Moves what is finished out of the end; gives the size of what was sent."""
        self._updates += 1
        target = self._finished or self._end
        least = _MOVED if self._finished or self._displays > 1 else _FIRST_MOVED
        enough = max(least, len(target.html) // _SHARE_MOVED)
        html = self._answer.freeze(enough) if self._updates >= _MOVE_EVERY else ""
        if not html:
            return 0
        if target is self._end:
            self._end = _Display()
        # One style serves the page; nothing is coloured before this.
        target.html = target.html or (STYLE if self._displays <= 1 else "")
        target.html += html
        self._send(target, target.html)
        self._finished = None if self._is_full(target) else target
        self._updates = 0
        return len(target.html)

    def _await_calls(self) -> None:
        """Has one display stand where a tool, or its user, is about to write."""
        if self._displays > 1 and not self._is_shared:
            with self._others.own():
                clear_output(wait=True)  # type: ignore[no-untyped-call]
            self._start_over()
            self._send(self._end, self._answer.tail())
        self._others.listen()
        if not self._calls:
            self._others.since()  # what came before the calls is not theirs
        self._calls = True

    def _make_room(self, result: ToolResult) -> None:
        """Goes on below what a call has shown; from the beginning if it has cleared."""
        is_below = self._others.since(patient=True) or result.apart
        if self._others.cleared:
            self._start_over()
        elif is_below:
            self._begin_below()
        self._below = self._below or is_below

    @property
    def _is_shared(self) -> bool:
        """Whether the cell shows something else, which stays."""
        return self._below or self._others.any

    def _start_over(self) -> None:
        """Shows all of it once more: none of it stands in the cell."""
        self._answer.begin_again()
        self._end, self._finished, self._displays = _Display(), None, 0
        self._others.cleared = False

    def _begin_below(self) -> None:
        """Leaves what stands here: something of the cell's own is shown below it."""
        rest = self._answer.break_off()
        if rest or self._end.display_id:
            self._send(self._end, (STYLE if self._displays <= 1 else "") + rest)
        self._end, self._finished = _Display(), None

    def _is_full(self, display: _Display) -> bool:
        enough = _FULL * _GROWTH ** max(self._displays - _FULL_ONES, 0)
        return len(display.html) >= enough and self._displays < MOST_DISPLAYS

    def _send(self, display: _Display, html: str) -> None:
        # The Markdown comes with the final output, once.
        self._publish(display, {"text/html": html, "text/plain": ""})

    def _publish(self, display: _Display, data: dict[str, str]) -> None:
        is_new = not display.display_id
        if is_new:
            display.display_id = uuid.uuid4().hex
            self._displays += 1
        transient = {"display_id": display.display_id}
        with self._others.own():
            publish_display_data(data, transient=transient, update=not is_new)  # type: ignore[no-untyped-call]
