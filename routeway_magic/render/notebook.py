"""Displays in a notebook cell that follow an answer while it comes.

What is finished stays in displays of its own, and only the end is sent again: the
bytes grow with the answer, not with its square. At the end one display remains.
"""

from __future__ import annotations

import threading
import time
import uuid

from IPython.display import clear_output, publish_display_data

from routeway_magic.answer import Answer
from routeway_magic.events import Event, Waiting
from routeway_magic.footer import Footer
from routeway_magic.markup import STYLE
from routeway_magic.render.pace import Pace

__all__ = ["MOST_DISPLAYS", "NotebookRenderer"]

MOST_DISPLAYS = 40
"""Front ends hide what comes after 50 outputs of a cell (NOTEBOOK.md C1)."""

# Characters that are worth a display of their own: few at first, for most answers are
# short; more later, so that no answer needs more displays than there may be.
_SMALL, _SMALL_ONES = 2800, 5
_LARGE, _LARGE_ONES = 4096, 30
_GROWTH = 2
_BYTES_A_SECOND = 200_000  # how much of one long block may be sent again


class NotebookRenderer:
    """Shows an answer as safe HTML, at most ten times a second; one entry remains.

    Args:
        quiet: leave out the status line and the footer.
        alone: whether the cell shows nothing else. Its outputs may then be cleared
            when the answer is complete; otherwise one display is used throughout.
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
        self._display_id = ""
        self._lock = threading.Lock()
        self._pace = Pace(self._show)

    def handle(self, event: Event) -> None:
        """Takes one event; shows it now or soon."""
        if isinstance(event, Waiting):
            self._wait(event.reason)
            return
        with self._lock:
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
        sections = self._answer.transcript.sections
        failed = footer is None or footer.status == "failed"
        nothing_came = failed and not sections
        if nothing_came and not self._displays:
            return
        if nothing_came and self._alone:
            clear_output(wait=True)  # type: ignore[no-untyped-call]
            return  # the error comes next, and stands alone
        line = "" if self._quiet or nothing_came or footer is None else footer.text
        if self._displays > 1:
            clear_output(wait=True)  # type: ignore[no-untyped-call]
            self._display_id = ""
        self._publish(self._answer.bundle(line))

    def _wait(self, reason: str) -> None:
        if not self._quiet:
            with self._lock:
                self._status, self._since = reason, time.monotonic()
            self._pace.touch()

    def _show(self) -> float:
        """Sends what is new; gives the seconds that it should not be sent again."""
        with self._lock:
            html = self._answer.freeze(self._chunk()) if self._may_freeze() else ""
            if html:
                # One style serves the page; nothing is coloured before this.
                self._send(STYLE + html if self._displays <= 1 else html)
                self._display_id = ""
            if self._status or self._answer.is_silent:
                self._pace.again(1.0)  # the seconds go on
            return self._send(self._answer.tail(self._waiting_for()))

    def _waiting_for(self) -> str:
        seconds = int(time.monotonic() - self._since)
        lasted = f" {seconds} s" if seconds else ""
        return f"{self._status} …{lasted}" if self._status else ""

    def _may_freeze(self) -> bool:
        return self._alone and self._displays < MOST_DISPLAYS

    def _chunk(self) -> int:
        if self._displays <= _SMALL_ONES:
            return _SMALL
        return int(
            _LARGE * _GROWTH ** max(self._displays - _SMALL_ONES - _LARGE_ONES, 0)
        )

    def _send(self, html: str) -> float:
        # The Markdown comes with the final output, once.
        self._publish({"text/html": html, "text/plain": ""})
        return len(html) / _BYTES_A_SECOND

    def _publish(self, data: dict[str, str]) -> None:
        is_new = not self._display_id
        if is_new:
            self._display_id = uuid.uuid4().hex
            self._displays += 1
        publish_display_data(  # type: ignore[no-untyped-call]
            data, transient={"display_id": self._display_id}, update=not is_new
        )
