"""The source of functions and classes, from files and from the cells of a notebook.

Python's own `inspect.getsource` finds no class of a notebook before version 3.13, and
reads a whole file to find any: here a class is looked for where its methods stand,
and else in the cells, the latest first.
"""

from __future__ import annotations

import functools
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from tokenize import TokenError
from types import CodeType
from typing import Any

from routeway_magic.content.guarded import Failed, call, is_kind, name_of, own_members
from routeway_magic.content.places import cells, is_cell, lines_of, place_of

__all__ = ["WRAPPERS", "Source", "class_source", "code_of", "function_source", "within"]


WRAPPERS: dict[type, str] = {
    property: "fget",
    functools.cached_property: "func",
    staticmethod: "__func__",
    classmethod: "__func__",
    functools.partialmethod: "func",
}
"""Classes that wrap a function, and the attribute that holds it."""


@dataclass(frozen=True, slots=True)
class Source:
    """Lines of code and where they stand.

    Args:
        lines: as they are in the file; none of a class that is longer than wanted.
        filename: as code objects have it.
        start: the number of the first, counted from 1.
        is_whole: whether the block ends within them.
    """

    lines: list[str]
    filename: str
    start: int
    is_whole: bool

    @property
    def place(self) -> str:
        """File and line, or cell and line."""
        return place_of(self.filename, self.start)

    @property
    def text(self) -> str:
        """The lines as one text."""
        return inspect.cleandoc("\n" + "".join(self.lines)).rstrip()


def code_of(function: Any) -> CodeType | None:
    """The code behind a function, seen through its decorators; None for C's."""
    try:
        inner = call(inspect.unwrap, function)
    except Failed:
        inner = function
    code = getattr(inner, "__code__", None)
    return code if type(code) is CodeType else None


def function_source(function: Any, most: int) -> Source | None:
    """The source of a function with its decorators; None where there is none.

    Args:
        function: anything with code in Python.
        most: how many lines are looked at.
    """
    code = code_of(function)
    if code is None:
        return None
    return _block(
        code.co_filename, lines_of(code.co_filename), code.co_firstlineno, most
    )


def class_source(kind: type, most: int) -> Source | None:
    """The source of a class with its decorators; None where there is none.

    Args:
        kind: a class.
        most: how many lines are looked at.
    """
    methods = [code for code in _codes(kind) if _stands_in(code, kind)]
    firsts = {code.co_filename: code.co_firstlineno for code in reversed(methods)}
    for filename in firsts or _files(kind):
        lines = lines_of(filename)
        start = _class_line(kind, lines, firsts.get(filename, len(lines) + 1))
        if start is not None:
            last = max((code.co_firstlineno for code in methods), default=start)
            if last - start > most:
                return Source([], filename, start, is_whole=False)
            return _block(filename, lines, start, most)
    return None


def within(member: Any) -> Any:
    """The function within a property, a static method and their like, or itself."""
    for kind, name in WRAPPERS.items():
        if is_kind(member, kind):
            return getattr(member, name, None)
    return member


def _codes(kind: type) -> Iterator[CodeType]:
    for member in own_members(kind).values():
        code = code_of(within(member))
        if code is not None:
            yield code


def _stands_in(code: CodeType, kind: type) -> bool:
    """Whether a method was written in the class, and not made for it."""
    return code.co_qualname.startswith(f"{kind.__qualname__}.") and (
        is_cell(code.co_filename) or not code.co_filename.startswith("<")
    )


def _files(kind: type) -> list[str]:
    """Where a class without methods may stand."""
    module = sys.modules.get(kind.__module__)
    file = getattr(module, "__file__", None)
    if isinstance(file, str) and file.endswith(".py"):
        return [file]
    return cells() if kind.__module__ == "__main__" else []


def _class_line(kind: type, lines: list[str], before: int) -> int | None:
    """The line where a class begins: the last so named before its first method."""
    indent = r"\s*" if "." in kind.__qualname__ else ""
    begins = re.compile(rf"{indent}class\s+{re.escape(name_of(kind))}\b")
    for number in range(min(before, len(lines)), 0, -1):
        if begins.match(lines[number - 1]):
            return _first_decorator(lines, number)
    return None


def _first_decorator(lines: list[str], number: int) -> int:
    while number > 1 and lines[number - 2].lstrip().startswith("@"):
        number -= 1
    return number


def _block(filename: str, lines: list[str], start: int, most: int) -> Source | None:
    if not 0 < start <= len(lines):
        return None
    seen = lines[start - 1 : start - 1 + most]
    try:
        block = inspect.getblock(seen)
    except (SyntaxError, TokenError, IndexError):  # the file is another by now
        block = seen
    is_whole = len(block) < len(seen) or start - 1 + len(seen) >= len(lines)
    return Source(block, filename, start, is_whole)
