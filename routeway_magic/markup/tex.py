r"""TeX in Markdown: which of it may be typeset.

MathJax keeps macros, colours and labels for the whole page (`\def\sin{...}` changes
every later formula) and can make links and styles, so that TeX that asks for those
is shown, not typeset.
"""

from __future__ import annotations

import re

from routeway_magic.markup.text import escape

__all__ = ["MAX_TEX", "math_html", "typesettable"]

MAX_TEX = 10_000
"""TeX longer than this is shown as code: typesetting it would block the page."""

_LABEL = re.compile(r"\\label\s*\{[^{}]*\}")
# Wherever the name stands, even after a doubled backslash: where MathJax begins to
# read is not ours to know.
_DENIED = re.compile(
    r"\\(?:"
    # give a name a meaning, or set something, for the rest of the page
    r"[A-Za-z]*def|let|futurelet|global|csname|catcode|New[A-Za-z]*|"
    r"(?:re)?new(?!line(?![A-Za-z]))[A-Za-z]*|provide[A-Za-z]*|Declare[A-Za-z]*|"
    r"define[A-Za-z]*|setOptions|mathtoolsset|usetagform|begingroup[A-Za-z]*|endgroup|"
    # load something
    r"require|input|include[A-Za-z]*|"
    # link, or lean on what another formula defined
    r"href|url|ref|eqref|label|"
    # write HTML attributes, styles or elements
    r"html[A-Za-z]*|data|class|cssId|style|bbox|fcolorbox|enclose|"
    r"unicode|mmlToken|mathtip|texttip|toggle"
    r")(?![A-Za-z])"
)


def typesettable(tex: str) -> bool:
    """Whether TeX stays within its own formula.

    Args:
        tex: TeX, delimiters included.
    """
    return len(tex) <= MAX_TEX and _DENIED.search(tex) is None


def math_html(tex: str, *, typeset: bool) -> str:
    """A formula for MathJax, or the same TeX as code.

    Args:
        tex: TeX, delimiters included.
        typeset: whether it may be typeset at all.
    """
    # A label holds for the page: shown a second time, it would be an error.
    unlabelled = _LABEL.sub("", tex)
    if typeset and typesettable(unlabelled):
        inner = escape(unlabelled)
        return f'<span class="tex2jax_process mathjax_process">{inner}</span>'
    return f"<code>{escape(tex)}</code>"
