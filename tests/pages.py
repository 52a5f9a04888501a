"""A page of markup, taken apart."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from routeway_magic.markup import to_html

__all__ = ["ANCHOR_REST", "MATH", "ROOT", "formulas", "inside", "paragraph", "words"]

ROOT = '<div class="rw tex2jax_ignore mathjax_ignore">'
MATH = '<span class="tex2jax_process mathjax_process">'
ANCHOR_REST = ' rel="noopener noreferrer" target="_blank">'


class Words(HTMLParser):
    """Collects what a reader would read."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def handle_data(self, data: str) -> None:
        """Text between tags."""
        self.heard.append(data)


def words(page: str) -> str:
    """The text that a page shows."""
    reader = Words()
    reader.feed(page)
    reader.close()
    return "".join(reader.heard)


def inside(markdown: str, **options: bool) -> str:
    """The HTML within the root element, without newlines between elements."""
    page = to_html(markdown, **options)
    assert page.startswith(ROOT)
    assert page.endswith("</div>")
    inner = page.removeprefix(ROOT).removesuffix("</div>")
    return re.sub(r">\n+<", "><", inner).strip()


def paragraph(inner: str) -> str:
    """A paragraph of that HTML."""
    return f"<p>{inner}</p>"


def formulas(markdown: str) -> list[str]:
    """The TeX that MathJax would be given."""
    found = re.findall(f"{re.escape(MATH)}(.*?)</span>", to_html(markdown), re.DOTALL)
    return [html.unescape(tex) for tex in found]
