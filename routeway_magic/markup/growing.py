"""Markdown that arrives in pieces: what is finished is rendered once, and kept.

Blocks of Markdown do not look back: once another block has begun at the top level,
nothing that follows changes those before it. So a text may be cut where its last
block begins, and the parts, rendered apart, are the whole. Link definitions are the
one exception, for they count wherever they stand: parts share them, and `finish`
renders anew if one came later than a part that may use it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from routeway_magic.markup.document import rendered, wrapped
from routeway_magic.markup.renderer import Renderer

__all__ = ["GrowingMarkdown", "split_stable"]

_LINE = re.compile(r"([^\r\n]*)(\r\n?|\n)")


@dataclass(frozen=True, slots=True)
class _Part:
    """A finished part.

    Args:
        html: as it was rendered.
        definitions: how many link definitions were known then.
        may_link: whether it holds a bracket, and so perhaps a reference.
    """

    html: str
    definitions: int
    may_link: bool


class GrowingMarkdown:
    """One text, cheap to show at any time while it grows.

    `html_of_tail` costs what the unfinished end costs; `finish` gives the whole, the
    same as `to_html` of it, from parts that are rendered already.
    """

    def __init__(self) -> None:
        self._parts: list[_Part] = []
        self._pieces: list[str] = []
        self._tail: list[str] = []
        self._definitions: dict[str, Any] = {}
        self._renderer = Renderer(typeset=True, highlight=True)
        self.size = 0

    def append(self, piece: str) -> None:
        """Takes the next piece in."""
        self._pieces.append(piece)
        self._tail.append(piece)
        self.size += len(piece)

    @property
    def tail(self) -> str:
        """The text that is not finished yet."""
        if len(self._tail) > 1:
            self._tail = ["".join(self._tail)]
        return self._tail[0] if self._tail else ""

    def freeze(self, *, everything: bool = False) -> str:
        """The HTML of what is finished now, "" if nothing is; it moves out of the tail.

        Args:
            everything: whether the text is complete, so that all of it is finished.
        """
        finished, rest = (self.tail, "") if everything else split_stable(self.tail)
        if not finished:
            return ""
        self._tail = [rest]
        html = rendered(finished, self._renderer, self._definitions)
        self._parts.append(_Part(html, len(self._definitions), "[" in finished))
        return wrapped(html)

    def html_of_tail(self) -> str:
        """The unfinished end, formulas as TeX and code uncoloured: it will change."""
        moving = Renderer(typeset=False, highlight=False)
        return wrapped(rendered(self.tail, moving, dict(self._definitions)))

    def finish(self) -> str:
        """The whole text's HTML."""
        before = self.tail
        html = rendered(before, self._renderer, self._definitions) if before else ""
        known = len(self._definitions)
        if any(part.may_link and part.definitions < known for part in self._parts):
            anew = Renderer(typeset=True, highlight=True)
            return wrapped(rendered("".join(self._pieces), anew, {}))
        return wrapped(*(part.html for part in self._parts), html)


def split_stable(markdown: str) -> tuple[str, str]:
    """The text in two: blocks that nothing can change any more, and the rest.

    Joined, the two are the text; rendered apart, they are the text rendered at once,
    but for link definitions.

    Args:
        markdown: any text, perhaps unfinished.
    """
    from routeway_magic.markup.parser import block_starts

    # Half a line may become anything; so may the last block.
    lines = _LINE.findall(markdown[: markdown.rfind("\n") + 1])
    starts = block_starts("".join(f"{line}\n" for line, _ in lines))
    # A formula may reach over other blocks, but never over a blank line.
    after_blank = [at for at in starts if at and not lines[at - 1][0].strip()]
    kept = lines[: after_blank[-1] if after_blank else 0]
    at = sum(len(line) + len(end) for line, end in kept)
    finished = markdown[:at]
    return (finished, markdown[at:]) if finished.strip() else ("", markdown)
