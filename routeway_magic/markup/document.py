"""A text of Markdown, or a part of one, as safe HTML: always, whatever it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from routeway_magic.markup.text import escape, without_surrogates

if TYPE_CHECKING:
    from routeway_magic.markup.renderer import Renderer

__all__ = ["rendered", "to_html", "wrapped"]


def to_html(markdown: str, *, typeset: bool = True, highlight: bool = True) -> str:
    """Markdown as one `<div class="rw ...">` that is safe to show in a trusted page.

    It always returns: a text that trips the parser is shown as it was written.

    Args:
        markdown: any text.
        typeset: whether formulas are left to MathJax; otherwise their TeX is shown.
        highlight: whether code is coloured.
    """
    from routeway_magic.markup.renderer import Renderer

    renderer = Renderer(typeset=typeset, highlight=highlight)
    return wrapped(rendered(markdown, renderer, {}))


def rendered(markdown: str, renderer: Renderer, definitions: dict[str, Any]) -> str:
    """The HTML of a text or of a part of one, without the element around it.

    Args:
        markdown: any text.
        renderer: what writes it; it counts what all parts may hold together.
        definitions: link definitions known so far; those of this text are added.
    """
    from routeway_magic.markup.parser import parser

    text = without_surrogates(markdown)
    try:
        return renderer.render(parser().parse(text, {"references": definitions}))
    except Exception:  # noqa: BLE001 - whatever trips a parser, the answer is shown
        return f"<pre>{escape(text)}</pre>"


def wrapped(*html: str) -> str:
    """Our HTML in the element that everything of ours stands in.

    Args:
        html: its parts, one after another.
    """
    # MathJax looks for formulas only where a span of ours asks for it.
    start = '<div class="rw tex2jax_ignore mathjax_ignore">'
    return "".join([start, *html, "</div>"])
