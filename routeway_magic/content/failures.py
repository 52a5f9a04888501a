"""Exceptions: what is told of one, and what is sent to have it repaired."""

from __future__ import annotations

import traceback
from types import TracebackType

from routeway_magic.content.described import Described, Limits
from routeway_magic.content.dispatch import register
from routeway_magic.content.guarded import kind_of, name_of
from routeway_magic.content.places import is_cell, is_of_a_library, lines_of, place_of
from routeway_magic.content.shorten import shorten
from routeway_magic.content.tracebacks import failure_text, stack_text

__all__ = ["describe_failure", "describe_for_repair", "failing_places"]

_MARK = "---->"
_SHARE_OF_SOURCE = 0.6
_GAP = "       …"

Place = tuple[str, int]
"""A file name as code objects have it, and a line counted from 1."""


@register(BaseException)
def describe_failure(error: BaseException, limits: Limits) -> Described:
    """An exception as Python prints it, with its causes, notes and traceback.

    Args:
        error: as it was caught.
        limits: how much may be sent.
    """
    text, left_out = failure_text(error, limits.characters)
    return Described(kind=kind_of(error), text=text, left_out=left_out)


@register(TracebackType)
def describe_traceback(value: TracebackType, limits: Limits) -> Described:
    """A traceback without its exception."""
    text, left_out = stack_text(value, limits.characters)
    return Described(kind="traceback", text=text, left_out=left_out)


def describe_for_repair(
    error: BaseException, limits: Limits, source: str = ""
) -> Described:
    """What is sent to have a failure repaired: the failing code, marked, and why.

    That is the cell that was run and, if the error came from code of another, that
    cell too; each with a mark at its failing line. Then the traceback.

    Args:
        error: as it was caught, with its traceback.
        limits: how much may be sent.
        source: of the cell that was run, for where Python no longer has it.
    """
    places = failing_places(error)
    room = int(limits.characters * _SHARE_OF_SOURCE) // max(len(places), 1)
    told, codes = [], []
    for place in places:
        typed = source if place == places[0] and is_cell(place[0]) else ""
        code, missing = _marked(_lines(place[0], typed), place[1], room)
        if typed.lstrip().startswith("%%"):  # Python knows but one line of it
            code, missing = shorten(typed, room)[0], 0
        codes += [f"{place_of(place[0])}:\n{code}\n\n"] if code else []
        told += [f"{missing:,} lines of {place_of(place[0])}"] if missing else []
    code = "".join(codes) or _unmarked(source, room)
    failure, missing_frames = failure_text(error, limits.characters - len(code))
    told += [missing_frames] if missing_frames else []
    where = " and ".join(place_of(*place) for place in places)
    return Described(
        kind=name_of(type(error)),
        size=f"in {where}" if where else "",
        text=code + failure,
        left_out="; ".join(told),
    )


def failing_places(error: BaseException) -> list[Place]:
    """Where an error passed through the user's code: first and innermost place.

    Cells come before files of the user's. One place if both are in the same cell or
    file, the innermost; none if it is all in libraries.
    """
    if isinstance(error, SyntaxError) and error.filename and error.lineno:
        return [(error.filename, error.lineno)]
    walked = [
        (frame.f_code.co_filename, line)
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    cells = [place for place in walked if is_cell(place[0])]
    own = cells or [place for place in walked if not is_of_a_library(place[0])]
    if not own:
        return []
    return own[-1:] if own[0][0] == own[-1][0] else [own[0], own[-1]]


def _lines(filename: str, source: str) -> list[str]:
    """As the user typed them: Python has `%time f()` as a call to the shell."""
    found = [line.rstrip("\n") for line in lines_of(filename)]
    typed = source.splitlines()
    return typed if typed and len(found) in (0, len(typed)) else found


def _unmarked(source: str, room: int) -> str:
    return f"{shorten(source, room)[0]}\n\n" if source else ""


def _marked(lines: list[str], line: int, room: int) -> tuple[str, int]:
    """Numbered lines around one that is marked, and how many are missing."""
    if not 0 < line <= len(lines):
        return "", 0
    first = last = line
    numbered = {line: _numbered(lines, line, line)[: max(room, 0)]}
    room -= len(numbered[line]) + 2 * len(_GAP)
    while first > 1 or last < len(lines):
        wider = [n for n in (first - 1, last + 1) if 0 < n <= len(lines)]
        added = {n: _numbered(lines, n, line) for n in wider}
        room -= sum(len(text) + 1 for text in added.values())
        if room < 0:
            break
        numbered |= added
        first, last = max(first - 1, 1), min(last + 1, len(lines))
    text = "\n".join(numbered[n] for n in sorted(numbered))
    before, after = (
        ("" if first == 1 else f"{_GAP}\n"),
        ("" if last == len(lines) else f"\n{_GAP}"),
    )
    return f"{before}{text}{after}", len(lines) - len(numbered)


def _numbered(lines: list[str], number: int, marked: int) -> str:
    mark = _MARK if number == marked else " " * len(_MARK)
    return f"{mark} {number} {lines[number - 1]}".rstrip()
