"""The Markdown that models write: CommonMark, tables, strikethrough and TeX.

TeX comes before escapes and before fences (NOTEBOOK.md B2), because Markdown would
take its backslashes, underscores and lines of `=` and `-` for its own.
"""

from __future__ import annotations

import functools

from markdown_it import MarkdownIt
from markdown_it.ruler import RuleOptionsType
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from routeway_magic.formula import closing_of, end_of_math

__all__ = ["MAX_DEPTH", "block_starts", "parser"]

MAX_DEPTH = 20
"""What is nested deeper, in levels of the parser, is shown as it was written."""

_SPARE = 4  # a list opens two levels at once, and the parser drops at its own limit
_MAX_NESTED = 8  # candidates tried for the end of one display formula
_TRAILING = " \t.,;:"  # what prose puts after a display formula
_INTERRUPTS: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
_FENCES = ("```", "~~~")


class _Parser(MarkdownIt):
    """Leaves the judging of links to the renderer: one rule, in one place."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - markdown-it's name
        return True


@functools.cache
def parser() -> MarkdownIt:
    """The parser; it keeps nothing between texts and may be shared by threads."""
    options = {"html": False, "maxNesting": MAX_DEPTH + _SPARE}
    markdown = _Parser("commonmark", options).enable(["table", "strikethrough"])
    markdown.block.ruler.before("table", "deep", _deep_block)
    markdown.block.ruler.before("fence", "math_block", _math_block, _INTERRUPTS)
    markdown.inline.ruler.before("escape", "math", _math)
    markdown.parse("a")  # rules are compiled at first use, which threads must not share
    return markdown


def block_starts(markdown: str) -> list[int]:
    """The numbers of the lines, from 0, on which blocks of the top level begin.

    Args:
        markdown: any text, its lines ended by newlines alone.
    """
    tokens: list[Token] = []
    markdown_it = parser()
    markdown_it.block.parse(markdown, markdown_it, {}, tokens)
    return [
        token.map[0]
        for token in tokens
        if token.level == 0 and token.nesting >= 0 and token.map
    ]


def _math(state: StateInline, silent: bool) -> bool:
    """Rule: a formula within a line."""
    if state.src[state.pos] not in "$\\":
        return False
    end = end_of_math(state.src, state.pos, state.posMax)
    if end < 0:
        return False
    if not silent:
        state.push("math", "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def _math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Rule: lines that are one display formula are a paragraph, whatever is in them."""
    closing = closing_of(_line(state, start))
    if closing is None or state.is_code_block(start):
        return False
    last = _last_line(state, start, end, closing)
    if last is None:
        return False
    if not silent:
        content = state.getLines(start, last + 1, state.blkIndent, keepLastLF=False)
        state.push("paragraph_open", "p", 1).map = [start, last + 1]
        inline = state.push("inline", "", 0)
        inline.content, inline.children = content.strip(), []
        state.push("paragraph_close", "p", -1)
        state.line = last + 1
    return True


def _last_line(state: StateBlock, start: int, end: int, closing: str) -> int | None:
    """The line on which the formula ends, if it ends where a line does."""
    unclosed: dict[str, int] = state.env.setdefault("unclosed", {})
    if start < unclosed.get(closing, 0):
        return None  # it was looked for from an earlier line: never twice
    lines: list[str] = []
    tried = 0
    for line in range(start, end):
        text = _line(state, line)
        if line > start and _ends_paragraph(state, line, text):
            break
        lines.append(text.rstrip(_TRAILING))
        if lines[-1].endswith(closing) and tried < _MAX_NESTED:
            tried += 1
            formula = "\n".join(lines)
            if end_of_math(formula, 0) == len(formula):
                return line
    unclosed[closing] = start + len(lines)
    return None


def _ends_paragraph(state: StateBlock, line: int, text: str) -> bool:
    return not text or state.sCount[line] < state.blkIndent or text.startswith(_FENCES)


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _deep_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Rule: the parser would drop what is nested too deep; it is kept as text."""
    if silent or state.level < MAX_DEPTH:
        return False
    line = start
    while line < end and _continues(state, line):
        line += 1
    token = state.push("code_block", "", 0)
    token.content = state.getLines(start, line, state.blkIndent, keepLastLF=False)
    state.line = line
    return True


def _continues(state: StateBlock, line: int) -> bool:
    indent = state.sCount[line]
    # Negative: a lazy line of a quote. Left alone, it would be parsed at every level.
    return state.isEmpty(line) or indent < 0 or indent >= state.blkIndent
