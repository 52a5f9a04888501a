"""Parsed Markdown to HTML; what is not named here cannot come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import thread_time
from typing import TYPE_CHECKING

from routeway_magic.markup.code import MAX_SECONDS, code_to_html
from routeway_magic.markup.links import allowed, anchor
from routeway_magic.markup.tex import math_html
from routeway_magic.markup.text import escape

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["MAX_FORMULAS", "Renderer"]

MAX_FORMULAS = 1_000
"""Formulas after these are shown as code: each costs the page 5 ms (NOTEBOOK.md F)."""

_TEXT = ("p", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "s")
_LISTS = ("ul", "ol", "li", "blockquote")
_TABLES = ("table", "thead", "tbody", "tr", "th", "td")
_TAGS = frozenset((*_TEXT, *_LISTS, *_TABLES))
_ALIGNMENTS = ("center", "right")


class Renderer:
    """Writes the HTML of one text.

    Args:
        typeset: whether formulas are for MathJax, or shown as code.
        highlight: whether code is coloured.
    """

    def __init__(self, *, typeset: bool, highlight: bool) -> None:
        self._typeset = typeset
        self._highlight = highlight
        self._formulas = 0
        self._colouring = 0.0
        self._in_anchor = False
        self._writers: dict[str, Callable[[Token], str]] = {
            "text": lambda token: escape(token.content),
            "inline": lambda token: self.render(token.children or []),
            "softbreak": lambda _: "\n",
            "hardbreak": lambda _: "<br>\n",
            "hr": lambda _: "<hr>\n",
            "code_inline": lambda token: f"<code>{escape(token.content)}</code>",
            "code_block": self._code,
            "fence": self._code,
            "math": self._math,
            "link_open": self._link,
            "link_close": self._link,
            "image": self._image,
        }

    def render(self, tokens: Sequence[Token]) -> str:
        """The tokens as HTML in which only our own tags and attributes occur.

        Args:
            tokens: what the parser made of the text.
        """
        write = self._writers.get
        return "".join(write(token.type, _element)(token) for token in tokens)

    def _code(self, token: Token) -> str:
        highlight = self._highlight and self._colouring < MAX_SECONDS
        began = thread_time()
        html = code_to_html(token.content, token.info, highlight=highlight)
        self._colouring += thread_time() - began
        return html

    def _math(self, token: Token) -> str:
        self._formulas += 1
        typeset = self._typeset and self._formulas <= MAX_FORMULAS
        return math_html(token.content, typeset=typeset)

    def _link(self, token: Token) -> str:
        if token.nesting > 0:
            url = _destination(token, "href")
            self._in_anchor = allowed(url)
            return anchor(url) if self._in_anchor else ""
        was_open, self._in_anchor = self._in_anchor, False
        return "</a>" if was_open else ""

    def _image(self, token: Token) -> str:
        described = " ".join(_words(token.children or []).split())
        label = escape(f"[image: {described}]" if described else "[image]")
        url = _destination(token, "src")
        # Anchors do not nest: an image in a link is part of that link.
        if self._in_anchor or not allowed(url):
            return label
        return f"{anchor(url)}{label}</a>"


def _element(token: Token) -> str:
    if token.hidden:  # a paragraph of a tight list
        return "\n" if token.nesting < 0 else ""
    if token.tag not in _TAGS:
        return escape(token.content)
    if token.nesting < 0:
        return f"</{token.tag}>\n" if token.block else f"</{token.tag}>"
    return f"<{token.tag}{_attribute(token)}>"


def _attribute(token: Token) -> str:
    """The one attribute that an element may have, of the few that mean something."""
    start = token.attrGet("start")
    if token.tag == "ol" and isinstance(start, int):
        return f' start="{start}"'
    side = str(token.attrGet("style") or "").removeprefix("text-align:")
    if token.tag in ("th", "td") and side in _ALIGNMENTS:
        return f' class="rw-{side}"'
    return ""


def _destination(token: Token, name: str) -> str:
    return str(token.attrGet(name) or "")


def _words(tokens: Sequence[Token]) -> str:
    """What an image's description says, without its markup."""
    return "".join(
        _words(token.children) if token.children else token.content or " "
        for token in tokens
        if token.nesting == 0
    )
