"""An answer as plain text, written as it comes: terminals, pipes and logs."""

from __future__ import annotations

import sys

from routeway_magic.events import (
    AskedAgain,
    ContentBlockDelta,
    ContentBlockStart,
    ContentBlockStop,
    Event,
    ToolResult,
    Waiting,
)
from routeway_magic.footer import Footer
from routeway_magic.markup import printable
from routeway_magic.render.others import Others
from routeway_magic.transcript import Section, Transcript

__all__ = ["PlainRenderer"]

_MOST_LINES = 12  # of a call's result
_DIM, _PLAIN, _ERASE_LINE = "\x1b[2m", "\x1b[0m", "\r\x1b[K"


class PlainRenderer:
    """Writes the model's Markdown to standard output, control characters made harmless.

    Args:
        quiet: leave out the status line and the footer.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._transcript = Transcript()
        self._open: Section | None = None
        self._written = 0
        self._at_line_start = True
        self._status_shown = False
        self._others = Others()

    def handle(self, event: Event) -> None:
        """Takes one event and writes what it brings."""
        self._others.listen()
        if isinstance(event, Waiting):
            if event.here:
                self._clear_status()  # what is written now stands on its own line
            else:
                self._status(event.reason)
            return
        is_new = self._transcript.handle(event)
        if isinstance(event, ToolResult):
            self._write_result(self._transcript.sections[-1])
        elif isinstance(event, AskedAgain):
            self._end_section()
            self._end_line()
            self._write(self._dim(event.text) + "\n")
        elif isinstance(event, ContentBlockStop):
            self._end_section()
        elif is_new and isinstance(event, (ContentBlockStart, ContentBlockDelta)):
            self._write_pieces()

    def close(self, footer: Footer | None) -> None:
        """Ends the line and adds the footer; an error says itself that nothing came."""
        self._end_section()
        self._clear_status()
        self._end_line()
        self._others.close()
        failed = footer is not None and footer.status == "failed"
        if footer and not self._quiet and (self._transcript.sections or not failed):
            self._write(self._dim(footer.text) + "\n")

    def _write_pieces(self) -> None:
        section = self._transcript.sections[-1]
        if section is not self._open:
            self._end_section()
            self._open, self._written = section, 0
            if not section.is_said:
                self._end_line()
                self._write(self._dim(f"[{section.label}]") + "\n")
        if section.is_said and section.may_hold_a_value:
            return
        pieces = section.pieces[self._written :]
        self._written = len(section.pieces)
        if section.is_said or section.kind == "thinking":
            self._write(printable("".join(pieces)))

    def _write_result(self, section: Section) -> None:
        """The result's first lines; whatever the call has printed stands above."""
        self._end_section()
        self._clear_status()
        if self._others.since():
            self._at_line_start = self._others.ends_line
        self._end_line()
        texts = [
            str(one.get("text") or f"[{one.get('type')}]") for one in section.contents
        ]
        told = section.result.details if section.result else ""
        lines = "\n".join(filter(None, [*texts, told])).strip().splitlines()
        if len(lines) > _MOST_LINES:
            lines[_MOST_LINES:] = [f"… {len(lines) - _MOST_LINES} more lines"]
        self._write(self._dim(f"[{section.label}]") + "\n")
        self._write("".join(f"{printable(line)}\n" for line in lines))

    def _end_section(self) -> None:
        section, self._open = self._open, None
        if section is None:
            return
        if section.is_said:
            if self._written < len(section.pieces):  # it may have held a value
                self._write(printable(section.said))
            return
        if section.kind not in ("thinking", "redacted_thinking"):
            self._write(printable(section.as_json()))
        self._end_line()

    def _status(self, reason: str) -> None:
        if sys.stdout.isatty() and not self._quiet:
            with self._others.own():
                sys.stdout.write(f"{_ERASE_LINE}{self._dim(reason + ' …')}")
            sys.stdout.flush()
            self._status_shown = True

    def _clear_status(self) -> None:
        if self._status_shown:
            with self._others.own():
                sys.stdout.write(_ERASE_LINE)
            sys.stdout.flush()
            self._status_shown = False

    def _end_line(self) -> None:
        if not self._at_line_start:
            self._write("\n")

    def _write(self, text: str) -> None:
        if not text:
            return
        self._clear_status()
        with self._others.own():
            sys.stdout.write(text)
        sys.stdout.flush()
        self._at_line_start = text.endswith("\n")

    def _dim(self, text: str) -> str:
        text = printable(text)
        return f"{_DIM}{text}{_PLAIN}" if sys.stdout.isatty() else text
