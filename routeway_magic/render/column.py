"""One answer of many while it is written: its newest part, in a column."""

from __future__ import annotations

from collections import deque

from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    Event,
    Waiting,
)
from routeway_magic.markup import escape
from routeway_magic.markup.growing import GrowingMarkdown

__all__ = ["Column"]


class Column:
    """What has come of one answer, of which the end is shown.

    Args:
        title: its head, safe HTML.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self._text = GrowingMarkdown()
        self._finished: deque[str] = deque()  # HTML that still fits
        self._left_out = False
        self._note = "waits for its turn"

    def handle(self, event: Event) -> int:
        """Takes an event; gives how many characters there are to show for it.

        Args:
            event: of this column's answer.
        """
        if isinstance(event, Waiting):
            return self._tell(f"{event.reason} …")
        if isinstance(event, ContentBlockStart):
            kind = str(event.content_block.get("type"))
            told = self._tell("" if kind == "text" else f"{kind} …")
            return told + self.append(str(event.content_block.get("text") or ""))
        if isinstance(event, ContentBlockDelta):
            return self.append(str(event.delta.get("text") or ""))
        return 0

    def append(self, text: str) -> int:
        """Takes text; gives its length."""
        if text:
            self._text.append(text)
        return len(text)

    def end(self, note: str) -> None:
        """No more will come.

        Args:
            note: what went wrong, or "".
        """
        self._note = note

    def html(self, most: int) -> str:
        """The newest part as safe HTML, and what is going on.

        Args:
            most: characters, about.
        """
        tail = self._text.tail
        if len(tail) > most or self._finished:
            self._freeze(most)
            tail = self._text.tail
        shown = (
            self._text.html_of_tail()
            if len(tail) <= most
            else f"<pre>…{escape(tail[-most:])}</pre>"
        )
        before = '<div class="rw-status">…</div>' if self._left_out else ""
        status = f'<div class="rw-status">{escape(self._note)}</div>'
        return f"{before}{''.join(self._finished)}{shown if tail else ''}{status}"

    def _freeze(self, most: int) -> None:
        """Keeps what is finished as it is, and lets go of what no longer fits."""
        finished = self._text.freeze()
        if finished:
            self._finished.append(finished)
        least = 0 if self._text.tail else 1  # something is to be seen
        while len(self._finished) > least and sum(map(len, self._finished)) > most:
            self._finished.popleft()
            self._left_out = True

    def _tell(self, note: str) -> int:
        """Says what is going on; gives how many characters are new."""
        self._note = note
        return len(note)
