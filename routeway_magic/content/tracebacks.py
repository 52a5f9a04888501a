"""Tracebacks as text, with fewer frames the less room there is.

Files of cells are named as the notebook does, and what the shell does before a cell
runs is no part of it. No value of a variable is read.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby
from traceback import FrameSummary, StackSummary, TracebackException
from types import TracebackType
from typing import Any

from routeway_magic.content.places import is_cell, is_of_a_library, place_of
from routeway_magic.content.shorten import shorten

__all__ = ["failure_text", "stack_text"]

_MOST_FRAMES = 100
_FEW = 3
_BEGINNING = 0.3  # the end tells more: the innermost frame and the message
_A_FILE = re.compile(r'File "([^"\n]*)"')
_Thinned = Callable[[list[FrameSummary]], list[FrameSummary]]


class _Gap(FrameSummary):
    """Stands for frames that are left out."""

    def __init__(self, count: int, of: str) -> None:
        super().__init__(of, count, "", lookup_line=False, line="")


class _Stack(StackSummary):
    """Frames under the names that the user knows."""

    def format_frame_summary(self, frame_summary: FrameSummary, **options: Any) -> str:
        if isinstance(frame_summary, _Gap):
            count = frame_summary.lineno or 0
            frames = f"{count:,} frame{'' if count == 1 else 's'}"
            return f"  [{frames}{frame_summary.filename} left out]\n"
        text = super().format_frame_summary(frame_summary, **options)
        return _A_FILE.sub(_known_name, text, count=1)


def failure_text(error: BaseException, characters: int) -> tuple[str, str]:
    """An exception as Python prints it, and what was left out of it.

    Args:
        error: with its causes, its notes and, of a group, its members.
        characters: at most so many.
    """
    told = TracebackException.from_exception(error, limit=-_MOST_FRAMES)
    chain = list(_chain(told))
    frames = [_frames(one) for one in chain]
    text = ""
    for left_out, thinned in _LEVELS:
        for one, all_frames in zip(chain, frames, strict=True):
            one.stack = _Stack(thinned(all_frames))
        text = "".join(told.format()).rstrip()
        if len(text) <= characters:
            return text, left_out
    text, missing = shorten(text, characters, beginning=_BEGINNING)
    return text, f"{_LEVELS[-1][0]}; {missing}"


def stack_text(value: TracebackType, characters: int) -> tuple[str, str]:
    """A traceback without its exception, and what was left out of it."""
    summary = StackSummary.extract(traceback.walk_tb(value), limit=-_MOST_FRAMES)
    frames = _from_the_first_cell(summary)
    text = ""
    for left_out, thinned in _LEVELS[:-1]:
        lines = _Stack(thinned(frames)).format()
        text = "".join(["Traceback (most recent call last):\n", *lines]).rstrip()
        if len(text) <= characters:
            return text, left_out
    return shorten(text, characters, beginning=_BEGINNING)


def _chain(told: TracebackException) -> Iterator[TracebackException]:
    waiting, seen = [told], set()
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        linked = (one.__cause__, one.__context__, *(one.exceptions or ()))
        waiting += [further for further in linked if further is not None]


def _frames(told: TracebackException) -> list[FrameSummary]:
    filename = getattr(told, "filename", None)  # of a SyntaxError
    if not isinstance(filename, str):
        return _from_the_first_cell(told.stack)
    told.filename = place_of(filename)
    in_shell = is_cell(filename) and not any(is_cell(f.filename) for f in told.stack)
    return [] if in_shell else _from_the_first_cell(told.stack)


def _from_the_first_cell(frames: Iterable[FrameSummary]) -> list[FrameSummary]:
    found = list(frames)
    first = next((n for n, one in enumerate(found) if is_cell(one.filename)), 0)
    return found[first:]


def _known_name(found: re.Match[str]) -> str:
    place = place_of(found[1])
    return f"Cell {place}" if is_cell(found[1]) else f'File "{place}"'


def _all(frames: list[FrameSummary]) -> list[FrameSummary]:
    return frames


def _without_libraries(frames: list[FrameSummary]) -> list[FrameSummary]:
    """The user's frames, and the innermost whosever it is."""
    kept: list[FrameSummary] = []
    for is_foreign, run in groupby(
        frames[:-1], lambda one: is_of_a_library(one.filename)
    ):
        group = list(run)
        kept += [_Gap(len(group), " within libraries")] if is_foreign else group
    return kept + frames[-1:]


def _innermost(frames: list[FrameSummary], count: int = _FEW) -> list[FrameSummary]:
    """The innermost frame, and the last of the user's own before it."""
    own = [
        number
        for number, one in enumerate(frames[:-1])
        if not is_of_a_library(one.filename)
    ]
    chosen = {len(frames) - 1, *(own[1 - count :] if count > 1 else ())}
    kept: list[FrameSummary] = []
    for is_kept, run in groupby(range(len(frames)), chosen.__contains__):
        numbers = list(run)
        kept += [frames[n] for n in numbers] if is_kept else [_Gap(len(numbers), "")]
    return kept


_LEVELS: tuple[tuple[str, _Thinned], ...] = (
    ("", _all),
    ("frames within libraries", _without_libraries),
    (f"all frames but the innermost {_FEW} of the user's", _innermost),
    ("all frames but the innermost", lambda frames: _innermost(frames, 1)),
    ("all frames", lambda _frames: []),
)
