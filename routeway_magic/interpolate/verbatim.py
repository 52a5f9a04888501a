r"""The places of a prompt where braces are never references.

    fence        CommonMark's, at any indentation, also behind `>` or a list's mark;
                 one that is never closed runs to the end. What begins within a fence
                 ends in it, and nothing else reaches over one.
    code         between runs of as many backticks, within a paragraph or list item;
                 a run that has no partner is plain text.
    math         as the renderer sees it (`formula.py`): `$…$` within a paragraph or
                 list item, `$$…$$`, `\(…\)`, `\[…\]` within lines that are not blank,
                 `\begin{any}…\end{any}` over blank lines too.
    command      `\command` and all `[…]` and `{…}` right behind it, whole; an accent
                 of one letter (`\"{o}`).
    mark         a brace group right after `$`, or after `_` or `^` that follows a
                 letter with no other letter before it, a digit, `)` or `}`.
    escape       a backslash takes the meaning of the punctuation behind it: `\{`, and
                 so in `C:\data\{name}`; `C:/data/{name}` is a reference.

A text that is indented is prose. What begins first counts.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

from routeway_magic.formula import end_of_environment, end_of_math

__all__ = ["Places", "segments"]

_IN_A_BLOCK = r"(?m)^[ \t>]*+"
_ITEM = r"(?:[-+*]|\d{1,9}[.)])[ \t]++"
_FENCE = re.compile(
    rf"{_IN_A_BLOCK}(?:{_ITEM})*+(?P<mark>`{{3,}}+(?=[^`\n]*+$)|~{{3,}}+)[^\n]*+"
)
_FENCE_END = re.compile(rf"{_IN_A_BLOCK}(?P<mark>`{{3,}}+|~{{3,}}+)[ \t]*+\r?$")
_DEEPER = 3  # columns that the end of a fence may stand further right than its start

_BLANK_LINE = re.compile(rf"{_IN_A_BLOCK}\r?$")
_NEW_BLOCK = re.compile(rf"{_IN_A_BLOCK}(?:{_ITEM}|#{{1,6}}[ \t]|\r?$)")
_TICKS = re.compile("`+")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_COMMAND = re.compile(r"\\[A-Za-z@]++\*?")
_OPTIONAL = re.compile(r"\[[^\[\]\n]*+\]")
_ACCENT = re.compile(r"\\[\"'`^~=.]\{\w\}(?!\\)")
_ESCAPE = re.compile(r"\\[!-/:-@\[-`{-~]")


def segments(prompt: str) -> Iterator[tuple[int, int, bool]]:
    """The prompt in parts that follow on one another: start, end, whether a fence.

    Args:
        prompt: any text.
    """
    at = 0
    while fence := _FENCE.search(prompt, at):
        if fence.start() > at:
            yield at, fence.start(), False
        at = _end_of_fence(prompt, fence)
        yield fence.start(), at, True
    if at < len(prompt):
        yield at, len(prompt), False


def _end_of_fence(prompt: str, fence: re.Match[str]) -> int:
    mark, furthest = fence["mark"], _column(prompt, fence) + _DEEPER
    for end in _FENCE_END.finditer(prompt, fence.end()):
        closes = end["mark"][0] == mark[0] and len(end["mark"]) >= len(mark)
        if closes and _column(prompt, end) <= furthest:
            return end.end()
    return len(prompt)


def _column(prompt: str, fence: re.Match[str]) -> int:
    return len(prompt[fence.start() : fence.start("mark")].expandtabs(4))


class Places:
    """Where braces are never references, in the prose of one prompt.

    Args:
        prompt: any text.
    """

    def __init__(self, prompt: str) -> None:
        self._prompt = prompt

    def end(self, at: int, stop: int) -> int:
        """Where the code, math, command or escape that begins here ends.

        Args:
            at: the position of a backtick, a dollar or a backslash.
            stop: where the prose ends.

        Returns:
            The end; for a character that is plain text, what is behind it.
        """
        character = self._prompt[at]
        if character == "`":
            return self._end_of_code(at, stop)
        if character == "\\":
            return self._end_of_command(at, stop)
        display = self._prompt.startswith("$$", at)
        end = end_of_math(self._prompt, at, self._end_of_block(at, stop, lines=display))
        return end if end > 0 else at + 1

    def end_of_marked(self, at: int, stop: int) -> int:
        """Where the brace group after a `$`, `_` or `^` ends; 0 if there is no mark.

        Args:
            at: the position of an opening brace.
            stop: where the prose ends.
        """
        before = self._prompt[max(at - 3, 0) : at].rjust(3)
        marked = before[2] == "$" or (before[2] in "_^" and _may_be_indexed(before[:2]))
        return self._end_of_group(at, stop) or at + 1 if marked else 0

    def _end_of_code(self, at: int, stop: int) -> int:
        found = _TICKS.match(self._prompt, at)
        behind = found.end() if found else at + 1
        starts = self._ticks.get(behind - at, [])
        index = bisect_right(starts, behind - 1)
        if index < len(starts) and starts[index] < self._end_of_block(behind, stop):
            return starts[index] + behind - at
        return behind

    def _end_of_command(self, at: int, stop: int) -> int:
        prompt = self._prompt
        end = end_of_environment(prompt, at, stop)
        if end < 0:
            end = end_of_math(prompt, at, self._end_of_block(at, stop, lines=True))
        if end >= 0:
            return end
        command = _COMMAND.match(prompt, at, stop)
        if command:
            return self._end_of_arguments(command.end(), stop)
        other = _ACCENT.match(prompt, at, stop) or _ESCAPE.match(prompt, at, stop)
        return other.end() if other else at + 1

    def _end_of_arguments(self, at: int, stop: int) -> int:
        while True:
            optional = _OPTIONAL.match(self._prompt, at, stop)
            end = optional.end() if optional else self._end_of_group(at, stop)
            if not end:
                return at
            at = end

    def _end_of_group(self, at: int, stop: int) -> int:
        """Where the brace group that begins here ends; 0 if none does."""
        end = self._groups.get(at, 0)
        return end if end <= stop else 0

    def _end_of_block(self, at: int, stop: int, *, lines: bool = False) -> int:
        """Where the paragraph ends, or with `lines` the lines that are not blank."""
        starts = self._blank_lines if lines else self._blocks
        index = bisect_right(starts, at)
        return min(stop, starts[index]) if index < len(starts) else stop

    @cached_property
    def _blank_lines(self) -> list[int]:
        return [line.start() for line in _BLANK_LINE.finditer(self._prompt)]

    @cached_property
    def _blocks(self) -> list[int]:
        return [line.start() for line in _NEW_BLOCK.finditer(self._prompt)]

    @cached_property
    def _ticks(self) -> dict[int, list[int]]:
        """The starts of the runs of backticks, by their length."""
        starts: dict[int, list[int]] = {}
        for run in _TICKS.finditer(self._prompt):
            starts.setdefault(len(run[0]), []).append(run.start())
        return starts

    @cached_property
    def _groups(self) -> dict[int, int]:
        """The start and end of each brace group, in one pass."""
        opened: list[int] = []
        ends: dict[int, int] = {}
        for token in _BRACES.finditer(self._prompt):
            if token[0] == "{":
                opened.append(token.start())
            elif token[0] == "}" and opened:
                ends[opened.pop()] = token.end()
        return ends


def _may_be_indexed(before: str) -> bool:
    """Whether `_` or `^` after these two characters is an index's or a power's."""
    earlier, last = before[0], before[1]
    return last in ")}" or last.isdigit() or (last.isalpha() and not earlier.isalpha())
