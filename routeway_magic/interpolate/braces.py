"""The braces of a prompt, read once from left to right.

`verbatim.py` says where they mean nothing, `chains.py` what stands between them; what
goes in for those that are left is for the caller to judge.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from routeway_magic.interpolate.chains import body_at, find
from routeway_magic.interpolate.verbatim import Places, segments

__all__ = ["ESCAPED", "Braces", "Found", "braces_at", "scan"]

Part = TypeVar("Part")

ESCAPED = 2
"""As many braces on each side stand for one."""

_NEXT = re.compile(r"[\\`$]|\{+")
_CLOSING = re.compile(r"\}+")
_LINE_OF_A_FENCE = re.compile(r"(?m)^[ \t]*+(\{+)")
_REST_OF_LINE = re.compile(r"[ \t]*+\r?(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Braces:
    """Braces around what may be a chain.

    Args:
        start: where they begin.
        end: where they end.
        depth: how many there are on each side.
        body: what stands between them, as `chains.body_at` gives it.
    """

    start: int
    end: int
    depth: int
    body: re.Match[str]


@dataclass(frozen=True, slots=True)
class Found(Generic[Part]):
    """A stretch of the prompt that holds braces, or may.

    Args:
        start: where it begins.
        end: where it ends.
        part: what goes in, None if it stays as typed.
        place: what it is: "code", "TeX", "mark" (behind one) or "prose".
    """

    start: int
    end: int
    part: Part | None = None
    place: str = "prose"


def scan(
    prompt: str, names: Container[str], judge: Callable[[Braces], Part | None]
) -> Iterator[Found[Part]]:
    """The places that are filled, and those with braces that stay as typed, in order.

    Args:
        prompt: any text.
        names: what is defined in the notebook.
        judge: what goes in for braces where a reference may stand; None if nothing.
    """
    reading = _Scan(prompt, names, judge, Places(prompt))
    for start, stop, fenced in segments(prompt):
        yield from reading.fence(start, stop) if fenced else reading.prose(start, stop)


def braces_at(prompt: str, start: int, behind: int, stop: int) -> Braces | None:
    """The braces around the chain behind a run of opening ones, if there is one.

    Args:
        prompt: any text.
        start: where the run begins.
        behind: where it ends.
        stop: where the text ends.
    """
    body = body_at(prompt, behind, stop)
    closing = _CLOSING.match(prompt, body.end() - 1, stop) if body else None
    if body is None or closing is None:
        return None
    depth = min(behind - start, len(closing[0]))
    if depth > ESCAPED:
        return Braces(start, closing.end(), depth, body)
    return Braces(behind - depth, closing.start() + depth, depth, body)


@dataclass(frozen=True, slots=True)
class _Scan(Generic[Part]):
    prompt: str
    names: Container[str]
    judge: Callable[[Braces], Part | None]
    places: Places

    def fence(self, start: int, stop: int) -> Iterator[Found[Part]]:
        """Only lines that are a reference, and nothing else, are filled."""
        done = start
        for line in _LINE_OF_A_FENCE.finditer(self.prompt, start, stop):
            braces = braces_at(self.prompt, line.start(1), line.end(1), stop)
            alone = braces and braces.start == line.start(1) and self._ends_line(braces)
            part = self.judge(braces) if braces and alone else None
            if braces and part:
                yield Found(done, braces.start, place="code")
                yield Found(braces.start, braces.end, part)
                done = braces.end
        yield Found(done, stop, place="code")

    def prose(self, start: int, stop: int) -> Iterator[Found[Part]]:
        """What begins first counts."""
        at, last = start, self.prompt.rfind("{", start, stop)
        while at <= last and (token := _NEXT.search(self.prompt, at, last + 1)):
            found = self._found(token, stop)
            yield found
            at = found.end

    def _found(self, token: re.Match[str], stop: int) -> Found[Part]:
        at = token.start()
        if not token[0].startswith("{"):
            place = "code" if token[0] == "`" else "TeX"
            return Found(at, self.places.end(at, stop), place=place)
        if end := self.places.end_of_marked(at, stop):
            return Found(at, end, place="mark")
        braces = braces_at(self.prompt, at, token.end(), stop)
        part = self.judge(braces) if braces else None
        if braces and (part or self._stays_whole(braces)):
            return Found(braces.start, braces.end, part)
        return Found(at, token.end())

    def _ends_line(self, braces: Braces) -> bool:
        rest = _REST_OF_LINE.match(self.prompt, braces.end)
        return bool(rest) and "\n" not in self.prompt[braces.start : braces.end]

    def _stays_whole(self, braces: Braces) -> bool:
        nested = braces.body["nested"] is not None
        known = nested and find(braces.body["chain"], self.names) is not None
        return known or braces.depth > ESCAPED
