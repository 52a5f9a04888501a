"""An answer as displays: safe HTML, with the model's own Markdown as text.

It grows: what is finished is rendered once and can be shown for good, so that only
the end is shown again while more arrives.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from routeway_magic import markup
from routeway_magic.blocks import block_html, citation_html
from routeway_magic.events import Event
from routeway_magic.formats import format_html
from routeway_magic.markup.document import wrapped
from routeway_magic.markup.growing import GrowingMarkdown
from routeway_magic.transcript import Section, Transcript
from routeway_magic.turn import Turn
from routeway_magic.types import JSONObject, Message

__all__ = ["Answer", "bundle", "bundle_of_turns"]

_SUPERSCRIPT = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def bundle(message: Message, footer: str = "") -> dict[str, str]:
    """The mime bundle of a whole message; `text/plain` is the raw Markdown.

    Args:
        message: as received.
        footer: a line to put under it.
    """
    return Answer(Transcript.of(message)).bundle(footer)


def bundle_of_turns(
    turns: Sequence[Turn],
    footer: str = "",
    *,
    format: str = "markdown",  # noqa: A002 - the option's name
) -> dict[str, str]:
    """The mime bundle of an answer in several turns, with what tools gave in between.

    Args:
        turns: the one that asked, and those that followed for the same answer.
        footer: a line to put under it.
        format: what the text is shown as (see `formats`).
    """
    return Answer(Transcript.of_turns(turns), format=format).bundle(footer)


class Answer:
    """The displays of one answer.

    Args:
        transcript: what is there already; it is gone on with.
        format: what the text is shown as (see `formats`).
    """

    def __init__(
        self,
        transcript: Transcript | None = None,
        *,
        format: str = "markdown",  # noqa: A002 - the option's name
    ) -> None:
        self._format = format
        self.transcript = transcript or Transcript()
        self._parts: list[_Text | _Formatted | _Block] = []
        self._taken = 0  # sections that have a part
        self._frozen = 0  # parts that are shown for good
        self._begun = 0  # parts that stand in displays before this one
        self._citations: list[JSONObject] = []

    def handle(self, event: Event) -> bool:
        """Takes an event; says whether there is something new to show."""
        return self.transcript.handle(event)

    @property
    def is_silent(self) -> bool:
        """Whether something is going on that sends no text, such as hidden thinking."""
        last = self.transcript.sections[-1] if self.transcript.sections else None
        return last is not None and last.kind == "thinking" and not last.text

    def freeze(self, at_least: int) -> str:
        """The HTML of what is finished, "" if it is too little to be worth a display.

        Args:
            at_least: characters of text that must wait to be frozen.
        """
        self._take()
        waiting = self._parts[self._frozen :]
        if sum(part.waiting for part in waiting) < at_least:
            return ""
        found: list[str] = []
        for part in waiting:
            found.append(part.freeze())
            if not part.is_closed or isinstance(part, _Formatted):
                break
            self._frozen += 1
        return "".join(found)

    def tail(self, status: str = "", *, timed: bool = True) -> str:
        """The HTML of what is not frozen; formulas and code are left plain in it.

        Args:
            status: a line for what is being waited for.
            timed: whether a block that grows tells its seconds, which change all
                that is sent of it.
        """
        self._take()
        parts = [part.tail_html(timed=timed) for part in self._parts[self._frozen :]]
        if status:
            parts.append(wrapped(f"<small>{markup.escape(status)}</small>"))
        return "".join(parts)

    def break_off(self) -> str:
        """The HTML of what is not frozen yet; what comes next stands by itself.

        Something else of the cell has been shown below, or is about to be.
        """
        self._take()
        waiting = self._parts[self._frozen :]
        for part in waiting:
            part.is_closed = True
            part.take()
        rest = [part.freeze() or part.tail_html(timed=True) for part in waiting]
        self._begun = self._frozen = len(self._parts)
        return "".join(rest)

    def begin_again(self) -> None:
        """Has all of it shown anew: what stood before is gone from the cell."""
        self._parts, self._citations = [], []
        self._taken = self._frozen = self._begun = 0

    def bundle(self, footer: str = "", *, rest: bool = False) -> dict[str, str]:
        """The answer as one mime bundle; `text/plain` is the raw Markdown of all of it.

        Args:
            footer: a line to put under it.
            rest: leave out what is frozen, for it stays where it is shown.
        """
        return {
            "text/html": markup.STYLE + self.html(footer, rest=rest),
            "text/plain": markup.printable(self.transcript.markdown),
        }

    def html(self, footer: str = "", *, rest: bool = False) -> str:
        """The whole answer's HTML, without the style that goes with it.

        Args:
            footer: a line to put under it.
            rest: leave out what is frozen, for it stays where it is shown.
        """
        if rest:
            parts = [self.break_off()]
        else:
            self._take()
            parts = [part.html() for part in self._parts[self._begun :]]
        notes = [
            citation_html(_mark(number), citation)
            for number, citation in enumerate(self._citations, start=1)
        ]
        if footer:
            notes.append(f'<div class="rw-footer">{markup.escape(footer)}</div>')
        if notes:
            parts.append(wrapped("".join(notes)))
        return "".join(parts)

    def _take(self) -> None:
        """Gives each new section its part; text that follows text is one part."""
        sections = self.transcript.sections
        for section in sections[self._taken :]:
            last = self._parts[-1] if self._parts else None
            if not section.is_said:
                self._parts.append(_Block(section))
            elif section.kind == "json":
                self._parts.append(_Formatted(section, "json"))
            elif self._format != "markdown":
                self._formatted(section)
            elif isinstance(last, _Text) and not last.is_closed:
                last.sections.append(section)
            else:
                self._parts.append(_Text(section, self._number))
        self._taken = len(sections)
        for part in self._parts[self._frozen : -1]:
            part.is_closed = True
        for part in self._parts[self._frozen :]:
            part.take()

    def _formatted(self, section: Section) -> None:
        for part in reversed(self._parts[self._begun :]):
            if isinstance(part, _Formatted) and part.sections[0].kind == "text":
                part.sections.append(section)
                return
            if isinstance(part, _Block) and part.parts_answers:
                break
        self._parts.append(_Formatted(section, self._format))

    def _number(self, citation: JSONObject) -> str:
        """The mark of a source; the same source has the same one."""
        if citation not in self._citations:
            self._citations.append(citation)
        return _mark(self._citations.index(citation) + 1)


class _Text:
    """Text blocks that follow one another: one Markdown text, cited in places."""

    def __init__(self, section: Section, number: Callable[[JSONObject], str]) -> None:
        self.sections = [section]
        self.is_closed = False
        self._number = number
        self._markdown = GrowingMarkdown()
        self._at = 0  # the section that is being read
        self._read = 0  # how many of its pieces have been
        self._taken = 0  # how many pieces of all sections have been
        self._cited = 0  # how many sections have their marks

    @property
    def waiting(self) -> int:
        """Characters that are not frozen."""
        return len(self._markdown.tail)

    def take(self) -> None:
        """Reads what has arrived since; a section is cited when the next one begins."""
        while True:
            section = self.sections[self._at]
            for piece in section.pieces[self._read :]:
                self._markdown.append(piece)
                self._taken += 1
            self._read = len(section.pieces)
            if self._at + 1 == len(self.sections) and not self.is_closed:
                return
            if self._at == self._cited:
                self._cite(section)
            if self._at + 1 == len(self.sections):
                return
            self._at, self._read = self._at + 1, 0

    def freeze(self) -> str:
        """The HTML of what nothing can change any more."""
        return self._markdown.freeze(everything=self.is_closed)

    def tail_html(self, *, timed: bool) -> str:
        """The HTML of the rest, for now."""
        del timed
        return self._markdown.html_of_tail() if self._markdown.tail else ""

    def html(self) -> str:
        """The HTML of the whole."""
        self.is_closed = True
        self.take()
        if self._taken < sum(len(section.pieces) for section in self.sections):
            return self._anew().html()  # a piece came for a section before the last
        return self._markdown.finish()

    def _anew(self) -> _Text:
        text = _Text(self.sections[0], self._number)
        text.sections = self.sections
        return text

    def _cite(self, section: Section) -> None:
        self._cited += 1
        self._markdown.append("".join(map(self._number, section.sources)))


class _Formatted:
    """All text blocks of an answer that is shown as one thing, once it is whole."""

    def __init__(self, section: Section, format: str) -> None:  # noqa: A002 - the option's name
        self.sections = [section]
        self.is_closed = False
        self.waiting = 0  # it is never frozen in part
        self._format = format

    def take(self) -> None:
        """Nothing is kept: the text is read when it is shown."""

    def freeze(self) -> str:
        """Nothing, before all has come."""
        return ""

    def tail_html(self, *, timed: bool) -> str:
        """The text so far, as it is; shown as what was asked for once it is over."""
        del timed
        return self.html() if self.is_closed else format_html("text", self._text())

    def html(self) -> str:
        """The whole, as what was asked for."""
        return format_html(self._format, self._text())

    def _text(self) -> str:
        return "".join(section.said for section in self.sections)


class _Block:
    """Any other block: shown whole."""

    def __init__(self, section: Section) -> None:
        self.is_closed = False
        self._section = section
        # What comes after a call, or another question, is another answer.
        self.parts_answers = bool(section.result) or section.kind == "question"
        self._began = time.monotonic()
        self._seconds: float | None = None

    @property
    def waiting(self) -> int:
        """Characters that are not frozen."""
        return sum(map(len, self._section.pieces))

    def take(self) -> None:
        """Notes how long it took, once it is over."""
        if self.is_closed and self._seconds is None:
            self._seconds = time.monotonic() - self._began

    def freeze(self) -> str:
        """The block, if it is over."""
        return self.html() if self.is_closed else ""

    def tail_html(self, *, timed: bool) -> str:
        """The block so far; one without text always tells how long it takes."""
        is_timed = timed or not self._section.pieces
        seconds = time.monotonic() - self._began if is_timed else None
        return wrapped(block_html(self._section, seconds=seconds, goes_on=True))

    def html(self) -> str:
        """The block at its end."""
        return wrapped(block_html(self._section, seconds=self._seconds))


def _mark(number: int) -> str:
    return str(number).translate(_SUPERSCRIPT)
