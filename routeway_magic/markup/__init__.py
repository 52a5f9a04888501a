"""Untrusted Markdown to safe HTML.

A model's answer is text from a stranger, and a cell that just ran is trusted by
Jupyter: whatever the text holds, no script, no style, no command and no load from
elsewhere comes out of here (NOTEBOOK.md B1 lists what does otherwise). Importing this
package is cheap; the parser and the lexers are imported at first use.
"""

from __future__ import annotations

from routeway_magic.markup.code import code_to_html
from routeway_magic.markup.style import STYLE
from routeway_magic.markup.text import escape, printable, without_surrogates

__all__ = ["STYLE", "code_to_html", "escape", "printable", "to_html"]


def to_html(markdown: str, *, typeset: bool = True, highlight: bool = True) -> str:
    """Markdown as one `<div class="rw ...">` that is safe to show in a trusted page.

    It always returns: a text that trips the parser is shown as it was written.

    Args:
        markdown: any text.
        typeset: whether formulas are left to MathJax; otherwise their TeX is shown.
        highlight: whether code is coloured.
    """
    text = without_surrogates(markdown)
    try:
        inner = _render(text, typeset=typeset, highlight=highlight)
    except Exception:  # noqa: BLE001 - whatever trips a parser, the answer is shown
        inner = f"<pre>{escape(text)}</pre>"
    # MathJax looks for formulas only where a span of ours asks for it.
    return f'<div class="rw tex2jax_ignore mathjax_ignore">{inner}</div>'


def _render(markdown: str, *, typeset: bool, highlight: bool) -> str:
    from routeway_magic.markup.parser import parser
    from routeway_magic.markup.renderer import Renderer

    tokens = parser().parse(markdown)
    return Renderer(typeset=typeset, highlight=highlight).render(tokens)
