r"""TeX in Markdown: where it ends, and which of it may be typeset.

The dollar rule is pandoc's: a `$` opens before a non-blank and closes after one,
unless a digit follows, so that "$5 and $10" stays prose. MathJax keeps macros,
colours and labels for the whole page (`\def\sin{...}` changes every later formula)
and can make links and styles, so that TeX that asks for those is shown, not typeset.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

from routeway_magic.markup.text import escape

__all__ = ["MAX_TEX", "closing_of", "end_of_math", "math_html", "typesettable"]

MAX_TEX = 10_000
"""TeX longer than this is shown as code: typesetting it would block the page."""

_ENVIRONMENTS = (
    "align|alignat|aligned|alignedat|array|Bmatrix|bmatrix|cases|CD|dcases|eqnarray|"
    "equation|flalign|gather|gathered|matrix|multline|pmatrix|prooftree|rcases|"
    "smallmatrix|split|subarray|Vmatrix|vmatrix"
)

# Possessive throughout: each character is looked at once, whatever comes.
_DOLLAR = re.compile(r"\$(?![\s$])(?:[^\\$`]++|\\[^`])*+(?<!\s)\$(?!\d)")
_DOLLARS = re.compile(
    r"\$\$(?!\s*+\$\$)(?:[^\\$]++|\\.|\$(?!\$))++\$\$",
    re.DOTALL,
)
_PARENTHESES = re.compile(r"\\\((?!\s*+\\\))(?:[^\\]++|\\[^()])++\\\)")
_BRACKETS = re.compile(r"\\\[(?!\s*+\\\])(?:[^\\]++|\\[^\[\]])++\\\]")
_OPENER = re.compile(rf"\$\$|\\\[|\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}")
_PAIR = re.compile(
    rf"\\(?:(begin|end)\{{((?:{_ENVIRONMENTS})\*?)\}}|.)",
    re.DOTALL,
)

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


def end_of_math(text: str, start: int, stop: int | None = None) -> int:
    """Where the formula that begins at `start` ends, or -1 if none begins there.

    Args:
        text: inline Markdown.
        start: the position of a `$` or a backslash.
        stop: where the text ends, if before its end.
    """
    stop = len(text) if stop is None else stop
    if text.startswith("\\begin{", start):
        end = _environments(text).get(start, -1)
        return end if end <= stop else -1
    pattern = _pattern(text[start : start + 2])
    found = pattern.match(text, start, stop) if pattern else None
    return found.end() if found else -1


def closing_of(line: str) -> str | None:
    """What closes the display formula that a line begins with, or None.

    Args:
        line: a line without its indentation.
    """
    opener = _OPENER.match(line)
    if opener is None:
        return None
    if opener[1]:
        return rf"\end{{{opener[1]}}}"
    return {"$$": "$$", "\\[": "\\]"}[opener[0]]


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


def _pattern(beginning: str) -> re.Pattern[str] | None:
    if beginning == "\\(":
        return _PARENTHESES
    if beginning == "\\[":
        return _BRACKETS
    if beginning == "$$":
        return _DOLLARS
    return _DOLLAR if beginning.startswith("$") else None


@functools.lru_cache(maxsize=4)  # asked once for each `\begin` of the same text
def _environments(text: str) -> Mapping[int, int]:
    """The start and end of each environment that is closed, in one pass."""
    opened: dict[str, list[int]] = {}
    ends: dict[int, int] = {}
    for token in _PAIR.finditer(text):
        if token[1] == "begin":
            opened.setdefault(token[2], []).append(token.start())
        elif token[1] == "end" and opened.get(token[2]):
            ends[opened[token[2]].pop()] = token.end()
    return ends
