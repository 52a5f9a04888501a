"""Where code stands: the cell that it was typed into, or a file named shortly."""

from __future__ import annotations

import linecache
import re
import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["cells", "is_cell", "is_of_a_library", "lines_of", "place_of"]

_CELL_FILE = re.compile(r"<ipython-input-(\d+)-|ipykernel_\d+[/\\]\d+\.py$")
_COMPILED = (".pyx", ".pxi", ".pxd")
_NUMBER = re.compile(r"\d+")


def is_cell(filename: str) -> bool:
    """Whether the code was typed into a cell."""
    return bool(_CELL_FILE.search(filename))


def place_of(filename: str, line: int | None = None) -> str:
    """A file's name as the user knows it, such as `In [5], line 2` or `fit.py, line 9`.

    Args:
        filename: as code objects have it.
        line: counted from 1.
    """
    name = _cell_name(filename) if is_cell(filename) else _short_name(filename)
    return name if line is None else f"{name}, line {line}"


def lines_of(filename: str, names: dict[str, Any] | None = None) -> list[str]:
    """The lines of a file or a cell as they are now; none if they cannot be read.

    Args:
        filename: as code objects have it.
        names: the globals of the code, for what comes from an archive.
    """
    if not is_cell(filename):
        linecache.checkcache(filename)
    return linecache.getlines(filename, names)


def cells() -> list[str]:
    """The file names of the cells that have run, the latest first."""
    return [name for name in reversed(list(linecache.cache)) if is_cell(name)]


def is_of_a_library(filename: str) -> bool:
    """Whether a file belongs to Python or to what was installed, not to the user."""
    if is_cell(filename):
        return False
    made = filename.startswith("<") or filename.endswith(_COMPILED)
    return made or filename.startswith(_roots())


def _cell_name(filename: str) -> str:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    try:
        _, name = shell.compile.format_code_name(filename)  # type: ignore[union-attr]
    except (AttributeError, TypeError, ValueError):  # no shell, or not one of its cells
        name = filename
    found = _NUMBER.search(name) if name != filename else _CELL_FILE.search(filename)
    number = found and (found.group(1) if found.re is _CELL_FILE else found.group())
    return f"In [{number}]" if number else "a cell"


def _short_name(filename: str) -> str:
    for root in (*_roots(), f"{Path.cwd()}/"):
        if filename.startswith(root):
            return filename[len(root) :]
    return filename


@cache
def _roots() -> tuple[str, ...]:
    """Where installed packages and Python's own are, the innermost first."""
    paths = sysconfig.get_paths()
    wanted = ("purelib", "platlib", "platstdlib", "stdlib")
    return tuple(dict.fromkeys(f"{paths[name]}/" for name in wanted))
