"""One answer of many while it is written: its newest part, in a column."""

from __future__ import annotations

from collections import deque

from routeway_magic.accumulate import text_of
from routeway_magic.call_text import spelled
from routeway_magic.events import (
    ContentBlockDelta,
    ContentBlockStart,
    Event,
    ToolResult,
    Waiting,
)
from routeway_magic.markup import escape
from routeway_magic.markup.growing import GrowingMarkdown
from routeway_magic.types import ContentBlock, JSONObject

__all__ = ["Column"]

_CALL = 80  # characters of a call's arguments that are shown
_THOUGHT = 60  # of the newest thoughts
_KEPT = 400  # of either, blanks and all


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
        self._kind, self._name = "text", ""  # of the block that is being written
        self._silent = ""  # what has come of it, if it is no text

    def handle(self, event: Event) -> int:
        """Takes an event; gives how many characters there are to show for it.

        Args:
            event: of this column's answer.
        """
        if isinstance(event, Waiting):
            return self._tell(f"{event.reason} …")
        if isinstance(event, ContentBlockStart):
            return self._begin(event.content_block)
        if isinstance(event, ContentBlockDelta):
            return self._go_on(event.delta)
        if isinstance(event, ToolResult):
            return self._called(event)
        return 0

    def append(self, text: str) -> int:
        """Takes text; gives its length."""
        if text:
            self._text.append(text)
        return len(text)

    def _begin(self, block: ContentBlock) -> int:
        self._kind, self._silent = str(block.get("type")), ""
        self._name = spelled(str(block.get("name") or ""))[:_CALL]
        if self._kind == "text":
            return self._tell("") + self.append(str(block.get("text") or ""))
        return self._tell(self._doing()) + self._add(str(block.get("thinking") or ""))

    def _called(self, result: ToolResult) -> int:
        """Tells how a call has ended; what comes next is another paragraph."""
        content = result.block.get("content")
        said = (
            content if isinstance(content, str) else text_of({"content": content or []})
        )
        told = " ".join(said.split())
        note = f"{result.name} {result.state}: {told}" if told else result.name
        self._name = ""
        return self.append("\n\n" if self._text.tail else "") + self._tell(
            spelled(note[:_KEPT])[:_CALL]
        )

    def _go_on(self, delta: JSONObject) -> int:
        if isinstance(text := delta.get("text"), str):
            return self.append(text)
        piece = delta.get("thinking") or delta.get("partial_json")
        return self._add(piece) if isinstance(piece, str) else 0

    def _add(self, piece: str) -> int:
        """Takes a piece of what is no text, of which a line is shown."""
        before, silent = self._note, self._silent + piece
        is_thought = self._kind == "thinking"
        self._silent = silent[-_KEPT:] if is_thought else silent[:_KEPT]
        self._note = self._doing()
        return len(piece) if self._note != before else 0

    def _doing(self) -> str:
        """What goes on in a block that is no text, in a line."""
        words = spelled(" ".join(self._silent.split()))
        if self._kind == "thinking":
            return f"thinking … {words[-_THOUGHT:]}"
        if not self._name:
            return f"{self._kind} …"
        cut = "…" if len(words) > _CALL else ""
        return f"calls {self._name} {words[:_CALL]}{cut}"

    def end(self, note: str) -> None:
        """No more will come.

        Args:
            note: what went wrong, or "".
        """
        self._note = note or (self._doing() if self._name else "")

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
