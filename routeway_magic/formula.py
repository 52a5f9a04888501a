r"""Where a TeX formula in Markdown ends: one rule for what is asked and answered.

The dollar rule is pandoc's: a `$` opens before a non-blank and closes after one,
unless a digit follows, so that "$5 and $10" stays prose.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping

__all__ = ["closing_of", "end_of_environment", "end_of_math"]

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
_PAIR = re.compile(r"\\(?:(begin|end)\{([A-Za-z]+\*?)\}|.)", re.DOTALL)


def end_of_math(text: str, start: int, stop: int | None = None) -> int:
    """Where the formula that begins at `start` ends, or -1 if none begins there.

    Args:
        text: inline Markdown.
        start: the position of a `$` or a backslash.
        stop: where the text ends, if before its end.
    """
    stop = len(text) if stop is None else stop
    if text.startswith("\\begin{", start):
        known = _OPENER.match(text, start)
        return end_of_environment(text, start, stop) if known else -1
    pattern = _pattern(text[start : start + 2])
    found = pattern.match(text, start, stop) if pattern else None
    return found.end() if found else -1


def end_of_environment(text: str, start: int, stop: int) -> int:
    r"""Where the environment that begins at `start` ends, or -1 if none begins there.

    Args:
        text: any text.
        start: the position of a `\begin{…}`, of whatever name.
        stop: where it must have ended.
    """
    end = _environments(text).get(start, -1)
    return end if end <= stop else -1


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
